#include "report/changes.h"

#include "report/format.h"
#include "report/markdown.h"
#include "report/sheet.h"

#include <math.h>
#include <string.h>

struct writer {
    struct text text;
    const struct report_style *style;
    bool markdown;
};

static void write_line(struct writer *writer, const char *label, const char *string) {
    char lead[16];
    snprintf(lead, sizeof lead, "%-9s", label);
    if (!writer->markdown) {
        text_wrap_lead(&writer->text, writer->style, lead, PAINT_DIM, PAINT_NONE, string);
        return;
    }
    text_printf(&writer->text, "- **%s** ", label);
    markdown_add(&writer->text, string);
    text_add(&writer->text, "\n");
}

/* What changed comes first, what cannot be said last. */
static const struct {
    enum verdict verdict;
    const char *word, *counted;
    enum paint paint;
} kinds[] = {{VERDICT_SLOWER, "shrank", "shrank", PAINT_RED},
             {VERDICT_FASTER, "grew", "grew", PAINT_GREEN},
             {VERDICT_EQUIVALENT, "same", "are the same within delta", PAINT_NONE},
             {VERDICT_INCONCLUSIVE, "open", "show no change, nor that there is none", PAINT_YELLOW},
             {VERDICT_INVALID, "none", "cannot be compared: invalid in one of the runs", PAINT_MAGENTA}};
#define KINDS (sizeof kinds / sizeof *kinds)

static void add_ratio(struct sheet *sheet, struct interval ratio) {
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE], text[3 * FORMAT_SIZE + 2];
    format_speedup(ratio, estimate, interval);
    if (isfinite(ratio.estimate))
        snprintf(text, sizeof text, "%s %s", estimate, interval);
    else
        snprintf(text, sizeof text, "–");
    sheet_add(sheet, PAINT_NONE, text);
}

static void add_speedup(struct sheet *sheet, struct interval speedup, enum verdict verdict) {
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE], text[FORMAT_SIZE + 20];
    format_speedup(speedup, estimate, interval);
    snprintf(text, sizeof text, "%s %s", estimate, verdict_name(verdict));
    sheet_add(sheet, PAINT_NONE, text);
}

static void add_change(struct sheet *sheet, const struct comparison_change *change, size_t kind) {
    char point[256], name[SHEET_CELL];
    point_text(&change->point, point, sizeof point);
    snprintf(name, sizeof name, "%.63s %.63s/%.63s%s%.40s", change->case_name, change->candidate,
             change->baseline, *point ? " " : "", point);
    sheet_add_row(sheet);
    sheet_add(sheet, PAINT_NONE, name);
    add_speedup(sheet, change->before_speedup, change->before);
    add_speedup(sheet, change->after_speedup, change->after);
    add_ratio(sheet, change->speedup);
    sheet_add(sheet, kinds[kind].paint, kinds[kind].word);
    add_ratio(sheet, change->baseline_time);
    add_ratio(sheet, change->candidate_time);
}

static void write_table(struct writer *writer, const struct run_changes *changes) {
    static const char *const headers[] = {"candidate/baseline", "before", "after",
                                          "speedup changed",    "change", "baseline's time",
                                          "candidate's time"};
    struct sheet sheet = {0};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        sheet_add_column(&sheet, headers[i], i == 0 || i == 4);
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < changes->comparison_count; i++)
            if (changes->comparisons[i].verdict == kinds[kind].verdict)
                add_change(&sheet, &changes->comparisons[i], kind);
    text_add(&writer->text, "\n");
    if (writer->markdown)
        sheet_print_markdown(&writer->text, &sheet);
    else
        sheet_print(&writer->text, writer->style, &sheet);
    writer->text.failed |= sheet.failed;
    sheet_clear(&sheet);
    text_add(&writer->text, "\n");
}

static void write_differences(struct writer *writer, const struct run_changes *changes) {
    write_line(writer, "machine",
               changes->same_machine
                   ? "one machine, by its CPU model, microcode, caches, cores, CPU flags and kernel"
                   : "not known to be one machine, or one that was changed: by what is marked with *");
    for (size_t i = 0; i < changes->difference_count; i++) {
        const struct difference *difference = &changes->differences[i];
        struct text line = {0};
        text_printf(&line, "%s%s: ", difference->what, difference->identity ? "*" : "");
        if (!difference->before[0] && !difference->after[0])
            text_add(&line, "not recorded in either");
        else
            text_printf(&line, "%s → %s", difference->before[0] ? difference->before : "nothing",
                        difference->after[0] ? difference->after : "nothing");
        write_line(writer, "differs", text_string(&line));
        writer->text.failed |= line.failed;
        text_clear(&line);
    }
}

