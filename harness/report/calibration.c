#include "report/calibration.h"

#include "report/format.h"
#include "report/markdown.h"
#include "report/sheet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ABSENT "–"

/* How a sheet and a line of words are written. */
struct writer {
    struct text text;
    const struct report_style *style;
    bool markdown;
};

static bool was_tried(const struct calibration_row *row) {
    return !isnan(row->try_s);
}

static void add_cell(struct sheet *sheet, const char *string) {
    sheet_add(sheet, PAINT_NONE, string);
}

static void add_count(struct sheet *sheet, size_t count) {
    char text[FORMAT_SIZE];
    snprintf(text, sizeof text, "%zu", count);
    add_cell(sheet, text);
}

static void add_share(struct sheet *sheet, size_t count, size_t tries) {
    char text[FORMAT_SIZE];
    snprintf(text, sizeof text, "%zu/%zu", count, tries);
    add_cell(sheet, tries ? text : ABSENT);
}

/* Rates and sizes are shares; two digits say what an interval of a rate can. */
static void format_rate(double share, char text[FORMAT_SIZE]) {
    if (isnan(share))
        snprintf(text, FORMAT_SIZE, ABSENT);
    else
        snprintf(text, FORMAT_SIZE, "%s %%", BRIEF(100 * share, 2));
}

static void add_interval(struct sheet *sheet, struct interval rate) {
    char low[FORMAT_SIZE], high[FORMAT_SIZE], text[2 * FORMAT_SIZE + 4];
    format_rate(rate.low, low);
    format_rate(rate.high, high);
    snprintf(text, sizeof text, "%s to %s", low, high);
    add_cell(sheet, isnan(rate.low) ? ABSENT : text);
}

/* Index of the identical pair among the sizes, or -1. */
static int identical_size(const struct calibration *calibration) {
    for (size_t size = 0; size < calibration->size_count; size++)
        if (calibration->sizes[size] == 0)
            return (int)size;
    return -1;
}

static bool any_planted_sizes(const struct calibration *calibration) {
    return calibration->size_count > 0 && calibration->sizes[calibration->size_count - 1] > 0;
}

static bool any_planted(const struct calibration *calibration, const struct calibration_row *row) {
    for (size_t size = 0; size < calibration->size_count; size++)
        if (calibration->sizes[size] > 0 && row->cells[size].tries > 0)
            return true;
    return false;
}

/* A kind, or all together: what is known of identical code, then of planted work. */
static void add_kind_row(const struct calibration *calibration, struct sheet *sheet, const char *name,
                         const struct calibration_row *row, int identical) {
    char half[FORMAT_SIZE], smallest[FORMAT_SIZE], wrong[FORMAT_SIZE];
    const struct calibration_cell *cell = identical < 0 ? NULL : &row->cells[identical];
    bool planted = any_planted(calibration, row);
    sheet_add_row(sheet);
    add_cell(sheet, name);
    if (cell) {
        add_count(sheet, cell->tries);
        add_count(sheet, cell->claimed);
        add_interval(sheet, row->false_claims);
        format_rate(cell->half_width, half);
        add_cell(sheet, half);
    }
    if (!any_planted_sizes(calibration))
        return;
    format_percent(row->smallest, smallest);
    snprintf(wrong, sizeof wrong, "%zu", row->wrong);
    add_cell(sheet, !planted ? ABSENT : isnan(row->smallest) ? "none" : smallest);
    add_cell(sheet, planted ? wrong : ABSENT);
}

static void fill_kinds(const struct calibration *calibration, const struct calibration_summary *summary,
                       struct sheet *sheet) {
    static const char *const identical_headers[] = {"tries", "claims", "rate, 95 % sure", "half-width"};
    static const char *const planted_headers[] = {"smallest", "wrong"};
    int identical = identical_size(calibration);
    sheet_clear(sheet);
    sheet_add_column(sheet, "kind", true);
    for (size_t i = 0; identical >= 0 && i < sizeof identical_headers / sizeof *identical_headers; i++)
        sheet_add_column(sheet, identical_headers[i], false);
    for (size_t i = 0; any_planted_sizes(calibration) && i < sizeof planted_headers / sizeof *planted_headers;
         i++)
        sheet_add_column(sheet, planted_headers[i], false);
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        if (was_tried(&summary->kinds[kind]))
            add_kind_row(calibration, sheet, calibration->kinds[kind].name, &summary->kinds[kind], identical);
    add_kind_row(calibration, sheet, "all", &summary->all, identical);
}

enum planted_table { TOLD_APART, MEASURED };

static void add_planted_cell(struct sheet *sheet, const struct calibration_cell *cell,
                             enum planted_table table) {
    char text[FORMAT_SIZE];
    format_rate(cell->measured, text);
    if (table == MEASURED)
        add_cell(sheet, text);
    else
        add_share(sheet, cell->told_apart, cell->tries);
}

