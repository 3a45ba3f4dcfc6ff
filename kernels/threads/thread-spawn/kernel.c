/* A batch of tasks done by a thread each, by the workers of a pool, or one after the other. */
#include "thread-spawn.h"

#include <inttypes.h>
#include <string.h>

enum { PARAMETER_TASKS, PARAMETER_LENGTH };

static int setup(const struct cs_env *env, void *state) {
    struct batch *batch = state;
    struct cs_random random = cs_random_seed(env->seed);
    batch->count = (size_t)env->value[PARAMETER_TASKS];
    batch->length = (uint64_t)env->value[PARAMETER_LENGTH];
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
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct batch *batch = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "answer",
                                    .data = &batch->tasks[0].answer,
                                    .count = batch->count,
                                    .type = CS_U64,
                                    .stride = sizeof(struct task)};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    *work = (struct cs_work){.items = (double)((const struct batch *)state)->count};
}

/*
 * All steps at once: a step doubled is a step again, with another factor and another addend (F. Brown, "Random
 * number generation with arbitrary strides", Trans. Am. Nucl. Soc. 71, 1994).
 */
static uint64_t jump(uint64_t x, uint64_t steps) {
    uint64_t multiply = STEP_MULTIPLY, add = STEP_ADD;
    for (; steps; steps >>= 1) {
        if (steps & 1)
            x = x * multiply + add;
        add *= multiply + 1;
        multiply *= multiply;
    }
    return x;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct batch *batch = state;
    (void)variant;
    for (size_t i = 0; i < batch->count; i++) {
        uint64_t expected = jump(batch->tasks[i].seed, batch->length);
        if (batch->tasks[i].answer != expected)
            return cs_wrong(mismatch, "answer", i, "%" PRIu64, batch->tasks[i].answer, expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "thread-spawn",
    .summary = "a batch of tasks, by a thread each, by a pool, or one after the other",
    .item = "task",
    .parameters =
        {{.name = "tasks", .unit = "tasks", .min = 1, .max = 256, .def = 4, .summary = "of a batch"},
         {.name = "length",
          .unit = "steps",
          .min = 1,
          .max = 10000000,
          .def = 1000,
          .summary = "of a task; a multiplication and an addition each"}},
    .variants = {{.name = "spawn",
                  .prepare = prepare_spawn,
                  .run = run_spawn,
                  .release = release_spawn,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "a thread a task, started and joined"},
                 {.name = "pool",
                  .prepare = prepare_pool,
                  .run = run_pool,
                  .release = release_pool,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "workers that sleep between batches, and the thread that has the batch"},
                 {.name = "inline", .run = run_inline, .summary = "one task after the other, no thread"}},
    .state_size = sizeof(struct batch),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
