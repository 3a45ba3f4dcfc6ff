#include "object-pool.h"

#include <omp.h>

static __attribute__((noinline)) void serve_in_parallel(struct objects *objects, serve_request *serve_one) {
#pragma omp parallel num_threads(objects->threads)
    serve_one(objects, &objects->workers[omp_get_thread_num()]);
}

/* A team of one would be allocated, too; clang asks the runtime for the thread's number where a function begins. */
void serve_all(struct objects *objects, serve_request *serve_one) {
    if (objects->threads == 1)
        serve_one(objects, objects->workers);
    else
        serve_in_parallel(objects, serve_one);
}
