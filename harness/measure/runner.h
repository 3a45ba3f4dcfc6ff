/* A whole run: plan, replicates, conclusions. */
#ifndef MEASURE_RUNNER_H
#define MEASURE_RUNNER_H

#include "measure/link_table.h"
#include "run/plan.h"
#include "run/supervisor.h"

/** How far a run is; for progress lines. */
struct runner_progress {
    size_t point, points;      /**< which point is measured, or was finished last, 1-based, of how many */
    size_t case_number, cases; /**< the same of cases, in the order of the plan */
    size_t replicate, replicates;
    bool finishing; /**< its replicates are done: memory is measured, and it is simulated */
    const char *case_name;
    const struct point *where;
    double elapsed_s, remaining_s; /**< remaining: from the mean time of what was done */
};

/** That a point takes much longer than its budget, told as soon as it is known. */
struct runner_forecast {
    double expected_s, budget_s; /**< of this point; expected: at the most, as measured so far */
    char cause[320];
};

/** Whether that is worth a word: more than twice the budget, and by more than some seconds. */
bool runner_forecast_matters(const struct runner_forecast *forecast);

/** What a runner calls as it goes; members may be NULL. */
struct runner_listener {
    void *context;
    void (*forecast)(void *context, const struct runner_forecast *forecast);
    void (*progress)(void *context, const struct runner_progress *progress);
};

/** What to run with. */
struct runner_options {
    struct run_settings settings;
    double sample_us;   /**< length aimed at for a sample */
    double compiling_s; /**< that compilers took before; for the forecast */
    const struct runner_listener *listener;
    struct links_ahead *ahead; /**< of runner_anticipate; NULL: nothing is begun ahead */
};

/** Rounds a replicate stores at the most; longer budgets lengthen the samples instead. */
#define RUNNER_MAX_ROUNDS 4000
#define RUNNER_MIN_ROUNDS 4

/**
 * How many replicates there are at the most for so many seconds a comparison, where nobody says: 32 a second,
 * 16 at the least and 512 at the most. A replicate's timing then takes as long as the process around it:
 * rounds have little of the variance.
 */
unsigned runner_default_replicates(double budget_s);

/**
 * Begins the links of a run's first replicates into options->ahead, while the module, the first of the plan, is being
 * described. What fails is left for runner_run to tell, which takes them; links_close them where it is not called.
 */
void runner_anticipate(const struct runner_options *options, struct supervisor *supervisor,
                       const char *module);

/**
 * Measures every point of the plan and appends measurements and comparisons to `run` as they are complete. A
 * variant that crashes, hangs, eats memory or answers wrong becomes invalid and the rest goes on. When
 * supervisor->interrupted is set, the point under way is dropped and run->complete is false. Returns 0, or
 * -errno where the harness itself failed; what was complete stays in `run`.
 */
int runner_run(struct supervisor *supervisor, const struct plan *plan, const struct runner_options *options,
               struct run *run, struct problem *problem);

#endif
