#include "cli/duel_alone.h"

#include "report/format.h"
#include "run/plan.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Times of all executions of the baseline and its placebo, which is the same command. ns. */
static double *collect_times(const struct run *run, const struct measurement *measurement, size_t *count) {
    size_t rounds = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        rounds += measurement->replicates[r].rounds;
    double *times = malloc((rounds * measurement->arm_count + 1) * sizeof *times);
    *count = 0;
    for (size_t r = 0; times && r < measurement->replicate_count; r++)
        for (size_t arm = 0; arm < measurement->arm_count; arm++)
            for (size_t i = 0; measurement->replicates[r].ticks[arm] && i < measurement->replicates[r].rounds;
                 i++)
                times[(*count)++] =
                    (double)measurement->replicates[r].ticks[arm][i] / run->host.clock.ticks_per_ns;
    return times;
}

/* Mean over replicates; NAN where none has it. */
static double mean_count(const struct measurement *measurement, enum counter_event event) {
    double sum = 0, count = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        double value = measurement->replicates[r].counters[0][event];
        sum += isnan(value) ? 0 : value;
        count += !isnan(value);
    }
    return count ? sum / count : NAN;
}

static double most_memory(const struct measurement *measurement) {
    double most = NAN;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        most = fmax(most, measurement->replicates[r].resources[0].peak_rss_bytes);
    return most;
}

static void add_times(const struct run *run, const struct measurement *measurement, FILE *out) {
    size_t count;
    double *times = collect_times(run, measurement, &count);
    if (times && count) {
        char median[FORMAT_SIZE], p5[FORMAT_SIZE], p95[FORMAT_SIZE], least[FORMAT_SIZE];
        struct time_summary summary = summarize_times(times, count);
        format_times(summary.median, summary.min, median, least);
        format_times(summary.p5, summary.p95, p5, p95);
        fprintf(out, "  wall      %s median, %s to %s (p5 to p95), %s at the least; %zu executions\n", median,
                p5, p95, least, count);
    }
    free(times);
}

static void add_counts(const struct measurement *measurement, FILE *out) {
    char first[FORMAT_SIZE], second[FORMAT_SIZE];
    format_times(mean_count(measurement, COUNTER_USER_TIME), mean_count(measurement, COUNTER_SYSTEM_TIME),
                 first, second);
    fprintf(out, "  CPU       %s user, %s system\n", first, second);
    format_bytes(most_memory(measurement), first);
    if (!isnan(most_memory(measurement)))
        fprintf(out, "  memory    %s resident at the most\n", first);
    for (int event = COUNTER_PAGE_FAULTS; event < COUNTER_NATIVE_0; event++) {
        double value = mean_count(measurement, (enum counter_event)event);
        if (isnan(value) || (event >= COUNTER_TASK_CLOCK && event <= COUNTER_SYSTEM_TIME))
            continue;
        format_number(value, first);
        fprintf(out, "  %-17s %s\n", counter_event_info[event].name, first);
    }
}

static int print_alone(const struct run *run) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return -ENOMEM;
    for (size_t i = 0; i < run->measurement_count; i++) {
        const struct measurement *measurement = &run->measurements[i];
        char where[256];
        point_text(&measurement->point, where, sizeof where);
        fprintf(out, "%s: %s%s%s\n", measurement->arms[0].variant, measurement->arms[0].command,
                where[0] ? "  " : "", where);
        if (measurement->arms[0].invalid)
            fprintf(out, "  invalid: %s\n", measurement->arms[0].reason);
        else {
            add_times(run, measurement, out);
            add_counts(measurement, out);
        }
    }
    fputs("One command alone is measured, and nothing is claimed; name a second to compare it with.\n", out);
    int error = fclose(out) ? -ENOMEM : print_text(text, stdout);
    free(text);
    return error;
}

int conclude_alone(const struct run *run, enum table_format format, const char *path,
                   const struct problem *failure) {
    struct problem problem;
    if (path && run_save(run, path, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    int error = format == FORMAT_JSON ? run_print_json(run, stdout) : print_alone(run);
    if (failure)
        return fail(EXIT_NOTHING, "%s", failure->text);
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; complete rounds were kept");
    for (size_t i = 0; i < run->measurement_count; i++)
        if (run->measurements[i].arms[0].invalid)
            return finish_output(error, EXIT_INVALID);
    return finish_output(error, EXIT_DONE);
}