/* By how much equal code seems to have changed, the most of all comparisons; NAN where there was no placebo. */
static double largest_drift(const struct run_changes *changes) {
    double most = NAN;
    for (size_t i = 0; i < changes->comparison_count; i++)
        most = fmax(most, fabs(log(changes->comparisons[i].placebo.estimate)));
    return expm1(most);
}

static void write_trust(struct writer *writer, const struct run_changes *changes) {
    char line[512], percent[FORMAT_SIZE], low[FORMAT_SIZE], median[FORMAT_SIZE], high[FORMAT_SIZE];
    double drift = largest_drift(changes);
    format_percent(drift, percent);
    snprintf(line, sizeof line,
             isnan(drift) ? "none in one of the runs: nothing tells what equal code would have shown"
                          : "between the runs, equal code drifted by up to %s; a change within what its own "
                            "placebo drifted is none",
             percent);
    write_line(writer, "placebo", line);
    format_factor(changes->drift_low, low);
    format_factor(changes->drift_median, median);
    format_factor(changes->drift_high, high);
    if (changes->drift_count)
        snprintf(
            line, sizeof line,
            "times of two runs are not paired: what changed on the machine between them is in each. Code that is "
            "the same in both took %s to %s as long (median %s, of %zu)",
            low, high, median, changes->drift_count);
    else
        snprintf(
            line, sizeof line,
            "times of two runs are not paired: what changed on the machine between them is in each, and no machine "
            "code is known to be the same in both, by which that could be told");
    write_line(writer, "times", line);
}

static void write_flips(struct writer *writer, const struct run_changes *changes) {
    for (size_t i = 0; i < changes->comparison_count; i++) {
        const struct comparison_change *change = &changes->comparisons[i];
        struct text line = {0};
        if (!change_is_flip(change))
            continue;
        char point[256];
        point_text(&change->point, point, sizeof point);
        text_printf(&line, "%s %s/%s%s%s: %s → %s", change->case_name, change->candidate, change->baseline,
                    *point ? " " : "", point, verdict_name(change->before), verdict_name(change->after));
        if (change->verdict == VERDICT_INCONCLUSIVE)
            text_add(&line, ", though the samples of both show no change for certain");
        write_line(writer, "flipped", text_string(&line));
        writer->text.failed |= line.failed;
        text_clear(&line);
    }
}

static void write_counts(struct writer *writer, const struct run_changes *changes) {
    struct text line = {0};
    text_printf(&line, "of %zu speedups", changes->comparison_count);
    for (size_t kind = 0; kind < KINDS; kind++) {
        size_t count = run_changes_count(changes, kinds[kind].verdict);
        if (count)
            text_printf(&line, ", %zu %s", count, kinds[kind].counted);
    }
    text_printf(
        &line,
        "; corrected for their number, which the intervals are not; in one run alone: %zu before, %zu after",
        changes->before_alone.count, changes->after_alone.count);
    write_line(writer, "in all", text_string(&line));
    writer->text.failed |= line.failed;
    text_clear(&line);
}

static int write_report(struct writer *writer, const struct run_changes *changes, FILE *stream) {
    char line[256];
    snprintf(line, sizeof line, "%s, %s", changes->before_id, changes->before_started);
    write_line(writer, "before", line);
    snprintf(line, sizeof line, "%s, %s", changes->after_id, changes->after_started);
    write_line(writer, "after", line);
    write_differences(writer, changes);
    write_trust(writer, changes);
    if (changes->comparison_count)
        write_table(writer, changes);
    write_flips(writer, changes);
    write_counts(writer, changes);
    int status = text_write(&writer->text, stream);
    text_clear(&writer->text);
    return status;
}

int report_changes(const struct run_changes *changes, const struct report_style *style, FILE *stream) {
    struct writer writer = {.style = style};
    return write_report(&writer, changes, stream);
}

int report_changes_markdown(const struct run_changes *changes, FILE *stream) {
    struct writer writer = {.style = &markdown_style, .markdown = true};
    return write_report(&writer, changes, stream);
}
