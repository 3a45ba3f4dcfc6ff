/*
 * The clients of a load: processes that are forked from the worker before setup, each with a state, inputs, a scratch folder and
 * connections of its own, and a CPU of the load's. The worker is the first of them. Private to worker/.
 */
#ifndef WORKER_LOAD_CLIENTS_H
#define WORKER_LOAD_CLIENTS_H

#include "worker/worker_context.h"

#include <semaphore.h>

enum load_task_kind { LOAD_TASK_BACK_TO_BACK, LOAD_TASK_SCHEDULE, LOAD_TASK_END };

/** What all clients do next, together. */
struct load_task {
    enum load_task_kind kind;
    size_t arm, count; /**< requests of the schedule */
    double most_ns;    /**< after which the schedule is given up; back to back: of it */
};

/** Memory that all clients share. */
struct load_clients {
    size_t bytes, count;
    bool share_cpus; /**< there are more clients than CPUs: who waits must not keep one busy */
    bool errors_by_block[SCHEDULE_MAX_ARMS];
    struct load_task task;
    uint64_t zero;             /**< ticks at which the task begins */
    _Atomic size_t next;       /**< request of the schedule that nobody has taken */
    sem_t reached;             /**< posted by each client but the first that is ready, or done */
    double *starts;            /**< intended, ns after zero; room for `most`, as have: */
    double *latency, *service; /**< ns of each request; NAN: not begun */
    size_t most;
    struct load_client {
        pid_t process;
        sem_t start, go;
        struct worker_answer *answer; /**< NULL: the worker's own */
        size_t requests, errors;      /**< of the task */
        double cpu_s, wall_s;         /**< back to back */
        uint64_t end;                 /**< ticks of its last request's end; 0: it had none */
    } clients[LOAD_CLIENTS];
};

/**
 * Before setup: makes job.load.clients - 1 other processes, with room for schedules of `most` requests, and returns in each of
 * them; worker->client says which one it is, and its job is its own. A client waits here until the worker calls
 * load_clients_ready. 0 or -errno.
 */
int load_clients_fork(struct worker *worker, size_t most);

/** In the worker: has the others set up and verify, one after the other. 0; or 1 after one could not: the report says why. */
int load_clients_ready(struct worker *worker);

/** In the worker: has all do the task, itself too, by `work`. 0; or 1 after one was lost: the report says whose fault that is. */
int load_clients_run(struct worker *worker, const struct load_task *task,
                     void (*work)(struct worker *worker));

/** In another client, verified: does what it is told by `work`, until the end. */
void load_clients_serve(struct worker *worker, void (*work)(struct worker *worker));

/** In the worker: ends the others, after they have verified once more where all is well. Their faults are in the report. */
void load_clients_end(struct worker *worker);

#endif
