#include "report/html.h"

#include <stdlib.h>
#include <string.h>

static const struct report_style page_style = {.color = false, .unicode = true, .width = 100};

void html_add(struct text *out, const char *string) {
    size_t size = style_clean_size(string);
    char *clean = malloc(size);
    if (!clean) {
        out->failed = true;
        return;
    }
    style_clean(&page_style, string, clean, size);
    for (const char *next = clean; *next;) {
        size_t plain = strcspn(next, "&<>\"'");
        text_add_bytes(out, next, plain);
        next += plain;
        if (!*next)
            break;
        text_printf(out, "&#%d;", *next++);
    }
    free(clean);
}

void html_element(struct text *out, const char *tag, const char *string) {
    text_printf(out, "<%s>", tag);
    html_add(out, string);
    text_printf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void html_item(struct text *out, const char *tag, const char *string) {
    text_printf(out, "<%s>", tag);
    html_add(out, string);
}
