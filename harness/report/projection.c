#include "report/projection.h"

#include "report/format.h"
#include "report/markdown.h"

#include <math.h>
#include <string.h>

#define HALVINGS 60

/* An end of a fitted interval, or its estimate. A part that was fitted as 0 is at its bound and has none. */
static double end_of(struct interval interval, int end) {
    if (end == 0 || interval.estimate == 0)
        return interval.estimate;
    return end < 0 ? fmax(interval.low, 0) + 0 * interval.low : interval.high; /* NAN stays */
}

/* The fitted time at a size: with the coefficients' lower ends (-1), estimates (0) or upper ends (1). NAN: not known. */
static double time_at(const struct growth *fit, double size, int end) {
    double time = end_of(fit->fixed, end);
    if (fit->best != GROWTH_CONSTANT)
        time += end_of(fit->step, end) * growth_term(fit->best, size);
    return time;
}

/* Two fits at the same points. */
struct pair {
    const struct growth_fit *baseline, *candidate;
    double target;
};

/* The greatest speedup that the intervals leave (1), the fitted one (0), the least (-1). */
static double speedup_at(const struct pair *pair, double size, int end) {
    return time_at(&pair->baseline->fit, size, end) / time_at(&pair->candidate->fit, size, -end);
}

/* Where that crosses the target beyond what was measured; NAN: not within reach. */
static double crossing(const struct pair *pair, int end) {
    double low = (double)pair->candidate->last, high = PROJECTION_SPAN * low;
    double at_low = speedup_at(pair, low, end), at_high = speedup_at(pair, high, end);
    if (!isfinite(at_low) || !isfinite(at_high) || (at_low < pair->target) == (at_high < pair->target))
        return NAN;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = sqrt(low * high);
        if ((speedup_at(pair, middle, end) < pair->target) == (at_low < pair->target))
            low = middle;
        else
            high = middle;
    }
    return high;
}

static bool is_one_kind(const struct growth *fit) {
    return fit->points && growth_possible(fit) == 1 && fit->possible[fit->best];
}

static bool same_points(const struct growth_fit *first, const struct growth_fit *second) {
    struct text texts[2] = {{0}, {0}};
    format_point(&first->point, &texts[0]);
    format_point(&second->point, &texts[1]);
    bool same = !strcmp(text_string(&texts[0]), text_string(&texts[1])) &&
                !strcmp(first->parameter, second->parameter) && first->first == second->first &&
                first->last == second->last && !strcmp(first->case_name, second->case_name);
    text_clear(&texts[0]);
    text_clear(&texts[1]);
    return same;
}

/* The fit of the baseline beside that of a candidate, and the case's target; baseline NULL: there is none. */
static struct pair pair_of(const struct run *run, const struct growth_fit *candidate) {
    struct pair pair = {.candidate = candidate};
    const struct comparison *of = NULL;
    for (size_t i = 0; i < run->comparison_count && !of; i++)
        if (!strcmp(run->comparisons[i].case_name, candidate->case_name) &&
            !strcmp(run->comparisons[i].candidate, candidate->variant))
            of = &run->comparisons[i];
    for (size_t i = 0; i < run->growth_count && of && is_one_kind(&candidate->fit); i++)
        if (!strcmp(run->growth[i].variant, of->baseline) && is_one_kind(&run->growth[i].fit) &&
            same_points(candidate, &run->growth[i]))
            pair.baseline = &run->growth[i];
    pair.target = of ? of->target : NAN;
    return pair;
}

static void begin(struct text *line, const char *case_name, const char *variant, const struct point *point) {
    struct text where = {0};
    format_point(point, &where);
    text_printf(line, "%s: %s%s%s", case_name, variant, where.length ? " for " : "", text_string(&where));
    line->failed |= where.failed;
    text_clear(&where);
}

static void end(struct text *line, struct text *out) {
    text_add(out, "- ");
    markdown_add(out, text_string(line));
    text_add(out, "\n");
    out->failed |= line->failed;
    text_clear(line);
}

static bool print_crossing(const struct run *run, const struct growth_fit *candidate, struct text *out) {
    struct pair pair = pair_of(run, candidate);
    if (!pair.baseline)
        return false;
    double at[] = {crossing(&pair, -1), crossing(&pair, 0), crossing(&pair, 1)};
    if (!isfinite(at[0] + at[1] + at[2]))
        return false;
    struct text line = {0};
    begin(&line, candidate->case_name, candidate->variant, &candidate->point);
    text_printf(
        &line,
        ", by the growth that was fitted (%s %s, %s %s) the speedup %s the target, %s×, at %s = %s [%s, %s]; "
        "measured up to %s",
        pair.baseline->variant, growth_name(pair.baseline->fit.best), candidate->variant,
        growth_name(candidate->fit.best),
        speedup_at(&pair, (double)candidate->last, 0) < pair.target ? "reaches" : "falls below",
        BRIEF(pair.target, 4), candidate->parameter, BRIEF(at[1], 3), BRIEF(fmin(at[0], at[2]), 3),
        BRIEF(fmax(at[0], at[2]), 3), BRIEF((double)candidate->last, 6));
    end(&line, out);
    return true;
}

/* Beyond the peak; what does not have both ends above 1, or not within reach, says nothing. */
static bool print_peak(const struct scaling_fit *scaling, struct text *out) {
    const struct scaling *fit = &scaling->fit;
    const struct interval *peak = &fit->peak;
    if (fit->points <= SCALING_USL_POINTS || !(fit->coherence.low > 0) || !(peak->low > 1) ||
        !(peak->high <= PROJECTION_SPAN * fit->most_threads))
        return false;
    struct text line = {0};
    begin(&line, scaling->case_name, scaling->variant, &scaling->point);
    text_printf(
        &line,
        ", by the universal scalability law that was fitted scaling ends at %s threads [%s, %s]; measured up to %s",
        BRIEF(peak->estimate, 3), BRIEF(peak->low, 3), BRIEF(peak->high, 3), BRIEF(fit->most_threads, 6));
    end(&line, out);
    return true;
}

size_t projection_print(const struct run *run, struct text *out) {
    size_t count = 0;
    for (size_t i = 0; i < run->growth_count; i++)
        count += print_crossing(run, &run->growth[i], out);
    for (size_t i = 0; i < run->scaling_count; i++)
        count += print_peak(&run->scaling[i], out);
    return count;
}
