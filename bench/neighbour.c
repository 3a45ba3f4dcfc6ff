/*
 * A bursty neighbour: on each CPU that may be used a process that is busy for 1 to 20 ms and pauses for 1 to
 * 20 ms, uniformly at random from the seed. Says "ready" when all run; ends when its standard input does.
 */
#include <countersign.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SHORTEST_US 1000u
#define LONGEST_US 20000u

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t draw_ns(struct cs_random *random) {
    return (SHORTEST_US + cs_random_below(random, LONGEST_US - SHORTEST_US + 1)) * (uint64_t)1000;
}

__attribute__((noreturn)) static void disturb(int cpu, uint64_t seed) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        _exit(1);
    struct cs_random random = cs_random_seed(seed);
    for (;;) {
        for (uint64_t end = now_ns() + draw_ns(&random); now_ns() < end;)
            ;
        nanosleep(&(struct timespec){.tv_nsec = (long)draw_ns(&random)}, NULL);
    }
}

/* 0 or -errno. A child whose parent is gone already would never be told. */
static int start(int cpu, uint64_t seed) {
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        return -errno;
    if (child > 0)
        return 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    disturb(cpu, seed);
}

int main(int argc, char **argv) {
    char *end = NULL, byte;
    uint64_t seed = argc == 2 ? strtoull(argv[1], &end, 10) : 0;
    cpu_set_t allowed;
    if (argc != 2 || end == argv[1] || *end) {
        fputs("usage: neighbour SEED <PIPE\n", stderr);
        return 2;
    }
    int error = sched_getaffinity(0, sizeof allowed, &allowed) ? -errno : 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && error == 0; cpu++)
        if (CPU_ISSET(cpu, &allowed))
            error = start(cpu, seed ^ ((uint64_t)cpu << 32));
    if (error) {
        fprintf(stderr, "neighbour: %s\n", strerror(-error));
        return 1;
    }
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return 0;
}
