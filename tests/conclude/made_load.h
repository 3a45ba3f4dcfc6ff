/* A load made up to order, with the truth known; nothing is concluded yet. */
#ifndef TESTS_MADE_LOAD_H
#define TESTS_MADE_LOAD_H

#include "conclude/load.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PROCESSES 8

/* Readings of a process vary by some per cent, the candidate's by the same; its p99 is `factor` times the baseline's. */
static inline void make_load(struct load *load, double factor) {
    static const double noise[PROCESSES] = {1, 1.02, 0.99, 1.01, 1.03, 0.98, 1, 1.01};
    memset(load, 0, sizeof *load);
    load->arms = calloc(3, sizeof *load->arms);
    assert_non_null(load->arms);
    load->arms[0] = (struct load_arm){.variant = "old", .role = ARM_BASELINE, .peak_memory = 1000};
    load->arms[1] = (struct load_arm){.variant = "new", .role = ARM_CANDIDATE, .peak_memory = 3000};
    load->arms[2] = (struct load_arm){.variant = "old", .role = ARM_PLACEBO, .peak_memory = NAN};
    load->arm_count = 3;
    load->delta = 0.01;
    load->shares[load->share_count++] = 0.5;
    load->replicate_count = PROCESSES;
    for (size_t i = 0; i < PROCESSES; i++)
        for (size_t arm = 0; arm < 3; arm++)
            for (int under = 0; under < 2; under++) {
                /* Pairs differ by a little, which every interval has to have. */
                double own = noise[i] * noise[(i + arm) % PROCESSES], times = arm == 1 ? factor : 1;
                struct load_reading reading = LOAD_NOTHING;
                reading.replicate = i;
                reading.arm = arm;
                reading.share = under ? 0.5 : 0;
                reading.requests = 2000;
                reading.served = 1000 / own / times;
                reading.cpu_share = 0.5;
                reading.p50 = under ? 100 * own : NAN;
                reading.p99 = under ? 1000 * own * times : NAN;
                reading.p999 = under && i ? 5000 * own : NAN;
                assert_int_equal(load_add(load, &reading), 0);
            }
}

#endif
