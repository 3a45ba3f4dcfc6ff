#include "page/strip.h"

#include "page/scale.h"
#include "report/case_view.h"
#include "report/format.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define WIDTH 480.0
#define MARGIN 20.0
#define TOP 6.0
#define DOTS 54.0 /* height that they share */
#define TICKS 5

/* Speedup in one replicate: of its rounds' log ratios the midmean, as verdicts are drawn from. NAN: no samples. */
static double replicate_speedup(const struct replicate *replicate, size_t baseline, size_t candidate,
                                double *logs) {
    const uint64_t *before = replicate->ticks[baseline], *after = replicate->ticks[candidate];
    if (!before || !after || !replicate->runs[baseline] || !replicate->runs[candidate])
        return NAN;
    double runs = (double)replicate->runs[candidate] / (double)replicate->runs[baseline];
    for (size_t round = 0; round < replicate->rounds; round++)
        logs[round] = log((double)(before[round] ? before[round] : 1) /
                          (double)(after[round] ? after[round] : 1) * runs);
    return exp(midmean(logs, replicate->rounds));
}

/* Of all replicates, in their order, into speedups; how many there are, or -ENOMEM. */
static long collect(const struct measurement *measurement, const struct comparison *comparison,
                    double *speedups) {
    size_t most = 1;
    long count = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        most = measurement->replicates[r].rounds > most ? measurement->replicates[r].rounds : most;
    double *logs = malloc(most * sizeof *logs);
    if (!logs)
        return -ENOMEM;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        double speedup = replicate_speedup(&measurement->replicates[r], comparison->baseline_arm,
                                           comparison->candidate_arm, logs);
        if (isfinite(speedup))
            speedups[count++] = speedup;
    }
    free(logs);
    return count;
}

static void print_axis(const struct scale *scale, double bottom, struct text *out) {
    double ticks[SCALE_TICKS];
    size_t count = scale_ticks(scale, TICKS, ticks);
    text_add(out, "<path d=\"");
    for (size_t i = 0; i < count; i++)
        text_printf(out, "M%.0f 0V%.0f", scale_at(scale, ticks[i]), bottom);
    text_add(out, "\"/>");
    for (size_t i = 0; i < count; i++)
        text_printf(out, "<text x=\"%.0f\">%s×</text>", scale_at(scale, ticks[i]), BRIEF(ticks[i], 5));
}

static void print_dots(const struct run *run, const struct comparison *comparison, const double *speedups,
                       size_t count, struct text *out) {
    struct interval range = {NAN, INFINITY, 0};
    range_add(&range, comparison->speedup);
    for (size_t i = 0; i < count; i++)
        range_add(&range, (struct interval){speedups[i], speedups[i], speedups[i]});
    double room = pow(range.high / range.low, 0.03), bottom = TOP + DOTS + TOP;
    struct scale scale = {
        .low = range.low / room, .high = range.high * room, .from = MARGIN, .to = WIDTH - MARGIN};
    if (!(scale.high > scale.low * (1 + 1e-6)))
        scale = scale_of_ratios(range, run->settings.delta, MARGIN, WIDTH - MARGIN);
    double low = scale_at(&scale, comparison->speedup.low), high = scale_at(&scale, comparison->speedup.high);
    text_printf(
        out,
        "<svg class=\"strip %s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"each of %zu processes\">",
        verdict_name(comparison->verdict), WIDTH, bottom + 18, count);
    print_axis(&scale, bottom, out);
    text_printf(out, "<path d=\"M%s 0h%sv%.0fh-%sz\"/><path d=\"", PLACE(low), PLACE(fmax(high - low, 1)),
                bottom, PLACE(fmax(high - low, 1)));
    double last[2] = {0}; /* from dot to dot: half of the digits */
    for (size_t i = 0; i < count; i++) {
        double x = round(scale_at(&scale, speedups[i])),
               y = round(TOP + DOTS * ((double)i + 0.5) / (double)count);
        text_printf(out, "m%.0f %.0fz", x - last[0], y - last[1]);
        last[0] = x;
        last[1] = y;
    }
    text_add(out, "\"/></svg>");
}

int strip_print(const struct run *run, const struct comparison *comparison, struct text *out) {
    const struct measurement *measurement = measurement_of(run, comparison);
    if (!measurement || comparison->verdict == VERDICT_INVALID)
        return 0;
    double *speedups = malloc((measurement->replicate_count + 1) * sizeof *speedups);
    long count = speedups ? collect(measurement, comparison, speedups) : -ENOMEM;
    if (count > 0)
        print_dots(run, comparison, speedups, (size_t)count, out);
    free(speedups);
    return count < 0 ? (int)count : 0;
}
