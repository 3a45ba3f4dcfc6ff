#include "thread-spawn.h"

/* Task after task until none is left; with the lock, which is free while a task is done. */
static void do_tasks(struct batch *batch) {
    struct pool *pool = batch->pool;
    while (pool->next < batch->count) {
        struct task *task = &batch->tasks[pool->next++];
        pthread_mutex_unlock(&pool->lock);
        do_task(task);
        pthread_mutex_lock(&pool->lock);
        if (++pool->finished == batch->count)
            pthread_cond_signal(&pool->done);
    }
}

static void *work_on(void *state) {
    struct batch *batch = state;
    struct pool *pool = batch->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ended) {
        do_tasks(batch);
        pthread_cond_wait(&pool->begun, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Whoever has the batch helps, so that a pool of one thread is that thread. */
void run_pool(void *state) {
    struct batch *batch = state;
    struct pool *pool = batch->pool;
    pthread_mutex_lock(&pool->lock);
    pool->next = pool->finished = 0;
    pthread_cond_broadcast(&pool->begun);
    do_tasks(batch);
    while (pool->finished < batch->count)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

static void end_workers(struct pool *pool, size_t count) {
    pthread_mutex_lock(&pool->lock);
    pool->ended = 1;
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
    pthread_cond_init(&pool->done, NULL);
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