static void add_planted_row(const struct calibration *calibration, struct sheet *sheet, const char *name,
                            const struct calibration_row *row, enum planted_table table) {
    char text[FORMAT_SIZE];
    sheet_add_row(sheet);
    add_cell(sheet, name);
    for (size_t size = 0; size < calibration->size_count; size++)
        if (calibration->sizes[size] > 0)
            add_planted_cell(sheet, &row->cells[size], table);
    if (table == MEASURED) {
        format_duration(row->try_s, text);
        add_cell(sheet, text);
    }
}

static void fill_planted(const struct calibration *calibration, const struct calibration_summary *summary,
                         enum planted_table table, struct sheet *sheet) {
    char text[FORMAT_SIZE];
    sheet_clear(sheet);
    if (!any_planted_sizes(calibration))
        return;
    sheet_add_column(sheet, "kind", true);
    for (size_t size = 0; size < calibration->size_count; size++) {
        format_percent(calibration->sizes[size], text);
        if (calibration->sizes[size] > 0)
            sheet_add_column(sheet, text, false);
    }
    if (table == MEASURED)
        sheet_add_column(sheet, "a try", false);
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        if (any_planted(calibration, &summary->kinds[kind]))
            add_planted_row(calibration, sheet, calibration->kinds[kind].name, &summary->kinds[kind], table);
}

static void add_markdown(struct writer *writer, const char *before, const char *string, const char *after) {
    text_add(&writer->text, before);
    markdown_add(&writer->text, string);
    text_add(&writer->text, after);
}

static void write_sheet(struct writer *writer, const char *title, const struct sheet *sheet) {
    if (!sheet->row_count)
        return;
    text_add(&writer->text, "\n");
    if (writer->markdown) {
        add_markdown(writer, "", title, "\n\n");
        sheet_print_markdown(&writer->text, sheet);
        return;
    }
    text_wrap(&writer->text, writer->style, "", PAINT_BOLD, title);
    sheet_print(&writer->text, writer->style, sheet);
}

static void write_line(struct writer *writer, enum paint paint, const char *string) {
    if (writer->markdown)
        add_markdown(writer, "- ", string, "\n");
    else
        text_wrap(&writer->text, writer->style, writer->style->unicode ? "→ " : "-> ", paint, string);
}

static void write_heading(struct writer *writer, const struct calibration *calibration) {
    char budget[FORMAT_SIZE], delta[FORMAT_SIZE], tries[128], line[512];
    format_duration(calibration->settings.budget_s, budget);
    format_percent(calibration->settings.delta, delta);
    int length =
        snprintf(tries, sizeof tries, "%s%u tries a pair",
                 calibration->until_settled ? "until settled, at most " : "", calibration->tries_a_pair);
    if (calibration->placebo_tries != calibration->tries_a_pair)
        snprintf(tries + length, sizeof tries - (size_t)length, ", %u with identical code",
                 calibration->placebo_tries);
    snprintf(line, sizeof line, "calibration on %s: %s, each %s in %u processes, delta %s, layout %s%s%s",
             calibration->host.machine[0] ? calibration->host.machine : "this machine", tries, budget,
             calibration->settings.replicates, delta, calibration->settings.layout,
             calibration->neighbour ? ", beside a bursty neighbour on every core" : "",
             calibration->complete ? "" : "; cut short, what was complete is here");
    if (writer->markdown)
        add_markdown(writer, "", line, "\n");
    else
        text_wrap(&writer->text, writer->style, "", PAINT_BOLD, line);
}

/* Tries without a claim that it takes to show the promised rate: (1 - rate)^tries = (1 - confidence) / 2. */
static size_t tries_to_show(double rate) {
    return (size_t)ceil(log((1 - CALIBRATION_CONFIDENCE) / 2) / log1p(-rate));
}

static void write_false_claims(struct writer *writer, const struct calibration *calibration,
                               const struct calibration_summary *summary) {
    char high[FORMAT_SIZE], promised[FORMAT_SIZE], line[512];
    int size = identical_size(calibration);
    const struct interval *rate = &summary->all.false_claims;
    if (size < 0 || isnan(rate->high))
        return;
    format_rate(rate->high, high);
    format_percent(CALIBRATION_PROMISED_RATE, promised);
    int length = snprintf(line, sizeof line,
                          "false claims: %zu of %zu tries on identical code; the rate is at most %s, as far "
                          "as these tries can say",
                          summary->all.cells[size].claimed, summary->all.cells[size].tries, high);
    if (calibration->until_settled)
        snprintf(line + length, sizeof line - (size_t)length, " (an interval that holds at every look)");
    else if (rate->high > CALIBRATION_PROMISED_RATE && summary->all.cells[size].claimed == 0)
        snprintf(line + length, sizeof line - (size_t)length,
                 " (that it is at most %s, %zu tries without one would show)", promised,
                 tries_to_show(CALIBRATION_PROMISED_RATE));
    write_line(writer, rate->low > CALIBRATION_PROMISED_RATE ? PAINT_RED : PAINT_NONE, line);
}

