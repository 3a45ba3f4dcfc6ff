/* A thread for each request in flight, all on one CPU: each reads block after block until none is left. */
#include "async-io.h"

struct worker {
    struct reads *reads;
    pthread_t thread;
    unsigned char *buffer;
    struct cs_recorder *recorder;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t begun, done;
    const uint32_t *blocks; /* of this run */
    atomic_size_t next;     /* item that nobody has taken */
    atomic_int flying;      /* requests in flight */
    size_t run, busy,
        count; /* runs that have begun; workers that are in it; workers, the calling thread among them */
    int ended;
    struct worker *all;
};

static void read_blocks(struct worker *worker) {
    struct reads *reads = worker->reads;
    struct workers *workers = reads->workers;
    for (size_t i; reads->error == 0 && (i = workers->next++) < reads->count;) {
        uint64_t begun = cs_begin(worker->recorder);
        reads->in_flight += (uint64_t)(workers->flying++ + 1);
        ssize_t got = read_block(reads, workers->blocks[i], worker->buffer);
        workers->flying--;
        take_block(reads, i, worker->buffer, got);
        cs_end(worker->recorder, begun);
    }
}

static void *work_on(void *argument) {
    struct worker *worker = argument;
    struct workers *workers = worker->reads->workers;
    pthread_mutex_lock(&workers->lock);
    for (size_t seen = 0; !workers->ended;) {
        if (seen == workers->run) {
            pthread_cond_wait(&workers->begun, &workers->lock);
            continue;
        }
        seen = workers->run;
        pthread_mutex_unlock(&workers->lock);
        read_blocks(worker);
        pthread_mutex_lock(&workers->lock);
        if (--workers->busy == 0)
            pthread_cond_signal(&workers->done);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

/* The calling thread is one of them, so that a depth of one is that thread alone. */
void run_threads(void *state) {
    struct reads *reads = state;
    struct workers *workers = reads->workers;
    pthread_mutex_lock(&workers->lock);
    workers->blocks = take_blocks(reads);
    workers->next = 0;
    workers->run++;
    workers->busy = workers->count - 1;
    pthread_cond_broadcast(&workers->begun);
    pthread_mutex_unlock(&workers->lock);
    read_blocks(&workers->all[0]);
    pthread_mutex_lock(&workers->lock);
    while (workers->busy)
        pthread_cond_wait(&workers->done, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
}

static void end_workers(struct workers *workers, size_t count) {
    pthread_mutex_lock(&workers->lock);
    workers->ended = 1;
    pthread_cond_broadcast(&workers->begun);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 1; i < count; i++)
        pthread_join(workers->all[i].thread, NULL);
}

int prepare_threads(const struct cs_env *env, void *state) {
    struct reads *reads = state;
    struct workers *workers = reads->workers = cs_array(env, "workers", 1, struct workers);
    workers->count = reads->depth;
    workers->all = cs_array(env, "threads", workers->count, struct worker);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->begun, NULL);
    pthread_cond_init(&workers->done, NULL);
    for (size_t i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->all[i];
        worker->reads = reads;
        worker->buffer = buffer_of(reads, i);
        worker->recorder = cs_recorder(env, reads->count);
        int status = i ? pthread_create(&worker->thread, NULL, work_on, worker) : 0;
        if (status) {
            end_workers(workers, i);
            return cs_fail(env, status, "cannot start thread %zu of %zu", i + 1, workers->count);
        }
    }
    return 0;
}

void release_threads(void *state) {
    struct reads *reads = state;
    end_workers(reads->workers, reads->workers->count);
}
