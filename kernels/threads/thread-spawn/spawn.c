#define _GNU_SOURCE /* pthread_attr_setaffinity_np */
#include "thread-spawn.h"

static void *start_task(void *task) {
    do_task(task);
    return NULL;
}

void run_spawn(void *state) {
    struct batch *batch = state;
    for (size_t i = 0; i < batch->count; i++)
        /* Where the system has no thread left the task is done here: a batch is never done in part. */
        if (pthread_create(&batch->spawned[i], &batch->attributes[i % batch->threads], start_task,
                           &batch->tasks[i]) != 0) {
            do_task(&batch->tasks[i]);
            batch->spawned[i] = pthread_self();
        }
    for (size_t i = 0; i < batch->count; i++)
        if (!pthread_equal(batch->spawned[i], pthread_self()))
            pthread_join(batch->spawned[i], NULL);
}

int prepare_spawn(const struct cs_env *env, void *state) {
    struct batch *batch = state;
    batch->spawned = cs_array(env, "threads", batch->count, pthread_t);
    batch->attributes = cs_array(env, "attributes of threads", batch->threads, pthread_attr_t);
    for (unsigned t = 0; t < batch->threads; t++) {
        pthread_attr_init(&batch->attributes[t]);
        if (!batch->cpus)
            continue;
        cpu_set_t cpu;
        CPU_ZERO(&cpu);
        CPU_SET(batch->cpus[t], &cpu);
        int status = pthread_attr_setaffinity_np(&batch->attributes[t], sizeof cpu, &cpu);
        if (status)
            return cs_fail(env, status, "cannot bind threads to CPU %u", batch->cpus[t]);
    }
    return 0;
}

void release_spawn(void *state) {
    struct batch *batch = state;
    for (unsigned t = 0; t < batch->threads; t++)
        pthread_attr_destroy(&batch->attributes[t]);
}
