/* A measurement made up to order, with the truth known. */
#ifndef TESTS_MADE_MEASUREMENT_H
#define TESTS_MADE_MEASUREMENT_H

#include "conclude/comparison.h"
#include "stats/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REPLICATES 8
#define ROUNDS 400

static const struct run_settings settings = {.delta = 0.01, .confidence = 0.95};
static const struct sample_clock sample_clock = {.ticks_per_ns = 2};

struct made {
    struct measurement measurement;
    struct counter_plan plan;
};

/*
 * Noise in (-1, 1), the same for all arms of a round, as on a real machine, and a little of each arm's own.
 */
static double noise(struct cs_random *random) {
    return 2 * cs_random_unit(random) - 1;
}

/*
 * Baseline 20000 ticks a run at k = 2, candidate faster by `speedup` at k = 3, placebo; rounds share 5 % of
 * noise and have 0.1 % of their own. `after_first` slows the candidate where the baseline came first.
 */
static void make_replicates(struct made *made, size_t replicates, double speedup, double placebo,
                            double after_first) {
    memset(made, 0, sizeof *made);
    struct measurement *measurement = &made->measurement;
    measurement->items = 10;
    measurement->arm_count = 3;
    measurement->arms = calloc(3, sizeof *measurement->arms);
    measurement->replicates = calloc(replicates, sizeof *measurement->replicates);
    static const char *const names[] = {"base", "cand", "base"};
    for (size_t arm = 0; arm < 3; arm++) {
        snprintf(measurement->arms[arm].variant, RESULT_NAME, "%s", names[arm]);
        measurement->arms[arm].role = (enum arm_role)arm;
    }
    struct cs_random random = cs_random_seed(5);
    for (size_t r = 0; r < replicates; r++) {
        struct replicate *replicate = &measurement->replicates[r];
        assert_int_equal(replicate_allocate(replicate, 3, ROUNDS, 1), 0);
        measurement->replicate_count++;
        replicate->seed = r + 1;
        static const uint64_t runs[] = {2, 3, 2};
        memcpy(replicate->runs, runs, sizeof runs);
        struct schedule schedule;
        schedule_start(&schedule, replicate->seed, 3);
        for (size_t round = 0; round < ROUNDS; round++) {
            const uint32_t *order = schedule_next(&schedule);
            double shared = 20000 * (1 + 0.05 * noise(&random));
            double candidate = shared / speedup * (order[0] == 0 ? after_first : 1);
            replicate->ticks[0][round] = (uint64_t)(2 * shared * (1 + 0.001 * noise(&random)));
            replicate->ticks[1][round] = (uint64_t)(3 * candidate * (1 + 0.001 * noise(&random)));
            replicate->ticks[2][round] = (uint64_t)(2 * shared / placebo * (1 + 0.001 * noise(&random)));
        }
    }
}

static inline void make(struct made *made, double speedup, double placebo, double after_first) {
    make_replicates(made, REPLICATES, speedup, placebo, after_first);
}

#endif
