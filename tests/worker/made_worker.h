/* A worker made up to order, in this process: two variants, of which the test says what they do. */
#ifndef TESTS_MADE_WORKER_H
#define TESTS_MADE_WORKER_H

#include "worker/worker_context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MADE_ARMS 2
#define MADE_ROUNDS 64

struct made {
    struct cs_kernel kernel;
    struct worker_job job;
    struct worker worker;
    bool original;
};

/* One run a sample, warm, ticks of 1 ns. The state that variants get is the struct itself. */
static inline int make_worker(void **state) {
    struct made *made = calloc(1, sizeof *made);
    assert_non_null(made);
    made->original = true;
    made->kernel.name = "made";
    made->job = (struct worker_job){.mode = WORKER_MEASURE,
                                    .threads = 1,
                                    .arm_count = MADE_ARMS,
                                    .clock = {.ticks_per_ns = 1},
                                    .min_rounds = 4,
                                    .max_rounds = MADE_ROUNDS,
                                    .state = STATE_WARM};
    made->worker = (struct worker){.original = &made->original,
                                   .job = &made->job,
                                   .module = {.kernel = &made->kernel},
                                   .state = made,
                                   .live_count = MADE_ARMS,
                                   .answer = calloc(1, sizeof *made->worker.answer),
                                   .report = calloc(1, sizeof *made->worker.report),
                                   .ticks = calloc(MADE_ARMS * MADE_ROUNDS, sizeof *made->worker.ticks)};
    assert_true(made->worker.answer && made->worker.report && made->worker.ticks);
    made->worker.report->work.items = 1;
    for (size_t arm = 0; arm < MADE_ARMS; arm++) {
        made->job.arms[arm].variant = (unsigned)arm;
        made->job.arms[arm].active = true;
        made->worker.live[arm] = arm;
        made->worker.report->arms[arm].runs = 1;
    }
    *state = made;
    return 0;
}

static inline int free_worker(void **state) {
    struct made *made = *state;
    free(made->worker.evict);
    free(made->worker.answer);
    free(made->worker.report);
    free(made->worker.ticks);
    free(made);
    return 0;
}

#endif
