#include "host/thread_binding.h"

#include "host/topology.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

int thread_read_binding(pid_t tid) {
    for (int cpus = TOPOLOGY_MAX_CPUS; cpus <= 1 << 17; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set)
            return -ENOMEM - 1000;
        size_t size = CPU_ALLOC_SIZE(cpus);
        CPU_ZERO_S(size, set);
        int failed = sched_getaffinity(tid, size, set) ? errno : 0;
        int bound = -1;
        if (!failed && CPU_COUNT_S(size, set) == 1)
            for (int cpu = 0; cpu < cpus && bound < 0; cpu++)
                if (CPU_ISSET_S(cpu, size, set))
                    bound = cpu;
        CPU_FREE(set);
        if (!failed)
            return bound;
        if (failed != EINVAL) /* EINVAL: the kernel's masks are longer than ours */
            return -failed - 1000;
    }
    return -EINVAL - 1000;
}

/* In a mask of as many CPUs as are known here, which is as long as any kernel's that has this CPU. */
static int set_affinity(pid_t tid, unsigned cpu) {
    cpu_set_t *set = CPU_ALLOC(cpu + 1);
    if (!set)
        return -ENOMEM;
    size_t size = CPU_ALLOC_SIZE(cpu + 1);
    CPU_ZERO_S(size, set);
    CPU_SET_S(cpu, size, set);
    int status = sched_setaffinity(tid, size, set) ? -errno : 0;
    CPU_FREE(set);
    return status;
}

static int explain_failure(pid_t tid, unsigned cpu, int error, struct problem *problem) {
    if (error == EINVAL)
        return problem_set(problem, error,
                           "thread %d cannot be bound to CPU %u: it is not online and allowed", (int)tid,
                           cpu);
    return problem_set(problem, error, "thread %d cannot be bound to CPU %u: %s%s", (int)tid, cpu,
                       strerror(error),
                       error == EPERM || error == ENOSYS
                           ? "; the sandbox or container refuses sched_setaffinity: run outside it, or allow "
                             "that call"
                           : "");
}

int thread_bind(pid_t tid, unsigned cpu, struct problem *problem) {
    int status = set_affinity(tid, cpu);
    if (status)
        return explain_failure(tid, cpu, -status, problem);
    int bound = thread_read_binding(tid);
    if (bound <= -1000)
        return problem_set(problem, -(bound + 1000),
                           "the binding of thread %d to CPU %u cannot be read back: %s", (int)tid, cpu,
                           strerror(-(bound + 1000)));
    if (bound != (int)cpu)
        return problem_set(
            problem, EIO,
            "thread %d was bound to CPU %u, but the kernel says that it is not: something on this "
            "machine ignores or undoes bindings",
            (int)tid, cpu);
    return 0;
}
