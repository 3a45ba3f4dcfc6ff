#include "process-pool.h"

static void work(const struct job *job, size_t first, size_t end) {
    do_items(job, first, end);
}

/* A process a chunk, no more at a time than there are workers. */
void run_each(void *state) {
    struct job *job = state;
    unsigned worker = 0;
    for (size_t first = 0; first < job->n; first += job->chunk) {
        size_t end = first + job->chunk < job->n ? first + job->chunk : job->n;
        await_worker(job, worker);
        start_worker(job, worker, work, first, end);
        worker = (worker + 1) % job->workers;
    }
    for (worker = 0; worker < job->workers; worker++)
        await_worker(job, worker);
}
