#include "object-pool.h"

static inline uint64_t *take(const struct objects *objects, struct worker *worker) {
    char *object = worker->arena + worker->arena_taken;
    worker->arena_taken += objects->words * sizeof(uint64_t);
    return (uint64_t *)object;
}

/* One object is not given back; all are, when the request ends. */
static inline void give(struct worker *worker, uint64_t *object) {
    (void)worker;
    (void)object;
}

static __attribute__((noinline)) void serve_arena(const struct objects *objects, struct worker *worker) {
    serve(objects, worker, take, give);
    worker->arena_taken = 0;
}

void run_arena(void *state) {
    serve_all(state, serve_arena);
}

int prepare_arena(const struct cs_env *env, void *state) {
    struct objects *objects = state;
    for (unsigned i = 0; i < objects->threads; i++)
        objects->workers[i].arena = (char *)cs_array(env, "arena", objects->n * objects->words, uint64_t);
    return 0;
}
