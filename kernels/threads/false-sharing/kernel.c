/* Events counted by kind, by several threads: each has counts of its own, on lines of its own or not. */
#include "false-sharing.h"

#include <inttypes.h>

enum { PARAMETER_N, PARAMETER_KINDS };

static int setup(const struct cs_env *env, void *state) {
    struct tally *tally = state;
    struct cs_random random = cs_random_seed(env->seed);
    tally->seed = env->seed;
    tally->threads = env->threads;
    tally->n = (size_t)env->value[PARAMETER_N];
    tally->kinds = (size_t)env->value[PARAMETER_KINDS];
    tally->totals = cs_array(env, "totals", tally->kinds, uint64_t);
    uint8_t *events = cs_array(env, "events", tally->n, uint8_t);
    for (size_t i = 0; i < tally->n; i++)
        events[i] = (uint8_t)cs_random_below(&random, (uint32_t)tally->kinds);
    tally->events = events;
    return 0;
}

/* Whether a count of thread `t` lies on a line on which another thread has one. */
static uint8_t is_shared(const struct tally *tally, const struct counts *counts, unsigned t, size_t k) {
    uintptr_t line = (uintptr_t)&counts->of[t * counts->stride + k] / CS_LINE;
    for (unsigned other = 0; other < tally->threads; other++) {
        const uint64_t *first = counts->of + other * counts->stride, *last = first + tally->kinds - 1;
        if (other != t && (uintptr_t)first / CS_LINE <= line && line <= (uintptr_t)last / CS_LINE)
            return 1;
    }
    return 0;
}

int prepare_counts(const struct cs_env *env, struct tally *tally, struct counts *counts, size_t stride) {
    counts->stride = stride;
    counts->of = cs_aligned_array(env, "counts", tally->threads * stride, uint64_t, APART);
    counts->shared = cs_array(env, "shared", tally->threads * tally->kinds, uint8_t);
    for (unsigned t = 0; t < tally->threads; t++)
        for (size_t k = 0; k < tally->kinds; k++)
            counts->shared[t * tally->kinds + k] = is_shared(tally, counts, t, k);
    return 0;
}

void add_up(struct tally *tally, const struct counts *counts) {
    for (size_t k = 0; k < tally->kinds; k++) {
        uint64_t total = 0;
        for (unsigned t = 0; t < tally->threads; t++) {
            uint64_t count = counts->of[t * counts->stride + k];
            total += count;
            tally->shared_stores += counts->shared[t * tally->kinds + k] ? count : 0;
        }
        tally->totals[k] = total;
    }
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct tally *tally = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "total", .data = tally->totals, .count = tally->kinds, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct tally *tally = state;
    *work = (struct cs_work){.items = (double)tally->n, .bytes = (double)tally->n};
}

/* Kind by kind, by the events drawn anew. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct tally *tally = state;
    (void)variant;
    for (uint32_t k = 0; k < tally->kinds; k++) {
        struct cs_random random = cs_random_seed(tally->seed);
        uint64_t expected = 0;
        for (size_t i = 0; i < tally->n; i++)
            expected += cs_random_below(&random, (uint32_t)tally->kinds) == k;
        if (tally->totals[k] != expected)
            return cs_wrong(mismatch, "total", k, "%" PRIu64, tally->totals[k], expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    values[0] = ((const struct tally *)state)->shared_stores;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "false-sharing",
    .summary = "threads count events by kind, each in counts of its own",
    .item = "event",
    .parameters = {{.name = "n",
                    .unit = "events",
                    .min = 1,
                    .max = 1 << 24,
                    .def = 1 << 14,
                    .summary = "events, shared out among the threads"},
                   {.name = "kinds",
                    .unit = "kinds",
                    .min = 1,
                    .max = MOST_KINDS,
                    .def = 4,
                    .summary = "counts a thread, of 8 bytes each"}},
    .variants = {{.name = "side-by-side",
                  .prepare = prepare_side_by_side,
                  .run = run_side_by_side,
                  .flags = CS_PARALLEL,
                  .summary = "one array, the counts of a thread behind those of another"},
                 {.name = "padded",
                  .prepare = prepare_padded,
                  .run = run_padded,
                  .flags = CS_PARALLEL,
                  .summary = "the same, each thread's counts on lines of their own"},
                 {.name = "local",
                  .run = run_local,
                  .flags = CS_PARALLEL,
                  .summary = "counts on the thread's stack, added to the totals at the end"}},
    .counters = {{.name = "shared-line-stores", .unit = "store"}},
    .state_size = sizeof(struct tally),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "n",
};
