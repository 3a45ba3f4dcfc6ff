/*
 * Servers that a kernel needs: started, watched and stopped beside a worker. Functions that start and stop run in the
 * nursery, whose children they are; nothing that a server does can outlive it.
 */
#ifndef RUN_SERVICE_H
#define RUN_SERVICE_H

#include "base/child.h"
#include "run/supervisor.h"

/** One that runs. Private, but for what was used. */
struct service_process {
    struct child child;
    time_t since; /* when it was started */
    int output;
    bool ended; /* by itself: it was seen */
};

struct service_set {
    struct service_process running[CS_MAX_SERVICES];
    struct service_use used[CS_MAX_SERVICES]; /**< filled by services_stop */
    char reason[RESULT_REASON]; /**< what went wrong, in words without a subject; empty: nothing */
};

/**
 * Where each server of `module` that one of the `count` variants needs is to run: fills job->services, and job->cpus with
 * those of the worker, as topology_choose does for `threads`. A server gets a CPU of its own where the CPUs that are allowed, or
 * listed in `cpus`, are enough for all of them; else all share the worker's. 0 or -errno with the problem.
 */
int services_place(const struct topology *topology, const char *cpus, const struct module_description *module,
                   const unsigned *variants, size_t count, struct worker_job *job, struct problem *problem);

/** What is stored of servers that were placed: at most RESULT_SERVICES at `services`. Returns how many. */
size_t services_describe(const struct worker_job *job, struct service *services);

/**
 * Marks the kernel, or variants, as not supported whose server's program is not there, with the reason.
 */
void services_find(struct module_description *module);

/**
 * Makes the folders of the servers that job->services needs, below the supervisor's, and sets their sockets. 0 or -errno with the
 * problem: a path that is too long for a socket, no room.
 */
int services_make_folders(const struct supervisor *supervisor, struct worker_job *job,
                          struct problem *problem);

/** Removes them, but for those that begin as a copy: they are kept for the next, and go with the supervisor's folder. */
void services_remove_folders(const struct supervisor *supervisor, const struct worker_job *job);

/**
 * Starts them one after the other and waits until each is ready. 0; -EINTR once *told; -ESRCH where one is not, or ended:
 * set->reason says which and why, with its last words. Call services_stop in any case.
 */
int services_start(const struct supervisor *supervisor, const struct worker_job *job, struct service_set *set,
                   const volatile sig_atomic_t *told);

/** Whether one of them has ended by itself; set->reason says which. */
bool services_have_ended(const struct worker_job *job, struct service_set *set);

/** Ends them, gently first, within seconds, and fills set->used. */
void services_stop(struct service_set *set);

#endif
