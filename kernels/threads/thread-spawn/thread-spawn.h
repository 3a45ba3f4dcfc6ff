/* State of the thread-spawn kernel: tasks of a batch, each so many steps of arithmetic, done by threads. */
#ifndef THREAD_SPAWN_H
#define THREAD_SPAWN_H

#include "../steps.h"

#include <pthread.h>

struct batch;

/** What a task gets and leaves; a line of its own, since another thread has the next. */
struct task {
    _Alignas(CS_LINE) uint64_t seed;
    uint64_t answer;
    const struct batch *batch;
};

/** Workers that wait for the tasks of a batch. */
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t begun, all_done; /**< there are tasks; all are done */
    size_t batches, done;           /**< how often that was so */
    size_t next, finished;          /**< of the batch's tasks */
    int ended;                      /**< no more batches */
    pthread_t *workers;             /**< count: one less than the batch has threads */
    size_t count;
};

struct batch {
    struct task *tasks;
    size_t count;
    uint64_t length; /**< steps of a task */
    unsigned threads;
    const unsigned *cpus;       /**< threads; NULL: threads stay where the system puts them */
    pthread_attr_t *attributes; /**< of `spawn`: threads, each for a CPU */
    pthread_t *spawned;         /**< of `spawn`: count */
    struct pool *pool;
};

/** A task's work: a chain of multiplications. */
static inline void do_task(struct task *task) {
    uint64_t x = task->seed;
    for (uint64_t i = task->batch->length; i > 0; i--)
        x = do_step(x);
    task->answer = x;
}

void run_spawn(void *state);
int prepare_spawn(const struct cs_env *env, void *state);
void release_spawn(void *state);
void run_pool(void *state);
int prepare_pool(const struct cs_env *env, void *state);
void release_pool(void *state);
void run_inline(void *state);

#endif
