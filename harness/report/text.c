#include "report/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void text_clear(struct text *text) {
    free(text->data);
    *text = (struct text){0};
}

/* Makes room for `more` bytes and the NUL. */
static bool reserve(struct text *text, size_t more) {
    if (text->failed)
        return false;
    if (text->length + more + 1 <= text->capacity)
        return true;
    size_t capacity = 2 * (text->length + more + 1);
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length) {
    if (!reserve(text, length))
        return;
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_add_bytes(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
        return;
    }
    if (!reserve(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_repeat(struct text *text, const char *string, size_t count) {
    for (size_t i = 0; i < count; i++)
        text_add(text, string);
}

const char *text_string(const struct text *text) {
    return text->data ? text->data : "";
}

void text_paint(struct text *text, const struct report_style *style, enum paint paint, const char *string) {
    text_add(text, style_start(style, paint));
    text_add(text, string);
    text_add(text, style_stop(style, paint));
}

/* Length in bytes of the next piece that is not to be broken: a word, with "= value" and "%" after it, and an
 * option with its number. */
static size_t unbroken(const char *string) {
    size_t length = strcspn(string, " ");
    bool option = strncmp(string, "--", 2) == 0;
    if (option && string[length] == ' ' && isdigit((unsigned char)string[length + 1]))
        length += 1 + strcspn(string + length + 1, " ");
    while (string[length] == ' ') {
        const char *next = string + length + 1;
        bool after_equals =
            length >= 1 && string[length - 1] == '=' && (length == 1 || string[length - 2] == ' ');
        bool equals = next[0] == '=' && (next[1] == ' ' || !next[1]);
        if (!after_equals && !equals && next[0] != '%')
            break;
        length += 1 + strcspn(next, " ");
    }
    return length;
}

/* Bytes of the first `columns` characters, at least one character. */
static size_t bytes_of_columns(const char *string, size_t length, size_t columns) {
    size_t bytes = 0, seen = 0;
    while (bytes < length) {
        size_t next = bytes + 1;
        while (next < length && ((unsigned char)string[next] & 0xc0) == 0x80)
            next++;
        if (seen++ >= columns && bytes)
            break;
        bytes = next;
    }
    return bytes;
}

static size_t width_of(const char *string, size_t length) {
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)string[i] & 0xc0) != 0x80;
    return width;
}

/* Bytes of `string` that go on a line of `columns`. */
static size_t line_length(const char *string, size_t columns) {
    size_t taken = 0;
    for (;;) {
        size_t start = taken + strspn(string + taken, " ");
        size_t end = start + unbroken(string + start);
        if (end == start)
            return taken;
        if (width_of(string, end) > columns)
            break;
        taken = end;
    }
    if (taken)
        return taken;
    /* Nothing fits unbroken: break at a space where there is one, else within the word. */
    size_t word = strcspn(string, " ");
    return width_of(string, word) <= columns ? word : bytes_of_columns(string, word, columns);
}

void text_wrap(struct text *text, const struct report_style *style, const char *lead, enum paint paint,
               const char *string) {
    text_wrap_lead(text, style, lead, PAINT_NONE, paint, string);
}

void text_wrap_lead(struct text *text, const struct report_style *style, const char *lead,
                    enum paint lead_paint, enum paint paint, const char *string) {
    size_t indent = style_width(lead), size = style_clean_size(string);
    size_t width = style->width < STYLE_PROSE ? style->width : STYLE_PROSE;
    size_t columns = width > indent + 10 ? width - indent : 10;
    char *clean = malloc(size);
    if (!clean) {
        text->failed = true;
        return;
    }
    style_clean(style, string, clean, size);
    text_paint(text, style, lead_paint, lead);
    const char *rest = clean + strspn(clean, " ");
    do {
        size_t length = line_length(rest, columns);
        text_add(text, style_start(style, paint));
        text_add_bytes(text, rest, length);
        text_add(text, style_stop(style, paint));
        text_add(text, "\n");
        rest += length;
        rest += strspn(rest, " ");
        if (*rest)
            text_repeat(text, " ", indent);
    } while (*rest);
    free(clean);
}

void text_rule(struct text *text, const struct report_style *style) {
    text_repeat(text, style->unicode ? "─" : "-", style->width < STYLE_PROSE ? style->width : STYLE_PROSE);
    text_add(text, "\n");
}

int text_write(const struct text *text, FILE *stream) {
    if (text->failed)
        return -ENOMEM;
    errno = 0;
    if (text->length && fwrite(text->data, 1, text->length, stream) != text->length)
        return errno ? -errno : -EIO;
    if (fflush(stream) != 0)
        return errno ? -errno : -EIO;
    return 0;
}
