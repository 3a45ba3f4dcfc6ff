/* Walks along chains of cache lines in random order, each hop to where the line before says: one by one, or in step. */
#include "memory-level-parallelism.h"

enum { PARAMETER_BYTES, PARAMETER_CHAINS, PARAMETER_HOPS };

static int setup(const struct cs_env *env, void *state) {
    struct walks *walks = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = walks->n = (size_t)env->value[PARAMETER_BYTES] / sizeof(struct line);
    walks->hops = (size_t)env->value[PARAMETER_HOPS];
    for (walks->chains = 1; 2 * walks->chains <= env->value[PARAMETER_CHAINS];)
        walks->chains *= 2;
    walks->lines = cs_aligned_array(env, "lines", n, struct line, CS_HUGE_PAGE);
    walks->circle = cs_array(env, "circle", n, uint32_t);
    for (size_t i = 0; i < n; i++)
        walks->circle[i] = (uint32_t)i;
    cs_random_shuffle(&random, walks->circle, n);
    for (size_t i = 0; i < n; i++)
        walks->lines[walks->circle[i]].next = &walks->lines[walks->circle[i + 1 < n ? i + 1 : 0]];
    walks->starts = cs_array(env, "starts", WALKS, uint32_t);
    walks->first = cs_array(env, "first lines", WALKS, struct line *);
    for (size_t i = 0; i < WALKS; i++) {
        walks->starts[i] = cs_random_below(&random, (uint32_t)n);
        walks->first[i] = &walks->lines[walks->circle[walks->starts[i]]];
    }
    return 0;
}

static void reset(void *state) {
    struct walks *walks = state;
    walks->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct walks *walks = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "line", .data = walks->ends, .count = walks->chains, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct walks *walks = state;
    *work = (struct cs_work){.items = (double)(walks->hops * walks->chains)};
}

/* Walks nothing: so many places further in the circle. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct walks *walks = state;
    (void)variant;
    const uint32_t *starts = walks->starts + cs_last_window(walks->next, walks->chains, WALKS);
    for (size_t i = 0; i < walks->chains; i++) {
        uint32_t expected = walks->circle[(starts[i] + walks->hops) % walks->n];
        if (walks->ends[i] != expected)
            return cs_wrong(mismatch, "line", i, "%u", walks->ends[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "memory-level-parallelism",
    .summary = "walk along chains of cache lines in random order",
    .item = "hop",
    .parameters =
        {{.name = "bytes",
          .unit = "bytes",
          .min = 4096,
          .max = 1 << 30,
          .def = 65536,
          .summary = "of all lines together, rounded down to lines of 64"},
         {.name = "chains",
          .unit = "chains",
          .min = 1,
          .max = MOST_CHAINS,
          .def = 4,
          .summary = "walks of a run, rounded down to a power of two"},
         {.name = "hops", .unit = "hops", .min = 1, .max = 65536, .def = 1024, .summary = "of each walk"}},
    .variants = {{.name = "one", .run = run_one, .summary = "one walk after the other"},
                 {.name = "interleaved", .run = run_interleaved, .summary = "a hop of each walk in turn"},
                 {.name = "prefetched",
                  .run = run_prefetched,
                  .summary = "as interleaved, each line prefetched as soon as its address is known"}},
    .state_size = sizeof(struct walks),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
};
