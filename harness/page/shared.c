#include "page/shared.h"

#include "report/details.h"
#include "report/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fewer points, or shorter lines, are told again: a number would save nothing. */
#define SHARED_BY 3
#define SHORTEST 24

static int compare_words(const struct shared_line *a, const struct shared_line *b) {
    int order = strcmp(a->note->label, b->note->label);
    return order ? order : strcmp(text_string(&a->note->text), text_string(&b->note->text));
}

/* By their words, then in their order. */
static int compare_lines(const void *first, const void *second) {
    const struct shared_line *a = *(const struct shared_line *const *)first,
                             *b = *(const struct shared_line *const *)second;
    int order = compare_words(a, b);
    return order ? order : (a > b) - (a < b);
}

/* What a variant says of itself has several lines, which belong together. */
static bool may_be_shared(const struct note *note) {
    return note->text.length >= SHORTEST && strcmp(note->label, "evidence") != 0;
}

static int find_shared(struct shared_notes *shared) {
    struct shared_line **sorted = calloc(shared->line_count + 1, sizeof *sorted);
    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < shared->line_count; i++)
        sorted[i] = &shared->lines[i];
    qsort(sorted, shared->line_count, sizeof *sorted, compare_lines);
    for (size_t i = 0, end; i < shared->line_count; i = end) {
        for (end = i + 1; end < shared->line_count && compare_words(sorted[i], sorted[end]) == 0;)
            end++;
        for (size_t k = i; k < end && end - i >= SHARED_BY && may_be_shared(sorted[i]->note); k++) {
            sorted[k]->first = sorted[i];
            sorted[k]->everywhere = end - i == shared->row_count;
        }
    }
    free(sorted);
    size_t count = 0;
    for (size_t i = 0; i < shared->line_count; i++) {
        struct shared_line *line = &shared->lines[i];
        if (line->first && !line->everywhere)
            line->number = line->first == line ? ++count : line->first->number;
    }
    return 0;
}

static void drop_prediction(struct notes *notes) {
    if (!notes->count || strcmp(notes->items[0].label, "prediction") != 0)
        return;
    text_clear(&notes->items[0].text);
    memmove(notes->items, notes->items + 1, --notes->count * sizeof *notes->items);
}

int shared_open(struct shared_notes *shared, const struct case_view *view) {
    *shared = (struct shared_notes){.notes = calloc(view->count + 1, sizeof *shared->notes)};
    int status = shared->notes ? 0 : -ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < view->count && status == 0; i++) {
        status = details_lines_open(&shared->notes[i], view->run, view->rows[i]);
        if (status == 0 && view->rows[i]->claim_count)
            drop_prediction(&shared->notes[i]);
        if (status == 0)
            count += shared->notes[shared->row_count++].count;
    }
    shared->lines = calloc(count + 1, sizeof *shared->lines);
    if (status == 0 && !shared->lines)
        status = -ENOMEM;
    for (size_t i = 0; i < shared->row_count && status == 0; i++)
        for (size_t k = 0; k < shared->notes[i].count; k++)
            shared->lines[shared->line_count++].note = &shared->notes[i].items[k];
    if (status == 0)
        status = find_shared(shared);
    if (status)
        shared_close(shared);
    return status;
}

void shared_close(struct shared_notes *shared) {
    for (size_t i = 0; i < shared->row_count; i++)
        notes_close(&shared->notes[i]);
    free(shared->notes);
    free(shared->lines);
    *shared = (struct shared_notes){0};
}

static void print_shared(const struct shared_notes *shared, bool everywhere, const char *title,
                         struct text *out) {
    bool any = false;
    for (size_t i = 0; i < shared->line_count; i++) {
        const struct shared_line *line = &shared->lines[i];
        if (line->first != line || line->everywhere != everywhere)
            continue;
        if (!any)
            text_printf(out, "<p class=\"facts\">%s:</p><dl>", title);
        text_add(out, "<dt>");
        html_add(out, line->note->label);
        if (!everywhere)
            text_printf(out, " [%zu]", line->number);
        html_item(out, "dd", text_string(&line->note->text));
        any = true;
    }
    text_add(out, any ? "</dl>" : "");
}

void shared_print(const struct shared_notes *shared, struct text *out) {
    print_shared(shared, true, "Of all points", out);
    print_shared(shared, false, "Of several points, which name the number", out);
}

/* "growth [1] [2], absent [3]" */
static void print_numbers(const struct shared_line *lines, size_t count, struct text *out) {
    const char *label = NULL;
    text_add(out, "<dt>and, above<dd>");
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].number)
            continue;
        if (!label || strcmp(lines[i].note->label, label) != 0) {
            text_add(out, label ? ", " : "");
            html_add(out, label = lines[i].note->label);
        }
        text_printf(out, " [%zu]", lines[i].number);
    }
}

void shared_print_row(const struct shared_notes *shared, size_t row, struct text *out) {
    size_t start = 0;
    for (size_t i = 0; i < row; i++)
        start += shared->notes[i].count;
    size_t end = start + shared->notes[row].count;
    const char *label = "";
    bool any = false;
    text_add(out, "<dl>");
    for (size_t i = start; i < end; i++) {
        const struct shared_line *line = &shared->lines[i];
        any |= line->number != 0;
        if (line->first)
            continue;
        if (strcmp(line->note->label, label) != 0)
            html_item(out, "dt", label = line->note->label);
        html_item(out, "dd", text_string(&line->note->text));
    }
    if (any)
        print_numbers(&shared->lines[start], end - start, out);
    text_add(out, "</dl>");
}
