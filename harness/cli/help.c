/* Explanations and lists, wrapped to the terminal. */
#include "cli/cli.h"

#include "report/style.h"
#include "report/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAD 64
#define TEXT_COLUMN 23 /* where what an option does begins */
#define LIST_INDENT 8  /* what is indented by less is an entry of a list, which goes on one column further */

/* What is wrapped as one: a paragraph, or an option with its explanation. */
struct block {
    char lead[LEAD];  /* "  --seed N          ", before which nothing stands and under which nothing goes */
    size_t hang;      /* its columns */
    struct text body; /* of one line or several joined */
    bool open;
};

/* Bytes before a line's own text: its indent, and an option or a verb where two spaces part it from what it
 * does. */
static size_t lead_length(const char *line) {
    size_t indent = strspn(line, " ");
    const char *gap = indent ? strstr(line + indent, "  ") : NULL;
    size_t length = gap ? (size_t)(gap - line) + strspn(gap, " ") : indent;
    return length < LEAD ? length : indent < LEAD ? indent : 0;
}

static void end_block(struct block *block, const struct report_style *style, struct text *out) {
    char lead[2 * LEAD];
    if (!block->open)
        return;
    style_clean(style, block->lead, lead, sizeof lead);
    text_wrap(out, style, lead, PAINT_NONE, text_string(&block->body));
    out->failed |= block->body.failed;
    text_clear(&block->body);
    block->open = false;
}

static void start_block(struct block *block, const char *line, size_t lead) {
    memcpy(block->lead, line, lead);
    block->lead[lead] = '\0';
    block->hang = style_width(block->lead);
    text_add(&block->body, line + lead);
    block->open = true;
}

static void add_line(struct block *block, const char *line, const struct report_style *style,
                     struct text *out) {
    size_t indent = strspn(line, " ");
    bool entry = indent > 0 && indent < LIST_INDENT;
    if (block->open && line[indent] && indent == block->hang + entry) {
        text_printf(&block->body, " %s", line + indent);
        return;
    }
    end_block(block, style, out);
    if (!line[indent]) {
        text_add(out, "\n");
        return;
    }
    start_block(block, line, lead_length(line));
}

int print_help(const char *help, FILE *stream) {
    struct report_style style = report_style_for(stream);
    struct block block = {.open = false};
    struct text out = {0};
    char *copy = strdup(help);
    for (char *next = copy; next && *next;)
        add_line(&block, strsep(&next, "\n"), &style, &out);
    end_block(&block, &style, &out);
    int status = copy ? text_write(&out, stream) : -ENOMEM;
    free(copy);
    text_clear(&out);
    return status;
}

/* "  --name VALUE        what it does"; below itself where that leaves no room. */
static void add_row(struct text *text, const struct option_row *row) {
    char lead[LEAD];
    snprintf(lead, sizeof lead, "  --%s%s%s", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    if (style_width(lead) + 2 <= TEXT_COLUMN)
        text_printf(text, "%s%*s%s\n", lead, TEXT_COLUMN - (int)style_width(lead), "", row->help);
    else
        text_printf(text, "%s\n%*s%s\n", lead, TEXT_COLUMN, "", row->help);
}

int print_verb_help(const struct verb_options *verb) {
    struct text text = {0};
    bool listing = false;
    text_add(&text, verb->usage);
    for (const struct option_row *row = verb->rows; row->name || row->help; row++) {
        if (listing && !row->elsewhere)
            text_add(&text, "\n");
        if (!row->name)
            text_printf(&text, "%s%s", row->help, row[1].elsewhere ? ":" : "\n");
        else if (!row->help)
            continue;
        else if (row->elsewhere)
            text_printf(&text, "%s--%s", listing ? ", " : " ", row->name);
        else
            add_row(&text, row);
        listing = row->elsewhere;
    }
    if (verb->ending)
        text_printf(&text, "\n%s", verb->ending);
    int error = text.failed ? -ENOMEM : print_help(text_string(&text), stdout);
    text_clear(&text);
    return finish_output(error, EXIT_DONE);
}

int print_version(void) {
    return finish_output(print_text("countersign " COUNTERSIGN_VERSION "\n", stdout), EXIT_DONE);
}

/* Bytes before the last column of a row, as far as there are columns. */
static size_t columns_length(const char *line) {
    size_t length = strspn(line, " ");
    for (const char *gap = line + length; (gap = strstr(gap, "  "));) {
        gap += strspn(gap, " ");
        if (*gap && gap - line < LEAD)
            length = (size_t)(gap - line);
    }
    return length < LEAD ? length : 0;
}

int print_rows(const char *rows, FILE *stream) {
    struct report_style style = report_style_for(stream);
    struct block block = {.open = false};
    struct text out = {0};
    if (!isatty(fileno(stream)))
        return print_text(rows, stream);
    char *copy = strdup(rows);
    for (char *next = copy; next && *next;) {
        const char *line = strsep(&next, "\n");
        if (*line)
            start_block(&block, line, columns_length(line));
        else
            text_add(&out, "\n");
        end_block(&block, &style, &out);
    }
    int status = copy ? text_write(&out, stream) : -ENOMEM;
    free(copy);
    text_clear(&out);
    return status;
}
