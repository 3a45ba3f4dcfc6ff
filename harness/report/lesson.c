#include "report/lesson.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST_COLUMNS 16

const char *lesson_table(const char *lesson, const char *case_name, const char **end) {
    static const char ending[] = "<!-- end -->";
    char mark[256];
    snprintf(mark, sizeof mark, "<!-- table: %.200s -->", case_name);
    const char *start = strstr(lesson, mark), *last = start ? strstr(start, ending) : NULL;
    if (last)
        *end = last + strlen(ending) + (last[strlen(ending)] == '\n');
    return last ? start : NULL;
}

/* The address of a link is worth reading where it leads out of the project. */
static const char *add_link(const char *from, const char *end, struct text *out) {
    const char *middle = memmem(from, (size_t)(end - from), "](", 2);
    const char *last = middle ? memchr(middle, ')', (size_t)(end - middle)) : NULL;
    if (!last || memchr(from + 1, '[', (size_t)(middle - from - 1)))
        return NULL;
    text_add_bytes(out, from + 1, (size_t)(middle - from - 1));
    if (strncmp(middle + 2, "http", 4) == 0)
        text_printf(out, " (%.*s)", (int)(last - middle - 2), middle + 2);
    return last + 1;
}

/* Without what is markup: asterisks around words, links, backslashes. Code keeps its backquotes. */
static void add_inline(struct text *out, const char *text, size_t length) {
    const char *from = text, *end = text + length, *after;
    bool code = false;
    while (from < end) {
        bool product = *from == '*' && end - from > 1 && from[1] == ' ' && (from == text || from[-1] == ' ');
        code = code != (*from == '`');
        if (!code && *from == '[' && (after = add_link(from, end, out)))
            from = after;
        else if (!code && !product && (*from == '*' || *from == '\\'))
            from++;
        else
            text_add_bytes(out, from++, 1);
    }
}

/* What is being read. */
struct reader {
    struct text *out;
    const struct report_style *style;
    const char *next, *end;
    struct text paragraph; /* lines so far of a paragraph or of an item of a list */
    char lead[64];
};

static void end_paragraph(struct reader *reader) {
    if (reader->paragraph.length) {
        struct text plain = {0};
        add_inline(&plain, reader->paragraph.data, reader->paragraph.length);
        text_wrap(reader->out, reader->style, reader->lead, PAINT_NONE, text_string(&plain));
        reader->out->failed |= plain.failed;
        text_clear(&plain);
    }
    reader->out->failed |= reader->paragraph.failed;
    text_clear(&reader->paragraph);
    reader->lead[0] = '\0';
}

/* The next line without its end; false at the end of the text. */
static bool next_line(struct reader *reader, const char **line, size_t *length) {
    if (reader->next >= reader->end)
        return false;
    const char *feed = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
    *line = reader->next;
    *length = (size_t)((feed ? feed : reader->end) - reader->next);
    reader->next = feed ? feed + 1 : reader->end;
    return true;
}

static void add_clean(struct text *out, const struct report_style *style, const char *line, size_t length) {
    char *copy = strndup(line, length), *clean = copy ? malloc(style_clean_size(copy)) : NULL;
    if (clean) {
        style_clean(style, copy, clean, style_clean_size(copy));
        text_add(out, clean);
    }
    out->failed |= !clean;
    free(copy);
    free(clean);
}

/* Up to the closing fence; code is never wrapped. */
static void print_code(struct reader *reader) {
    const char *line;
    size_t length;
    while (next_line(reader, &line, &length) && strncmp(line, "```", 3) != 0) {
        text_add(reader->out, length ? "    " : "");
        add_clean(reader->out, reader->style, line, length);
        text_add(reader->out, "\n");
    }
    if (reader->end - reader->next >= 3 && strncmp(reader->next, "```", 3) == 0)
        text_add(reader->out, "\n");
}

struct cells {
    char *texts[MOST_COLUMNS];
    size_t count;
};

/* Cells of "| a | b |", cleaned, to be freed. */
static struct cells split_row(const struct report_style *style, const char *line, size_t length,
                              bool *failed) {
    struct cells cells = {.count = 0};
    const char *end = line + length;
    for (const char *from = line + 1; from < end && cells.count < MOST_COLUMNS;) {
        const char *bar = from;
        while (bar < end && !(*bar == '|' && bar[-1] != '\\'))
            bar++;
        const char *first = from, *last = bar;
        while (first < last && *first == ' ')
            first++;
        while (last > first && last[-1] == ' ')
            last--;
        struct text plain = {0}, clean = {0};
        add_inline(&plain, first, (size_t)(last - first));
        add_clean(&clean, style, text_string(&plain), plain.length);
        if (bar < end || last > first)
            cells.texts[cells.count++] = strdup(text_string(&clean));
        *failed |= plain.failed || clean.failed || (cells.count && !cells.texts[cells.count - 1]);
        text_clear(&plain);
        text_clear(&clean);
        from = bar + 1;
    }
    return cells;
}

static void free_rows(struct cells *rows, size_t count) {
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < rows[row].count; i++)
            free(rows[row].texts[i]);
    free(rows);
}

