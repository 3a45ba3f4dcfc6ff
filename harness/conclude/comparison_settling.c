/* What would settle an inconclusive comparison, in words that its own interval honours. */
#include "conclude/comparison_internal.h"

#include "base/numbers.h"

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

/* "±0.8 %" of a log half-width; one of half or more is a factor. */
static void print_half(double half, char *text, size_t size) {
    if (half < 0.4)
        snprintf(text, size, "±%s %%", BRIEF(100 * expm1(half), 2));
    else if (half < log(1000))
        snprintf(text, size, "a factor of %s either way", BRIEF(exp(half), 2));
    else
        snprintf(text, size, "nothing that could be told");
}

static void say_out_of_reach(const struct settling *settling, double delta, char *reason) {
    char half[64];
    print_half(family_half_after(settling->estimate, settling->confidence, REACH), half, sizeof half);
    snprintf(reason, RESULT_REASON,
             "out of reach: even %d times the budget would leave it open (%s, beside a limit of %s %%)",
             REACH, half, BRIEF(100 * delta, 3));
}

/* Where links are shared, more replicates are no more draws. */
static void say_links_are_shared(const struct ratio_estimate *estimate, char *reason) {
    snprintf(
        reason, RESULT_REASON,
        "its %zu replicates share %zu links, each of which counts once: a run that draws a link for every "
        "replicate is needed",
        estimate->replicates, estimate->units);
}

/* The budget of so many replicates, each as long as it was, rounded up to three digits. */
static double budget_of(double replicates, const struct run_settings *settings, size_t planned) {
    double budget = settings->budget_s * replicates / (double)planned;
    double digit = budget > 0 ? pow(10, floor(log10(budget)) - 2) : 1;
    return ceil(budget / digit - 1e-9) * digit;
}

/* "--budget 4.8", which the replicates of a sequential design follow from; a fixed one is told those, too. */
static void print_options(double replicates, const struct run_settings *settings, size_t planned, char *text,
                          size_t size) {
    int length = snprintf(text, size, "--budget %s", BRIEF(budget_of(replicates, settings, planned), 3));
    if (!run_is_sequential(settings) && length > 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, " --replicates %.0f", replicates);
}

static void say_too_few(size_t processes, const struct run_settings *settings, size_t planned, char *reason) {
    char options[64];
    print_options(VERDICT_EQUIVALENT_UNITS, settings, planned, options, sizeof options);
    snprintf(reason, RESULT_REASON,
             "within ±%s %%, but %zu processes may all have missed a kind that %.0f %% are; equivalent takes "
             "%d: %s",
             BRIEF(100 * settings->delta, 3), processes, 100 * verdict_missed_share(processes),
             VERDICT_EQUIVALENT_UNITS, options);
}

static void say_budget(double replicates, const struct run_settings *settings, size_t planned, char *reason) {
    char options[64];
    print_options(replicates, settings, planned, options, sizeof options);
    snprintf(reason, RESULT_REASON, "about %s times the budget would settle it (even odds): %s",
             BRIEF(replicates / (double)planned, 2), options);
}

void comparison_say_what_settles(const struct judgement *judgement, const struct run_settings *settings,
                                 size_t comparisons, char reason[RESULT_REASON]) {
    const struct ratio_estimate *estimate = &judgement->estimate;
    struct settling settling = comparison_settling(judgement, settings, comparisons);
    double factor = family_settling_factor(&settling);
    size_t planned = settings->replicates ? settings->replicates : estimate->replicates;
    reason[0] = '\0';
    if (isnan(factor))
        return;
    double replicates = ceil(factor * (double)estimate->units), times = replicates / (double)planned;
    bool in_reach = times <= REACH && budget_of(replicates, settings, planned) <= MOST_BUDGET &&
                    (replicates <= MOST_REPLICATES || replicates <= (double)planned);
    if (estimate->units < estimate->replicates)
        say_links_are_shared(estimate, reason);
    else if (judgement->too_few_units)
        say_too_few(judgement->processes, settings, planned, reason);
    else if (!in_reach)
        say_out_of_reach(&settling, settings->delta, reason);
    else if (times <= 1)
        snprintf(reason, RESULT_REASON, "the same budget again would settle it (even odds)");
    else
        say_budget(replicates, settings, planned, reason);
}
