/* One process of a server: what it is started for, and with whose rights. Called in the nursery, whose child it is. */
#ifndef RUN_SERVICE_TASK_H
#define RUN_SERVICE_TASK_H

#include "run/service.h"

#define SERVICE_NOBODY "nobody"
#define SERVICE_PATH 4200 /**< bytes of a path here */

/** What a process is started for. */
enum service_task {
    SERVE,
    MAKE, /**< what servers begin with, once a run */
    COPY  /**< that into a server's folder */
};

struct service_start {
    const struct supervisor *supervisor;
    const struct worker_job *job;
    const struct worker_service *service;
    enum service_task task;
    char folder[SERVICE_PATH];        /**< in which it works, and nowhere else */
    char template_path[SERVICE_PATH]; /**< of COPY */
};

/** Where the server's program is. Returns whether it is anywhere. */
bool service_find_program(const struct module_service *service, char *path, size_t size);

/** Whether it runs as the user nobody. */
bool service_is_nobody(const struct worker_service *service);

/** Starts the process. 0 or -errno; what there is of *process is to be ended in any case. */
int service_begin(const struct service_start *start, struct service_process *process);

#endif