static void print_aligned(struct reader *reader, const struct cells *rows, size_t count, const bool *right,
                          const size_t *widths) {
    for (size_t row = 0; row < count; row++) {
        text_add(reader->out, "  ");
        for (size_t i = 0; i < rows[row].count; i++) {
            size_t blank = widths[i] - style_width(rows[row].texts[i]);
            bool last = i + 1 == rows[row].count;
            text_repeat(reader->out, " ", right[i] ? blank : 0);
            text_paint(reader->out, reader->style, row ? PAINT_NONE : PAINT_BOLD, rows[row].texts[i]);
            text_repeat(reader->out, " ", last ? 0 : 2 + (right[i] ? 0 : blank));
        }
        text_add(reader->out, "\n");
    }
}

/* Each row as a list of its cells with the names of their columns. */
static void print_stacked(struct reader *reader, const struct cells *rows, size_t count) {
    for (size_t row = 1; row < count; row++)
        for (size_t i = 0; i < rows[row].count; i++) {
            struct text text = {0};
            const char *name = i < rows[0].count ? rows[0].texts[i] : "";
            text_printf(&text, "%s%s%s", name, *name ? ": " : "", rows[row].texts[i]);
            text_wrap(reader->out, reader->style, i ? "      " : "  - ", PAINT_NONE, text_string(&text));
            reader->out->failed |= text.failed;
            text_clear(&text);
        }
}

static bool is_rule(const char *line, size_t length) {
    return length && strspn(line, "|:- ") >= length;
}

/* From its first line on, which was read. */
static void print_table(struct reader *reader, const char *line, size_t length) {
    struct cells *rows = NULL;
    size_t count = 0, widths[MOST_COLUMNS] = {0}, total = 0;
    bool right[MOST_COLUMNS] = {false}, failed = false;
    do {
        bool rule = is_rule(line, length);
        struct cells cells = split_row(reader->style, line, length, &failed);
        for (size_t i = 0; i < cells.count && cells.texts[i]; i++) {
            size_t width = style_width(cells.texts[i]), bytes = strlen(cells.texts[i]);
            if (rule)
                right[i] = bytes && cells.texts[i][bytes - 1] == ':';
            else if (width > widths[i])
                widths[i] = width;
        }
        struct cells *grown = rule ? NULL : reallocarray(rows, count + 1, sizeof *rows);
        if (grown) {
            rows = grown;
            rows[count++] = cells;
        } else {
            failed |= !rule;
            for (size_t i = 0; i < cells.count; i++)
                free(cells.texts[i]);
        }
    } while (reader->next < reader->end && *reader->next == '|' && next_line(reader, &line, &length));
    for (size_t i = 0; i < MOST_COLUMNS; i++)
        total += widths[i] ? widths[i] + 2 : 0;
    reader->out->failed |= failed;
    if (!failed && total <= reader->style->width)
        print_aligned(reader, rows, count, right, widths);
    else if (!failed)
        print_stacked(reader, rows, count);
    free_rows(rows, count);
}

/* Bytes of "- ", "* " or "12. " with the blanks before it; 0: no item of a list. */
static size_t item_length(const char *line, size_t length) {
    size_t blank = 0, mark;
    while (blank < length && line[blank] == ' ')
        blank++;
    for (mark = blank; mark < length && isdigit((unsigned char)line[mark]); mark++)
        ;
    if (mark > blank ? mark + 1 < length && line[mark] == '.' : mark < length && strchr("-*", line[mark]))
        mark++;
    else
        return 0;
    return mark < length && line[mark] == ' ' ? mark + 1 : 0;
}

static void print_heading(struct reader *reader, const char *line, size_t length) {
    struct text plain = {0};
    size_t marks = strspn(line, "# ");
    add_inline(&plain, line + marks, length - marks);
    text_wrap(reader->out, reader->style, "", line[1] == '#' ? PAINT_BOLD : PAINT_CYAN, text_string(&plain));
    reader->out->failed |= plain.failed;
    text_clear(&plain);
}

/* A line of a paragraph or a list. */
static void add_prose(struct reader *reader, const char *line, size_t length) {
    size_t item = item_length(line, length), blank = strspn(line, " ");
    if (item) {
        end_paragraph(reader);
        snprintf(reader->lead, sizeof reader->lead, "%.*s", (int)(item < 60 ? item : 60), line);
    }
    size_t from = item ? item : blank < length ? blank : length;
    text_add(&reader->paragraph, reader->paragraph.length ? " " : "");
    text_add_bytes(&reader->paragraph, line + from, length - from);
}

void lesson_print(struct text *out, const struct report_style *style, const char *markdown, size_t bytes) {
    struct reader reader = {.out = out, .style = style, .next = markdown, .end = markdown + bytes};
    const char *line;
    size_t length;
    while (next_line(&reader, &line, &length)) {
        bool code = length >= 3 && strncmp(line, "```", 3) == 0, table = length && *line == '|';
        bool heading = length && *line == '#', comment = length >= 4 && strncmp(line, "<!--", 4) == 0;
        if (length && !code && !table && !heading && !comment) {
            add_prose(&reader, line, length);
            continue;
        }
        end_paragraph(&reader);
        if (code)
            print_code(&reader);
        else if (table)
            print_table(&reader, line, length);
        else if (heading)
            print_heading(&reader, line, length);
        else if (!comment)
            text_add(out, "\n");
    }
    end_paragraph(&reader);
}
