/* By jemalloc's own names: Debian's library has malloc's as well, which would be those of the whole process. */
#include "object-pool.h"
#include "peer.h"

#include <jemalloc/jemalloc.h>

static inline uint64_t *take(const struct objects *objects, struct worker *worker) {
    (void)worker;
    return mallocx(objects->words * sizeof(uint64_t), 0);
}

static inline void give(struct worker *worker, uint64_t *object) {
    (void)worker;
    dallocx(object, 0);
}

static __attribute__((noinline)) void serve_jemalloc(const struct objects *objects, struct worker *worker) {
    serve(objects, worker, take, give);
}

static void run(void *state) {
    serve_all(state, serve_jemalloc);
}

PEER(jemalloc) = {
    .name = "jemalloc", .run = run, .flags = CS_PARALLEL, .summary = "jemalloc's mallocx and dallocx"};
