#include "measure/neighbour.h"

#include "countersign.h"
#include "host/clock.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t draw_ns(struct cs_random *random) {
    uint32_t choices = NEIGHBOUR_LONGEST_US - NEIGHBOUR_SHORTEST_US + 1;
    return (NEIGHBOUR_SHORTEST_US + cs_random_below(random, choices)) * (uint64_t)1000;
}

static int bind_to(unsigned cpu) {
    cpu_set_t *set = CPU_ALLOC(cpu + 1);
    size_t size = CPU_ALLOC_SIZE(cpu + 1);
    if (!set)
        return -ENOMEM;
    CPU_ZERO_S(size, set);
    CPU_SET_S(cpu, size, set);
    int status = sched_setaffinity(0, size, set) ? -errno : 0;
    CPU_FREE(set);
    return status;
}

/* The child's life: says through `report` whether it runs where it should, then disturbs. */
__attribute__((noreturn)) static void disturb(unsigned cpu, uint64_t seed, pid_t parent, int report) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN); /* sent to a terminal's whole group; the parent decides */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int status = bind_to(cpu);
    if (getppid() != parent) /* it is gone already, and would never be told of */
        _exit(1);
    if (write(report, &status, sizeof status) != sizeof status || status)
        _exit(1);
    close(report);
    struct cs_random random = cs_random_seed(seed ^ ((uint64_t)cpu << 32));
    for (;;) {
        for (uint64_t end = monotonic_ns() + draw_ns(&random); monotonic_ns() < end;)
            ;
        nanosleep(&(struct timespec){.tv_nsec = (long)draw_ns(&random)}, NULL);
    }
}

static int start_one(struct neighbours *neighbours, unsigned cpu, uint64_t seed) {
    int report[2], status = -ECHILD;
    pid_t parent = getpid();
    if (pipe(report) != 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0) {
        close(report[0]);
        disturb(cpu, seed, parent, report[1]);
    }
    int error = errno;
    close(report[1]);
    if (pid > 0) {
        neighbours->pids[neighbours->count++] = pid;
        ssize_t length;
        while ((length = read(report[0], &status, sizeof status)) < 0 && errno == EINTR)
            ;
        if (length != sizeof status)
            status = -ECHILD;
    } else
        status = -error;
    close(report[0]);
    return status;
}

int neighbours_start(struct neighbours *neighbours, const unsigned *cpus, size_t count, uint64_t seed,
                     struct problem *problem) {
    *neighbours = (struct neighbours){.pids = calloc(count + 1, sizeof(pid_t))};
    if (!neighbours->pids)
        return problem_set(problem, ENOMEM, "no memory for %zu neighbours", count);
    for (size_t i = 0; i < count; i++) {
        int status = start_one(neighbours, cpus[i], seed);
        if (status) {
            neighbours_stop(neighbours);
            return problem_set(problem, -status, "no neighbour can run on CPU %u: %s", cpus[i],
                               strerror(-status));
        }
    }
    return 0;
}

void neighbours_stop(struct neighbours *neighbours) {
    for (size_t i = 0; i < neighbours->count; i++)
        kill(neighbours->pids[i], SIGKILL);
    for (size_t i = 0; i < neighbours->count; i++)
        while (waitpid(neighbours->pids[i], NULL, 0) < 0 && errno == EINTR)
            ;
    free(neighbours->pids);
    *neighbours = (struct neighbours){0};
}
