#include "report/commands.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

typedef void line_printer(void *context, const char *text);

static void tell(struct text *text, line_printer *line, void *context) {
    if (text->length)
        line(context, text_string(text));
    text_clear(text);
}

static void tell_wall(const struct comparison *row, line_printer *line, void *context) {
    const struct time_summary *before = &row->baseline_time, *after = &row->candidate_time;
    char median[2][FORMAT_SIZE], p5[2][FORMAT_SIZE], p95[2][FORMAT_SIZE];
    struct text text = {0};
    format_times(before->median, after->median, median[0], median[1]);
    format_times(before->p5, after->p5, p5[0], p5[1]);
    format_times(before->p95, after->p95, p95[0], p95[1]);
    /* Of an iteration or a request it is what the command says of itself. */
    text_printf(&text, "%s: %s median, %s to %s (p5 to p95), against %s, %s to %s",
                strcmp(row->item, "run") ? "time as told" : "wall time", median[1], p5[1], p95[1], median[0],
                p5[0], p95[0]);
    tell(&text, line, context);
}

static const struct counter_result *find(const struct comparison *row, const char *name) {
    for (size_t i = 0; i < row->counter_count; i++)
        if (!strcmp(row->counters[i].name, name) &&
            !isnan(row->counters[i].baseline + row->counters[i].candidate))
            return &row->counters[i];
    return NULL;
}

static void tell_cpu(const struct comparison *row, line_printer *line, void *context) {
    static const char *const names[] = {"user-time", "system-time"};
    struct text text = {0};
    for (size_t i = 0; i < 2; i++) {
        const struct counter_result *result = find(row, names[i]);
        char before[FORMAT_SIZE], after[FORMAT_SIZE];
        if (!result)
            continue;
        format_times(result->baseline, result->candidate, before, after);
        text_printf(&text, "%s%s: %s against %s", text.length ? ", " : "", names[i], after, before);
    }
    tell(&text, line, context);
}

static void tell_memory(const struct comparison *row, line_printer *line, void *context) {
    double before = row->baseline_resources.peak_rss_bytes, after = row->candidate_resources.peak_rss_bytes;
    char baseline[FORMAT_SIZE], candidate[FORMAT_SIZE];
    struct text text = {0};
    if (isnan(before) && isnan(after))
        return;
    format_bytes(before, baseline);
    format_bytes(after, candidate);
    text_printf(&text, "peak resident memory: %s against %s", candidate, baseline);
    tell(&text, line, context);
}

static void tell_counts(const struct comparison *row, line_printer *line, void *context) {
    static const char *const names[] = {"page-faults", "major-faults", "context-switches", "system-calls",
                                        "read-calls",  "write-calls",  "read-bytes",       "write-bytes"};
    struct text text = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct counter_result *result = find(row, names[i]);
        char before[FORMAT_SIZE], after[FORMAT_SIZE];
        if (!result || (result->baseline == 0 && result->candidate == 0))
            continue;
        format_number(result->baseline, before);
        format_number(result->candidate, after);
        text_printf(&text, "%s%s %s against %s", text.length ? ", " : "", names[i], after, before);
    }
    tell(&text, line, context);
}

static bool is_of_commands(const struct measurement *measurement) {
    return measurement->arm_count > 0 && measurement->arms[0].command[0];
}

bool commands_were_measured(const struct run *run) {
    return run->measurement_count > 0 && is_of_commands(&run->measurements[0]);
}

void command_lines(const struct case_view *view, line_printer *line, void *context) {
    const struct measurement *measurement =
        view->count == 1 ? measurement_of(view->run, view->rows[0]) : NULL;
    if (!measurement || !is_of_commands(measurement) || view->rows[0]->verdict == VERDICT_INVALID)
        return;
    tell_wall(view->rows[0], line, context);
    tell_cpu(view->rows[0], line, context);
    tell_memory(view->rows[0], line, context);
    tell_counts(view->rows[0], line, context);
}
