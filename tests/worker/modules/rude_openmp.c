/* A kernel whose variants leave its OpenMP threads, or none of them, changed. */
#include "squares.h"

#include <fenv.h>

/* The caller is thread 0 of the team, whose mode stays. */
static void run_rounding(void *data) {
    struct state *state = data;
    int good = is_good(state);
#pragma omp parallel num_threads(2)
    {
        int first = 0;
#pragma omp master
        first = 1;
        if (!first && !good)
            fesetround(FE_UPWARD);
    }
}

static void run_undone(void *data) {
    struct state *state = data;
    square(state);
#pragma omp parallel num_threads(2)
    {
        fesetround(FE_UPWARD);
        __asm__ volatile("" ::: "memory");
        fesetround(FE_TONEAREST);
    }
}

/* As if a limit on threads held. */
static void run_alone(void *state) {
    square(state);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "rude_openmp",
    .summary = "variants that leave threads changed, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square},
                 {.name = "rounding", .run = run_rounding, .flags = CS_PARALLEL},
                 {.name = "alone", .run = run_alone, .flags = CS_PARALLEL},
                 {.name = "up-to", .run = run_alone, .flags = CS_PARALLEL | CS_UP_TO},
                 {.name = "undone", .run = run_undone, .flags = CS_PARALLEL}},
};
