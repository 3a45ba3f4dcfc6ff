/* A batch of tasks done by a thread each, by the workers of a pool, or one after the other. */
#include "thread-spawn.h"

#include <string.h>

static int setup(const struct cs_env *env, void *state) {
    struct batch *batch = state;
    struct cs_random random = cs_random_seed(env->seed);
    batch->count = cs_size(env, "tasks");
    batch->length = (uint64_t)cs_value(env, "length");
    batch->threads = env->threads;
    batch->tasks = cs_array(env, "tasks", batch->count, struct task);
    if (env->cpus) {
        unsigned *cpus = cs_array(env, "CPUs", env->threads, unsigned);
        memcpy(cpus, env->cpus, env->threads * sizeof *cpus);
        batch->cpus = cpus;
    }
    for (size_t i = 0; i < batch->count; i++) {
        batch->tasks[i].seed = cs_random_u64(&random);
        batch->tasks[i].batch = batch;
    }
    cs_field(env, "answer", batch->tasks, batch->count, answer);
    cs_work(env, batch->count, 0);
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct batch *batch = state;
    for (size_t i = 0; i < batch->count; i++)
        cs_expect(mismatch, "answer", i, batch->tasks[i].answer, jump(batch->tasks[i].seed, batch->length));
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("thread-spawn", "task",
              "a batch of tasks, by a thread each, by a pool, or one after the other"),
    .parameters = {CS_NUMBER("tasks", "tasks", 1, 256, 4, "of a batch"),
                   CS_NUMBER("length", "steps", 1, 10000000, 1000,
                             "of a task; a multiplication and an addition each")},
    .variants = {CS_VARIANT("spawn", run_spawn, "a thread a task, started and joined",
                            .flags = CS_PARALLEL | CS_UP_TO, .prepare = prepare_spawn,
                            .release = release_spawn),
                 CS_VARIANT("pool", run_pool,
                            "workers that wait awake, then asleep, and the thread that has the batch",
                            .flags = CS_PARALLEL | CS_UP_TO, .prepare = prepare_pool,
                            .release = release_pool),
                 CS_VARIANT("inline", run_inline, "one task after the other, no thread")},
    CS_STATE(struct batch, setup),
    .check = check,
};
