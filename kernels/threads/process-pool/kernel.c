/* Items done by one process, or by several that are forked for them and leave their answers in shared memory. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "process-pool.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARAMETER_N, PARAMETER_STEPS, PARAMETER_CHUNK };

static int setup(const struct cs_env *env, void *state) {
    struct job *job = state;
    struct cs_random random = cs_random_seed(env->seed);
    job->n = (size_t)env->value[PARAMETER_N];
    job->steps = (uint64_t)env->value[PARAMETER_STEPS];
    job->chunk = (size_t)env->value[PARAMETER_CHUNK];
    job->workers = env->threads;
    job->children = cs_array(env, "children", job->workers, pid_t);
    uint64_t *seeds = cs_array(env, "seeds", job->n, uint64_t);
    for (size_t i = 0; i < job->n; i++)
        seeds[i] = cs_random_u64(&random);
    job->seeds = seeds;
    if (env->cpus) {
        unsigned *cpus = cs_array(env, "CPUs", job->workers, unsigned);
        memcpy(cpus, env->cpus, job->workers * sizeof *cpus);
        job->cpus = cpus;
    }
    job->shared_bytes = sizeof *job->shared + job->n * sizeof *job->shared->answers;
    job->shared = mmap(NULL, job->shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (job->shared == MAP_FAILED)
        return cs_fail(env, errno, "no shared memory of %zu bytes: %s", job->shared_bytes, strerror(errno));
    memset(job->shared, 0, job->shared_bytes);
    return 0;
}

static void bind_worker(const struct job *job, unsigned worker) {
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(job->cpus[worker], &cpu);
    sched_setaffinity(0, sizeof cpu, &cpu);
}

void start_worker(struct job *job, unsigned worker,
                  void (*work)(const struct job *job, size_t first, size_t end), size_t first, size_t end) {
    pid_t child = fork();
    if (child == 0) {
        if (job->cpus)
            bind_worker(job, worker);
        work(job, first, end);
        _exit(0);
    }
    if (child < 0)
        work(job, first, end);
    job->children[worker] = child < 0 ? 0 : child;
    job->forks += child > 0;
}

void await_worker(struct job *job, unsigned worker) {
    while (job->children[worker] && waitpid(job->children[worker], NULL, 0) < 0 && errno == EINTR)
        ;
    job->children[worker] = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct job *job = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "answer", .data = job->shared->answers, .count = job->n, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    *work = (struct cs_work){.items = (double)((const struct job *)state)->n};
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
    const struct job *job = state;
    (void)variant;
    for (size_t i = 0; i < job->n; i++) {
        uint64_t expected = jump(job->seeds[i], job->steps);
        if (job->shared->answers[i] != expected)
            return cs_wrong(mismatch, "answer", i, "%" PRIu64, job->shared->answers[i], expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    values[0] = ((const struct job *)state)->forks;
}

static void teardown(void *state) {
    struct job *job = state;
    munmap(job->shared, job->shared_bytes);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "process-pool",
    .summary = "items done by one process, or by several that are forked for them",
    .item = "item",
    .parameters = {{.name = "n", .unit = "items", .min = 1, .max = 1 << 20, .def = 1024, .summary = "items"},
                   {.name = "steps",
                    .unit = "steps",
                    .min = 1,
                    .max = 100000,
                    .def = 100,
                    .summary = "of an item; a multiplication and an addition each"},
                   {.name = "chunk",
                    .unit = "items",
                    .min = 16,
                    .max = 1 << 20,
                    .def = 128,
                    .summary = "that are handed to a process at a time"}},
    .variants = {{.name = "serial", .run = run_serial, .summary = "no other process"},
                 {.name = "each",
                  .run = run_each,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "a process a chunk, as many at a time as the point has threads"},
                 {.name = "workers",
                  .run = run_workers,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "as many processes as the point has threads, an equal part each"},
                 {.name = "pool",
                  .run = run_pool,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "as many, each of which takes chunk after chunk"}},
    .counters = {{.name = "forks", .unit = "process"}},
    .state_size = sizeof(struct job),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
};
