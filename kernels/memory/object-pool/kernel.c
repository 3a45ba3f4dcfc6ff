/* Requests take objects of one size and give them back: to malloc, to an arena for a request, to a list. */
#include "object-pool.h"

static int setup(const struct cs_env *env, void *state) {
    struct objects *objects = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = objects->n = cs_size(env, "n"), live = cs_size(env, "live");
    objects->live = live < n ? live : n;
    objects->words = cs_size(env, "size") / 16 * 2;
    objects->threads = env->threads;
    objects->workers = cs_array(env, "workers", objects->threads, struct worker);
    objects->keys = cs_array(env, "keys", objects->threads * n, uint64_t);
    cs_random_fill(&random, objects->keys, objects->threads * n);
    for (size_t i = 0; i < objects->threads; i++)
        objects->workers[i].ring = cs_array(env, "objects in use", objects->live, uint64_t *);
    cs_add_output(env, (struct cs_output){.name = "digest",
                                          .data = &objects->workers->digest,
                                          .count = objects->threads,
                                          .type = CS_U64,
                                          .stride = sizeof *objects->workers});
    double items = (double)(objects->threads * objects->n);
    cs_work(env, items, items * (double)(objects->words * sizeof(uint64_t)));
    return 0;
}

/* Without any object: what its first and last word were follows from its key. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct objects *objects = state;
    for (size_t t = 0; t < objects->threads; t++) {
        uint64_t expected = 0, got = objects->workers[t].digest;
        for (const uint64_t *key = objects->keys + t * objects->n, *end = key + objects->n; key < end; key++)
            expected = 3 * expected + (*key ^ (*key + objects->words - 1));
        cs_expect(mismatch, "digest", t, got, expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("object-pool", "object", "take objects, write them, read them, give them back"),
    .parameters = {CS_NUMBER("n", "objects", 1, 65536, 1024, "of a request, one a thread"),
                   CS_NUMBER("live", "objects", 1, 65536, 64, "in use at the same time"),
                   CS_NUMBER("size", "bytes", 16, 16384, 64, "of an object, rounded down to 16")},
    .variants = {CS_VARIANT("malloc", run_malloc, "malloc and free, one by one", .flags = CS_PARALLEL),
                 CS_VARIANT("arena", run_arena, "one after the other from a block, all given back at once",
                            .flags = CS_PARALLEL, .prepare = prepare_arena),
                 CS_VARIANT("freelist", run_freelist, "from a list of those that were given back",
                            .flags = CS_PARALLEL, .prepare = prepare_freelist)},
    CS_STATE(struct objects, setup),
    .check = check,
};
