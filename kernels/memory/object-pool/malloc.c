#include "object-pool.h"

#include <stdlib.h>

/* Where memory is short, writing the object ends the process, and the harness says of whom it was. */
static inline uint64_t *take(const struct objects *objects, struct worker *worker) {
    (void)worker;
    return malloc(objects->words * sizeof(uint64_t));
}

static inline void give(struct worker *worker, uint64_t *object) {
    (void)worker;
    free(object);
}

static __attribute__((noinline)) void serve_malloc(const struct objects *objects, struct worker *worker) {
    serve(objects, worker, take, give);
}

void run_malloc(void *state) {
    serve_all(state, serve_malloc);
}
