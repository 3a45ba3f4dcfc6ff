/* Walks along chains of cache lines in random order, each hop to where the line before says: one by one, or in step. */
#include "memory-level-parallelism.h"

static int setup(const struct cs_env *env, void *state) {
    struct walks *walks = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = walks->n = cs_size(env, "bytes") / sizeof(struct line);
    walks->hops = cs_size(env, "hops");
    for (walks->chains = 1; 2 * walks->chains <= cs_value(env, "chains");)
        walks->chains *= 2;
    walks->lines = cs_aligned_array(env, "lines", n, struct line, CS_HUGE_PAGE);
    walks->circle = cs_array(env, "circle", n, uint32_t);
    cs_random_order(&random, walks->circle, n);
    for (size_t i = 0; i < n; i++)
        walks->lines[walks->circle[i]].next = &walks->lines[walks->circle[i + 1 < n ? i + 1 : 0]];
    walks->starts = cs_array(env, "starts", WALKS, uint32_t);
    walks->first = cs_array(env, "first lines", WALKS, struct line *);
    for (size_t i = 0; i < WALKS; i++) {
        walks->starts[i] = cs_random_below(&random, (uint32_t)n);
        walks->first[i] = &walks->lines[walks->circle[walks->starts[i]]];
    }
    cs_output(env, "line", walks->ends, walks->chains);
    cs_work(env, walks->hops * walks->chains, 0);
    cs_rewind(env, &walks->next);
    return 0;
}

/* Walks nothing: so many places further in the circle. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct walks *walks = state;
    const uint32_t *starts = walks->starts + cs_last_window(walks->next, walks->chains, WALKS);
    for (size_t i = 0; i < walks->chains; i++)
        cs_expect(mismatch, "line", i, walks->ends[i], walks->circle[(starts[i] + walks->hops) % walks->n]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("memory-level-parallelism", "hop", "walk along chains of cache lines in random order"),
    .parameters = {CS_NUMBER("bytes", "bytes", 4096, 1 << 30, 65536,
                             "of all lines together, rounded down to lines of 64"),
                   CS_NUMBER("chains", "chains", 1, MOST_CHAINS, 4,
                             "walks of a run, rounded down to a power of two"),
                   CS_NUMBER("hops", "hops", 1, 65536, 1024, "of each walk")},
    .variants = {CS_VARIANT("one", run_one, "one walk after the other"),
                 CS_VARIANT("interleaved", run_interleaved, "a hop of each walk in turn"),
                 CS_VARIANT("prefetched", run_prefetched,
                            "as interleaved, each line prefetched as soon as its address is known")},
    CS_STATE(struct walks, setup),
    .check = check,
};
