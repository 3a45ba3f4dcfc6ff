/*
 * From a fork of the supervisor to a worker: what is set before exec, and cannot be left out by the worker.
 */
#include "run/worker_start.h"

#include "base/child.h"
#include "base/soft_limit.h"
#include "run/confinement.h"
#include "run/outcome.h"
#include "run/worker_environment.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#define THREAD_DATA_BYTES (1 << 20) /* of all modules of a worker together */

/* OpenMP's own environment binds each thread as it is made; the worker reads the bindings back. */
static void set_thread_environment(const struct worker_job *job) {
    char places[8192] = "", number[16];
    size_t length = 0;
    for (size_t i = 0; i < job->cpus.count && length < sizeof places - 16; i++)
        length += (size_t)snprintf(places + length, sizeof places - length, "%s{%u}", i ? "," : "",
                                   job->cpus.cpus[i]);
    /*
     * Code that nobody said to be parallel shows that it is, and is refused, rather than run on one thread.
     */
    bool reveal = job->mode == WORKER_MEASURE && job->threads == 1 && !job->parallel;
    snprintf(number, sizeof number, "%u", reveal ? 2 : job->threads);
    setenv("OMP_NUM_THREADS", number, 1);
    setenv("OMP_DYNAMIC", "false", 1);
    setenv("OMP_PROC_BIND", "true", 1);
    setenv("OMP_PLACES", places, 1);
    /* The worker starts bound to one CPU, of which libomp complains on standard error in the first region. */
    setenv("KMP_WARNINGS", "false", 1);
}

/*
 * Modules reach their thread-local data as a program does (toolchain.h), for which the loader must
 * have room left when they are loaded; of 512 bytes by default.
 */
static void make_room_for_thread_data(void) {
    char tunables[4096];
    const char *given = getenv("GLIBC_TUNABLES");
    int length = snprintf(tunables, sizeof tunables, "%s%sglibc.rtld.optional_static_tls=%d",
                          given ? given : "", given && *given ? ":" : "", THREAD_DATA_BYTES);
    if (length < (int)sizeof tunables)
        setenv("GLIBC_TUNABLES", tunables, 1);
}

static void set_padding(uint64_t seed) {
    char padding[4097];
    size_t length = seed % 4096;
    memset(padding, 'x', length);
    padding[length] = '\0';
    setenv("COUNTERSIGN_PADDING", padding, 1);
}

/* Replaces the process; returns only where that failed. */
static void execute(const struct supervisor *supervisor) {
    char *arguments[SUPERVISOR_PREFIX + 2];
    size_t count = 0;
    while (supervisor->prefix && supervisor->prefix[count] && count < SUPERVISOR_PREFIX) {
        arguments[count] = supervisor->prefix[count];
        count++;
    }
    if (supervisor->prefix && supervisor->prefix[count]) {
        errno = E2BIG;
        return;
    }
    arguments[count] = (char *)supervisor->program;
    arguments[count + 1] = NULL;
    execv(arguments[0], arguments);
}

/*
 * Before exec, so that the worker never runs elsewhere. A parallel one is not bound to its first CPU here:
 * OpenMP leaves out places that its process may not use when it starts.
 */
static int bind_worker(const struct topology *topology, const struct cpu_choice *cpus,
                       struct problem *problem) {
    if (!topology || cpus->count == 0)
        return 0;
    int status = cpus->count == 1 ? topology_bind_thread(topology, 0, cpus->cpus[0], problem) : 0;
    topology_bind_memory(topology, cpus, NULL); /* -ENOTSUP: one node, nothing to bind */
    return status;
}

static int fail_call(struct problem *problem, const char *what) {
    return problem_set(problem, errno, "%s: %s", what, strerror(errno));
}

/*
 * A session of its own has no terminal: nothing can be typed into the user's (TIOCSTI), and Ctrl-C does not
 * reach it. Of descriptors it has its output and what passes between the supervisor and it.
 */
static int cut_off(const struct exchange *exchange, int output, int *said, struct problem *problem) {
    const char *failed = child_cut_off(output, output);
    if (failed)
        return fail_call(problem, failed);
    signal(SIGINT, SIG_IGN); /* the supervisor decides */
    *said = STDERR_FILENO;
    if (dup2(exchange->answer, WORKER_ANSWER_FD) < 0 || dup2(exchange->job, WORKER_JOB_FD) < 0)
        return fail_call(problem, "dup2");
    close_range(EXCHANGE_FIRST_FD, ~0u, 0);
    return 0;
}

static void set_limits(const struct supervisor *supervisor, const struct worker_job *job) {
    soft_limit(RLIMIT_CORE, 0);
    soft_limit(RLIMIT_FSIZE, supervisor->limits.file_bytes);
    if (OUTCOME_LIMITS_MEMORY)
        soft_limit(RLIMIT_DATA, supervisor->limits.memory_bytes);
    if (supervisor->hidden)
        hide_folder(supervisor->hidden); /* a system that cannot is none the worse */
    /* A tool that runs the worker leaves its files beside the worker's folder. Older systems do without. */
    confine_writes(supervisor->prefix ? supervisor->scratch : job->scratch);
}

static void set_environment(const struct supervisor *supervisor, const struct worker_job *job) {
    worker_environment_keep(supervisor->reproducible);
    if (!supervisor->reproducible)
        set_padding(job->seed >> 13);
    else
        personality(ADDR_NO_RANDOMIZE); /* refused in some containers; then addresses differ, counts hardly */
    set_thread_environment(job);
    make_room_for_thread_data();
    if (!supervisor->reproducible)
        setenv("TMPDIR", job->scratch, 1);
    setenv("HOME", supervisor->reproducible ? "." : job->scratch, 1);
}

static int become_worker(const struct supervisor *supervisor, const struct worker_job *job,
                         const struct exchange *exchange, int output, int *said, struct problem *problem) {
    int status = cut_off(exchange, output, said, problem);
    if (status)
        return status;
    if (chdir(job->scratch) != 0)
        return fail_call(problem, job->scratch);
    status = bind_worker(supervisor->topology, &job->cpus, problem);
    if (status)
        return status;
    set_environment(supervisor, job);
    set_limits(supervisor, job);
    execute(supervisor);
    return fail_call(problem, supervisor->prefix ? supervisor->prefix[0] : supervisor->program);
}

void worker_start(const struct supervisor *supervisor, const struct worker_job *job,
                  const struct exchange *exchange, int output) {
    struct problem problem = {""};
    int said = output; /* where the cause goes */
    become_worker(supervisor, job, exchange, output, &said, &problem);
    dprintf(said, "%s\n", problem.text);
}
