/* By mimalloc's own names, so that the process keeps its malloc. */
#include "object-pool.h"
#include "peer.h"

#include <mimalloc.h>

static inline uint64_t *take(const struct objects *objects, struct worker *worker) {
    (void)worker;
    return mi_malloc(objects->words * sizeof(uint64_t));
}

static inline void give(struct worker *worker, uint64_t *object) {
    (void)worker;
    mi_free(object);
}

static __attribute__((noinline)) void serve_mimalloc(const struct objects *objects, struct worker *worker) {
    serve(objects, worker, take, give);
}

static void run(void *state) {
    serve_all(state, serve_mimalloc);
}

PEER(mimalloc) = {.name = "mimalloc", .run = run, .flags = CS_PARALLEL, .summary = "mi_malloc and mi_free"};
