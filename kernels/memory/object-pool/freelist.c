#include "object-pool.h"

/* The object that was given back last, which is likely to be in a cache; a new one where there is none. */
static inline uint64_t *take(const struct objects *objects, struct worker *worker) {
    uint64_t *object = worker->free;
    if (object) {
        worker->free = *(uint64_t **)object;
        return object;
    }
    object = (uint64_t *)(worker->pool + worker->pool_taken);
    worker->pool_taken += objects->words * sizeof(uint64_t);
    return object;
}

/* The link to the next one takes the place of its first word. */
static inline void give(struct worker *worker, uint64_t *object) {
    *(uint64_t **)object = worker->free;
    worker->free = object;
}

static __attribute__((noinline)) void serve_freelist(const struct objects *objects, struct worker *worker) {
    serve(objects, worker, take, give);
}

void run_freelist(void *state) {
    serve_all(state, serve_freelist);
}

int prepare_freelist(const struct cs_env *env, void *state) {
    struct objects *objects = state;
    for (unsigned i = 0; i < objects->threads; i++)
        objects->workers[i].pool =
            (char *)cs_array(env, "pool of objects", objects->live * objects->words, uint64_t);
    return 0;
}
