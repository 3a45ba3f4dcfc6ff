/*
 * A kernel whose variants leave timers running or multiply themselves, one way each, after `after` good runs.
 */
#include "squares.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Tells nobody when it ends. */
static void run_made_timer(void *state) {
    struct itimerspec time = {.it_value.tv_sec = 1000};
    struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
    timer_t timer;
    if (!is_good(state) && timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0)
        timer_settime(timer, 0, &time, NULL);
}

/* Soon enough to strike among the timed runs, whoever's they are. */
static void run_alarm(void *state) {
    struct itimerval timer = {.it_value.tv_usec = 20000};
    if (!is_good(state))
        setitimer(ITIMER_REAL, &timer, NULL);
}

/* Each child goes on as if it were the worker. */
static void run_double(void *state) {
    if (!is_good(state) && fork() < 0)
        abort();
}

static void run_multiply(void *state) {
    if (is_good(state))
        return;
    for (int i = 0; i < 1000; i++)
        if (fork() == 0)
            for (;;)
                pause();
    for (;;)
        pause();
}

static void become_daemon(void) {
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

/* As daemon(3) does it, and with nothing left to wait for. */
static void run_daemon(void *state) {
    static int done;
    if (!is_good(state) && !done++)
        become_daemon();
}

/* A child of the worker's parent. */
static void run_sibling(void *state) {
    static int done;
    if (!is_good(state) && !done++ && syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
        for (;;)
            pause();
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "timers_forks",
    .summary = "variants that leave timers or multiply, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square},
                 {.name = "made-timer", .run = run_made_timer},
                 {.name = "alarm", .run = run_alarm},
                 {.name = "daemon", .run = run_daemon},
                 {.name = "sibling", .run = run_sibling},
                 {.name = "double", .run = run_double},
                 {.name = "multiply", .run = run_multiply}},
};
