/* A kernel whose variants leave the process changed, one way each, after `after` good runs. */
#include "squares.h"

#include <fcntl.h>
#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static void run_rounding(void *state) {
    if (!is_good(state))
        fesetround(FE_UPWARD);
}

static void run_flush(void *state) {
    if (is_good(state))
        return;
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040); /* FTZ and DAZ */
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | 1u << 24));
#endif
}

static void run_mask(void *state) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (!is_good(state))
        sigprocmask(SIG_BLOCK, &set, NULL);
}

static void run_handler(void *state) {
    if (!is_good(state))
        signal(SIGSEGV, SIG_IGN);
}

static void run_affinity(void *state) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        CPU_SET(cpu, &set);
    if (!is_good(state))
        sched_setaffinity(0, sizeof set, &set);
}

static void run_directory(void *state) {
    if (is_good(state))
        return;
    umask(0123);
    if (chdir("/") != 0)
        abort();
}

static void run_environment(void *state) {
    if (!is_good(state))
        setenv("LANG", "tlh_QO", 1);
}

static void run_limit(void *state) {
    struct rlimit limit;
    if (is_good(state))
        return;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void run_nice(void *state) {
    int now = getpriority(PRIO_PROCESS, 0); /* others than root may only raise it */
    if (!is_good(state))
        setpriority(PRIO_PROCESS, 0, now < 19 ? now + 1 : now - 1);
}

static void run_timer(void *state) {
    struct itimerval timer = {.it_value.tv_sec = 1000};
    if (!is_good(state))
        setitimer(ITIMER_REAL, &timer, NULL);
}

static void run_close(void *state) {
    if (!is_good(state))
        close(STDERR_FILENO);
}

static void *wait_for_ever(void *nothing) {
    for (;;)
        pause();
    return nothing;
}

static void run_thread(void *state) {
    pthread_t thread;
    if (!is_good(state) && pthread_create(&thread, NULL, wait_for_ever, NULL) == 0)
        pthread_detach(thread);
}

/* Out of the process group, so that what ends the group does not reach it. */
static void run_daemon(void *state) {
    if (is_good(state) || fork() != 0)
        return;
    setsid();
    if (fork() == 0)
        wait_for_ever(NULL);
    _exit(0);
}

static void run_print(void *state) {
    static int printed;
    if (!is_good(state) && !printed++)
        printf("the answer is 42\n");
}

static void run_chatter(void *state) {
    if (!is_good(state))
        printf("%1000s\n", "the answer is 42");
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "rude",
    .summary = "variants that leave the process changed, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square},
                 {.name = "rounding", .run = run_rounding},
                 {.name = "flush", .run = run_flush},
                 {.name = "mask", .run = run_mask},
                 {.name = "handler", .run = run_handler},
                 {.name = "affinity", .run = run_affinity},
                 {.name = "directory", .run = run_directory},
                 {.name = "environment", .run = run_environment},
                 {.name = "limit", .run = run_limit},
                 {.name = "nice", .run = run_nice},
                 {.name = "timer", .run = run_timer},
                 {.name = "close", .run = run_close},
                 {.name = "thread", .run = run_thread},
                 {.name = "daemon", .run = run_daemon},
                 {.name = "print", .run = run_print},
                 {.name = "chatter", .run = run_chatter}},
};
