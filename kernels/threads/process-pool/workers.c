#include "process-pool.h"

static void work(const struct job *job, size_t first, size_t end) {
    do_items(job, first, end);
}

/* Equal parts, one a worker. */
void run_workers(void *state) {
    struct job *job = state;
    for (unsigned worker = 0; worker < job->workers; worker++)
        start_worker(job, worker, work, job->n * worker / job->workers, job->n * (worker + 1) / job->workers);
    for (unsigned worker = 0; worker < job->workers; worker++)
        await_worker(job, worker);
}
