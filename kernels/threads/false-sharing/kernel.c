/* Events counted by kind, by several threads: each has counts of its own, on lines of its own or not. */
#include "false-sharing.h"

static int setup(const struct cs_env *env, void *state) {
    struct tally *tally = state;
    struct cs_random random = cs_random_seed(env->seed);
    tally->seed = env->seed;
    tally->threads = env->threads;
    tally->n = cs_size(env, "n");
    tally->kinds = cs_size(env, "kinds");
    tally->totals = cs_answer(env, "total", tally->kinds, uint64_t);
    uint8_t *events = cs_array(env, "events", tally->n, uint8_t);
    for (size_t i = 0; i < tally->n; i++)
        events[i] = (uint8_t)cs_random_below(&random, (uint32_t)tally->kinds);
    tally->events = events;
    cs_work(env, tally->n, tally->n);
    cs_count(env, "shared-line-stores", &tally->shared_stores);
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

/* Kind by kind, by the events drawn anew. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct tally *tally = state;
    for (uint32_t k = 0; k < tally->kinds; k++) {
        struct cs_random random = cs_random_seed(tally->seed);
        uint64_t expected = 0;
        for (size_t i = 0; i < tally->n; i++)
            expected += cs_random_below(&random, (uint32_t)tally->kinds) == k;
        cs_expect(mismatch, "total", k, tally->totals[k], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("false-sharing", "event", "threads count events by kind, each in counts of its own"),
    .parameters = {CS_NUMBER("n", "events", 1, 1 << 24, 1 << 14, "events, shared out among the threads"),
                   CS_NUMBER("kinds", "kinds", 1, MOST_KINDS, 4, "counts a thread, of 8 bytes each")},
    .variants = {CS_VARIANT("side-by-side", run_side_by_side,
                            "one array, the counts of a thread behind those of another", .flags = CS_PARALLEL,
                            .prepare = prepare_side_by_side),
                 CS_VARIANT("padded", run_padded, "the same, each thread's counts on lines of their own",
                            .flags = CS_PARALLEL, .prepare = prepare_padded),
                 CS_VARIANT("local", run_local,
                            "counts on the thread's stack, added to the totals at the end",
                            .flags = CS_PARALLEL)},
    .counters = {CS_COUNTER("shared-line-stores", "store")},
    CS_STATE(struct tally, setup),
    .check = check,
    .scale = "n",
};
