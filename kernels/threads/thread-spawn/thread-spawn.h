/* State of the thread-spawn kernel: tasks of a batch, each so many steps of arithmetic, done by threads. */
#ifndef THREAD_SPAWN_H
#define THREAD_SPAWN_H

#include <countersign.h>

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
    pthread_cond_t begun, done; /**< there are tasks; all are done */
    size_t next, finished;      /**< of the batch's tasks */
    int ended;                  /**< no more batches */
    pthread_t *workers;         /**< count: one less than the batch has threads */
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

#define STEP_MULTIPLY 6364136223846793005u
#define STEP_ADD 1442695040888963407u

/** A step of the generator of Knuth's MMIX. The barrier: clang puts several steps together, which are affine, to one. */
static inline uint64_t do_step(uint64_t x) {
    x = x * STEP_MULTIPLY + STEP_ADD;
    __asm__ volatile("" : "+r"(x));
    return x;
}

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
