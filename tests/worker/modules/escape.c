/* A kernel whose variants hang, each hidden from whoever would end it in another way. */
#include "squares.h"

#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noreturn)) static void hang(void) {
    for (;;)
        pause();
}

static void run_parents_group(void *state) {
    (void)state;
    setpgid(0, getpgid(getppid()));
    hang();
}

static void run_own_session(void *state) {
    (void)state;
    setpgid(0, getpgid(getppid()));
    setsid();
    hang();
}

static void run_childs_group(void *state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        hang();
    }
    setpgid(child, child);
    setpgid(0, child);
    hang();
}

static void run_vfork(void *state) {
    (void)state;
    if (vfork() == 0)
        hang();
}

static void run_sibling(void *state) {
    (void)state;
    if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) {
        setsid();
        hang();
    }
    hang();
}

/* Nobody's child but of who adopts orphans, and hanging as its parent's parent does. */
static void run_daemon(void *state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() == 0)
            hang();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    hang();
}

static void run_stopped(void *state) {
    (void)state;
    raise(SIGSTOP);
}

static void run_traced(void *state) {
    (void)state;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
}

static void run_deaf(void *state) {
    sigset_t all;
    (void)state;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    hang();
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "escape",
    .summary = "variants that hang out of reach, for tests",
    .variants = {{.name = "square", .run = run_square},
                 {.name = "parents-group", .run = run_parents_group},
                 {.name = "own-session", .run = run_own_session},
                 {.name = "childs-group", .run = run_childs_group},
                 {.name = "vfork", .run = run_vfork},
                 {.name = "sibling", .run = run_sibling},
                 {.name = "daemon", .run = run_daemon},
                 {.name = "stopped", .run = run_stopped},
                 {.name = "traced", .run = run_traced},
                 {.name = "deaf", .run = run_deaf}},
    SQUARES,
};
