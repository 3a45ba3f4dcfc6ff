/* Items done by one process, or by several that are forked for them and leave their answers in shared memory. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "process-pool.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int setup(const struct cs_env *env, void *state) {
    struct job *job = state;
    struct cs_random random = cs_random_seed(env->seed);
    job->n = cs_size(env, "n");
    job->steps = (uint64_t)cs_value(env, "steps");
    job->chunk = cs_size(env, "chunk");
    job->workers = env->threads;
    job->children = cs_array(env, "children", job->workers, pid_t);
    uint64_t *seeds = cs_array(env, "seeds", job->n, uint64_t);
    cs_random_fill(&random, seeds, job->n);
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
    cs_output(env, "answer", job->shared->answers, job->n);
    cs_work(env, job->n, 0);
    cs_count(env, "forks", &job->forks);
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

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct job *job = state;
    for (size_t i = 0; i < job->n; i++)
        cs_expect(mismatch, "answer", i, job->shared->answers[i], jump(job->seeds[i], job->steps));
    return 0;
}

static void teardown(void *state) {
    struct job *job = state;
    munmap(job->shared, job->shared_bytes);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("process-pool", "item", "items done by one process, or by several that are forked for them"),
    .parameters = {CS_NUMBER("n", "items", 1, 1 << 20, 1024, "items"),
                   CS_NUMBER("steps", "steps", 1, 100000, 100,
                             "of an item; a multiplication and an addition each"),
                   CS_NUMBER("chunk", "items", 16, 1 << 20, 128, "that are handed to a process at a time")},
    .variants = {CS_VARIANT("serial", run_serial, "no other process"),
                 CS_VARIANT("each", run_each, "a process a chunk, as many at a time as the point has threads",
                            .flags = CS_PARALLEL | CS_UP_TO),
                 CS_VARIANT("workers", run_workers,
                            "as many processes as the point has threads, an equal part each",
                            .flags = CS_PARALLEL | CS_UP_TO),
                 CS_VARIANT("pool", run_pool, "as many, each of which takes chunk after chunk",
                            .flags = CS_PARALLEL | CS_UP_TO)},
    .counters = {CS_COUNTER("forks", "process")},
    CS_STATE(struct job, setup),
    .check = check,
    .teardown = teardown,
};