/* Which kinds the false claims are of. */
static void write_claimed_kinds(struct writer *writer, const struct calibration *calibration,
                                const struct calibration_summary *summary) {
    struct text line = {0};
    int size = identical_size(calibration);
    bool any = false;
    for (size_t kind = 0; size >= 0 && kind < calibration->kind_count; kind++) {
        const struct calibration_cell *cell = &summary->kinds[kind].cells[size];
        if (cell->claimed == 0)
            continue;
        text_printf(&line, "%s%s %zu of %zu",
                    any ? ", " : "claimed of identical code: ", calibration->kinds[kind].name, cell->claimed,
                    cell->tries);
        any = true;
    }
    if (any)
        write_line(writer, PAINT_RED, text_string(&line));
    writer->text.failed |= line.failed;
    text_clear(&line);
}

/* What `smallest` in the table means, and which kinds it is of. */
static void write_smallest(struct writer *writer, const struct calibration *calibration,
                           const struct calibration_summary *summary) {
    char line[256], power[FORMAT_SIZE];
    if (!any_planted(calibration, &summary->all))
        return;
    format_percent(CALIBRATION_POWER, power);
    snprintf(line, sizeof line,
             "smallest: from this size on each was told apart in at least %s of its tries; of all, the worst",
             power);
    write_line(writer, PAINT_NONE, line);
}

static void write_wrong(struct writer *writer, const struct calibration *calibration,
                        const struct calibration_summary *summary) {
    char line[512];
    if (any_planted(calibration, &summary->all)) {
        snprintf(line, sizeof line, "claims in the wrong direction (more work called faster): %zu",
                 summary->all.wrong);
        write_line(writer, summary->all.wrong ? PAINT_RED : PAINT_NONE, line);
    }
}

static void write_invalid(struct writer *writer, const struct calibration *calibration) {
    char line[2 * RESULT_REASON];
    for (size_t i = 0; i < calibration->try_count; i++) {
        const struct calibration_try *item = &calibration->tries[i];
        if (item->verdict != VERDICT_INVALID)
            continue;
        snprintf(line, sizeof line, "%s, try %u, was invalid: %s", calibration->kinds[item->kind].name,
                 item->number, item->reason);
        write_line(writer, PAINT_MAGENTA, line);
    }
}

static void write_words(struct writer *writer, const struct calibration *calibration,
                        const struct calibration_summary *summary) {
    char line[2 * RESULT_REASON], duration[FORMAT_SIZE], each[FORMAT_SIZE];
    text_add(&writer->text, "\n");
    write_false_claims(writer, calibration, summary);
    write_claimed_kinds(writer, calibration, summary);
    write_wrong(writer, calibration, summary);
    write_smallest(writer, calibration, summary);
    write_invalid(writer, calibration);
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        if (calibration->kinds[kind].skipped[0]) {
            snprintf(line, sizeof line, "%s was skipped: %s", calibration->kinds[kind].name,
                     calibration->kinds[kind].skipped);
            write_line(writer, PAINT_YELLOW, line);
        }
    format_duration(calibration->duration_s, duration);
    format_duration(summary->all.try_s, each);
    snprintf(line, sizeof line, "%zu comparisons in %s, %s each", calibration->try_count, duration, each);
    write_line(writer, PAINT_NONE, line);
}

static int write_report(const struct calibration *calibration, struct writer *writer, FILE *stream) {
    static const char *const titles[] = {
        [TOLD_APART] = "more work, told apart: its whole interval is beyond what identical code shows",
        [MEASURED] = "more work, as measured: median over the tries"};
    struct calibration_summary *summary = malloc(sizeof *summary);
    struct sheet sheet = {0};
    int status = summary ? calibration_summarize(calibration, summary) : -ENOMEM;
    if (status == 0) {
        write_heading(writer, calibration);
        fill_kinds(calibration, summary, &sheet);
        write_sheet(writer, "claims of a difference on identical code, and the smallest told apart", &sheet);
        for (int table = TOLD_APART; table <= MEASURED; table++) {
            fill_planted(calibration, summary, (enum planted_table)table, &sheet);
            write_sheet(writer, titles[table], &sheet);
        }
        write_words(writer, calibration, summary);
        status = text_write(&writer->text, stream);
    }
    text_clear(&writer->text);
    sheet_clear(&sheet);
    free(summary);
    return status;
}

int report_calibration_table(const struct calibration *calibration, const struct report_style *style,
                             FILE *stream) {
    struct writer writer = {.style = style};
    return write_report(calibration, &writer, stream);
}

int report_calibration_markdown(const struct calibration *calibration, FILE *stream) {
    static const struct report_style plain = {.unicode = true, .width = 100};
    struct writer writer = {.style = &plain, .markdown = true};
    return write_report(calibration, &writer, stream);
}
