#include "thread-spawn.h"

#ifdef __x86_64__
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() __asm__ volatile("" ::: "memory")
#endif

/* Some tens of microseconds: a core takes 40 to 140 cycles for a pause. */
#define LOOKS 1000

/* With the lock; who looks at the number may have none. */
static void step(size_t *number) {
    __atomic_store_n(number, *number + 1, __ATOMIC_RELAXED);
}

/*
 * Waits with the lock until the number is no longer `old`. Batches follow each other at once, or tasks end together: so
 * awake and without the lock first, for about as long as it takes to wake somebody, and then asleep.
 */
static void wait_for_step(struct pool *pool, const size_t *number, size_t old, pthread_cond_t *stepped) {
    if (*number != old)
        return;
    pthread_mutex_unlock(&pool->lock);
    for (int looks = 0; looks < LOOKS && __atomic_load_n(number, __ATOMIC_RELAXED) == old; looks++)
        PAUSE();
    pthread_mutex_lock(&pool->lock);
    while (*number == old)
        pthread_cond_wait(stepped, &pool->lock);
}

/* Task after task until none is left; with the lock, which is free while a task is done. */
static void do_tasks(struct batch *batch) {
    struct pool *pool = batch->pool;
    while (pool->next < batch->count) {
        struct task *task = &batch->tasks[pool->next++];
        pthread_mutex_unlock(&pool->lock);
        do_task(task);
        pthread_mutex_lock(&pool->lock);
        if (++pool->finished == batch->count) {
            step(&pool->done);
            pthread_cond_signal(&pool->all_done);
        }
    }
}

static void *work_on(void *state) {
    struct batch *batch = state;
    struct pool *pool = batch->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ended) {
        size_t batches = pool->batches;
        do_tasks(batch);
        wait_for_step(pool, &pool->batches, batches, &pool->begun);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Whoever has the batch helps, so that a pool of one thread is that thread. */
void run_pool(void *state) {
    struct batch *batch = state;
    struct pool *pool = batch->pool;
    pthread_mutex_lock(&pool->lock);
    size_t done = pool->done;
    pool->next = pool->finished = 0;
    step(&pool->batches);
    pthread_cond_broadcast(&pool->begun);
    do_tasks(batch);
    wait_for_step(pool, &pool->done, done, &pool->all_done);
    pthread_mutex_unlock(&pool->lock);
}

static void end_workers(struct pool *pool, size_t count) {
    pthread_mutex_lock(&pool->lock);
    pool->ended = 1;
    step(&pool->batches);
    pthread_cond_broadcast(&pool->begun);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < count; i++)
        pthread_join(pool->workers[i], NULL);
}

int prepare_pool(const struct cs_env *env, void *state) {
    struct batch *batch = state;
    struct pool *pool = batch->pool = cs_array(env, "pool", 1, struct pool);
    pool->workers = cs_array(env, "workers", batch->threads, pthread_t);
    pool->next = batch->count;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->begun, NULL);
    pthread_cond_init(&pool->all_done, NULL);
    pool->count = batch->threads - 1;
    for (size_t i = 0; i < pool->count; i++) {
        int status = pthread_create(&pool->workers[i], NULL, work_on, batch);
        if (status) {
            end_workers(pool, i);
            return cs_fail(env, status, "cannot start worker %zu of %zu", i + 1, pool->count);
        }
    }
    return 0;
}

void release_pool(void *state) {
    struct batch *batch = state;
    end_workers(batch->pool, batch->pool->count);
}
