#include "process-pool.h"

/* Chunk after chunk, until none is left. */
static void work(const struct job *job, size_t first, size_t end) {
    while ((first = __atomic_fetch_add(&job->shared->next, job->chunk, __ATOMIC_RELAXED)) < end)
        do_items(job, first, first + job->chunk < end ? first + job->chunk : end);
}

void run_pool(void *state) {
    struct job *job = state;
    job->shared->next = 0;
    for (unsigned worker = 0; worker < job->workers; worker++)
        start_worker(job, worker, work, 0, job->n);
    for (unsigned worker = 0; worker < job->workers; worker++)
        await_worker(job, worker);
}
