/* What would settle an inconclusive comparison, by what its own interval honours. */
#include "conclude/comparison_internal.h"

#include "base/numbers.h"
#include "base/option_name.h"

#include <math.h>

#define REACH 10            /* times as long: what is further off is not advised */
#define MOST_BUDGET 86400   /* seconds that --budget takes */
#define MOST_REPLICATES 512 /* that a budget gives, see DESIGN: more of it makes them longer instead */

struct settling comparison_settling(const struct judgement *judgement, const struct run_settings *settings,
                                    size_t comparisons) {
    double level = (1 - settings->confidence) / (double)comparisons;
    double nominal = comparison_nominal_level(settings, settings->replicates, level);
    return (struct settling){.estimate = &judgement->estimate,
                             .placebo = judgement->has_placebo ? &judgement->placebo : NULL,
                             .delta = settings->delta,
                             .confidence = 1 - nominal,
                             .placebo_confidence = settings->confidence,
                             .equivalent_units = VERDICT_EQUIVALENT_UNITS};
}

struct verdict_limit verdict_limit(enum limit_kind kind) {
    return (struct verdict_limit){.kind = kind,
                                  .comparisons = NAN,
                                  .replicates = NAN,
                                  .units = NAN,
                                  .half = NAN,
                                  .delta = NAN,
                                  .times = NAN,
                                  .budget_s = NAN,
                                  .needed = NAN};
}

/* The budget of so many replicates, each as long as it was, rounded up to three digits. */
static double budget_of(double replicates, const struct run_settings *settings, size_t planned) {
    double budget = settings->budget_s * replicates / (double)planned;
    double digit = budget > 0 ? pow(10, floor(log10(budget)) - 2) : 1;
    return ceil(budget / digit - 1e-9) * digit;
}

/* The replicates of a sequential design follow from the budget; a fixed one is told those, too. */
static void ask_for(double replicates, const struct run_settings *settings, size_t planned,
                    struct verdict_limit *limit) {
    limit->times = replicates / (double)planned;
    limit->budget_s = budget_of(replicates, settings, planned);
    limit->needed = run_is_sequential(settings) ? NAN : replicates;
}

struct verdict_limit comparison_limit(const struct judgement *judgement, const struct run_settings *settings,
                                      size_t comparisons) {
    const struct ratio_estimate *estimate = &judgement->estimate;
    struct settling settling = comparison_settling(judgement, settings, comparisons);
    struct verdict_limit limit = verdict_limit(LIMIT_NONE);
    double factor = family_settling_factor(&settling);
    size_t planned = settings->replicates ? settings->replicates : estimate->replicates;
    if (isnan(factor))
        return limit;
    double replicates = ceil(factor * (double)estimate->units), times = replicates / (double)planned;
    bool in_reach = times <= REACH && budget_of(replicates, settings, planned) <= MOST_BUDGET &&
                    (replicates <= MOST_REPLICATES || replicates <= (double)planned);
    limit.delta = settings->delta;
    if (estimate->units < estimate->replicates) { /* more replicates are no more draws */
        limit.kind = LIMIT_SHARED_LINKS;
        limit.replicates = (double)estimate->replicates;
        limit.units = (double)estimate->units;
    } else if (judgement->too_few_units) {
        limit.kind = LIMIT_FEW_PROCESSES;
        limit.units = (double)judgement->processes;
        ask_for(VERDICT_EQUIVALENT_UNITS, settings, planned, &limit);
    } else if (!in_reach) {
        limit.kind = LIMIT_OUT_OF_REACH;
        limit.times = REACH;
        limit.half = family_half_after(estimate, settling.confidence, REACH);
    } else if (times <= 1) {
        limit.kind = LIMIT_SAME_BUDGET;
    } else {
        limit.kind = LIMIT_MORE_BUDGET;
        ask_for(replicates, settings, planned, &limit);
    }
    return limit;
}

/* "±0.8 %" of a log half-width; one of half or more is a factor. */
static void print_half(double half, char *text, size_t size) {
    if (half < 0.4)
        snprintf(text, size, "±%s %%", BRIEF(100 * expm1(half), 2));
    else if (half < log(1000))
        snprintf(text, size, "a factor of %s either way", BRIEF(exp(half), 2));
    else
        snprintf(text, size, "nothing that could be told");
}

/* "--budget 4.8 --replicates 20" */
static void print_options(const struct verdict_limit *limit, char *text, size_t size) {
    int length = snprintf(text, size, "%s %s", option_name(SETTING_BUDGET), BRIEF(limit->budget_s, 3));
    if (!isnan(limit->needed) && length > 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, " %s %.0f", option_name(SETTING_REPLICATES),
                 limit->needed);
}

static void print_kind(const struct verdict_limit *limit, char *text, size_t size) {
    char half[64], options[64];
    print_half(limit->half, half, sizeof half);
    print_options(limit, options, sizeof options);
    text[0] = '\0';
    switch (limit->kind) {
    case LIMIT_NO_SAMPLE:
        snprintf(text, size, "no sample was taken");
        break;
    case LIMIT_SHARED_LINKS:
        snprintf(
            text, size,
            "its %.0f replicates share %.0f links, each of which counts once: a run that draws a link for "
            "every replicate is needed",
            limit->replicates, limit->units);
        break;
    case LIMIT_FEW_PROCESSES:
        snprintf(text, size,
                 "within ±%s %%, but %.0f processes may all have missed a kind that %.0f %% are; equivalent "
                 "takes %d: %s",
                 BRIEF(100 * limit->delta, 3), limit->units, 100 * verdict_missed_share((size_t)limit->units),
                 VERDICT_EQUIVALENT_UNITS, options);
        break;
    case LIMIT_OUT_OF_REACH:
        snprintf(text, size,
                 "out of reach: even %.0f times the budget would leave it open (%s, beside a limit of %s %%)",
                 limit->times, half, BRIEF(100 * limit->delta, 3));
        break;
    case LIMIT_SAME_BUDGET:
        snprintf(text, size, "the same budget again would settle it (even odds)");
        break;
    case LIMIT_MORE_BUDGET:
        snprintf(text, size, "about %s times the budget would settle it (even odds): %s",
                 BRIEF(limit->times, 2), options);
        break;
    default:
        break;
    }
}

void verdict_limit_words(const struct verdict_limit *limit, char reason[RESULT_REASON]) {
    char kind[RESULT_REASON];
    print_kind(limit, kind, sizeof kind);
    if (isnan(limit->comparisons))
        snprintf(reason, RESULT_REASON, "%s", kind);
    else
        snprintf(reason, RESULT_REASON, "%s alone, but not among %.0f comparisons%s%.250s",
                 verdict_name(limit->alone), limit->comparisons, kind[0] ? "; " : "", kind);
}
