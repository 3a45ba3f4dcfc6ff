/* Requests take objects of one size and give them back: to malloc, to an arena for a request, to a list. */
#include "object-pool.h"

enum { PARAMETER_N, PARAMETER_LIVE, PARAMETER_SIZE };

static int setup(const struct cs_env *env, void *state) {
    struct objects *objects = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = objects->n = (size_t)env->value[PARAMETER_N], live = (size_t)env->value[PARAMETER_LIVE];
    objects->live = live < n ? live : n;
    objects->words = (size_t)env->value[PARAMETER_SIZE] / 16 * 2;
    objects->threads = env->threads;
    objects->workers = cs_array(env, "workers", objects->threads, struct worker);
    objects->keys = cs_array(env, "keys", objects->threads * n, uint64_t);
    for (size_t i = 0; i < objects->threads * n; i++)
        objects->keys[i] = cs_random_u64(&random);
    for (size_t i = 0; i < objects->threads; i++)
        objects->workers[i].ring = cs_array(env, "objects in use", objects->live, uint64_t *);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct objects *objects = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "digest",
                                    .data = &objects->workers->digest,
                                    .count = objects->threads,
                                    .type = CS_U64,
                                    .stride = sizeof *objects->workers};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct objects *objects = state;
    double items = (double)(objects->threads * objects->n);
    *work = (struct cs_work){.items = items, .bytes = items * (double)(objects->words * sizeof(uint64_t))};
}

/* Without any object: what its first and last word were follows from its key. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct objects *objects = state;
    (void)variant;
    for (size_t t = 0; t < objects->threads; t++) {
        uint64_t expected = 0, got = objects->workers[t].digest;
        for (const uint64_t *key = objects->keys + t * objects->n, *end = key + objects->n; key < end; key++)
            expected = 3 * expected + (*key ^ (*key + objects->words - 1));
        if (got != expected)
            return cs_wrong(mismatch, "digest", t, "%llu", (unsigned long long)got,
                            (unsigned long long)expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "object-pool",
    .summary = "take objects, write them, read them, give them back",
    .item = "object",
    .parameters = {{.name = "n",
                    .unit = "objects",
                    .min = 1,
                    .max = 65536,
                    .def = 1024,
                    .summary = "of a request, one a thread"},
                   {.name = "live",
                    .unit = "objects",
                    .min = 1,
                    .max = 65536,
                    .def = 64,
                    .summary = "in use at the same time"},
                   {.name = "size",
                    .unit = "bytes",
                    .min = 16,
                    .max = 16384,
                    .def = 64,
                    .summary = "of an object, rounded down to 16"}},
    .variants = {{.name = "malloc",
                  .flags = CS_PARALLEL,
                  .run = run_malloc,
                  .summary = "malloc and free, one by one"},
                 {.name = "arena",
                  .flags = CS_PARALLEL,
                  .prepare = prepare_arena,
                  .run = run_arena,
                  .summary = "one after the other from a block, all given back at once"},
                 {.name = "freelist",
                  .flags = CS_PARALLEL,
                  .prepare = prepare_freelist,
                  .run = run_freelist,
                  .summary = "from a list of those that were given back"}},
    .state_size = sizeof(struct objects),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
