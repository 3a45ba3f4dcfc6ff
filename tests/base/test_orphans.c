/* Children end, whatever they do against it, with all that they started; those that were there before are
 * left alone. */
#include "base/orphans.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int said_ready;

static void tell_ready(void) {
    if (write(said_ready, "", 1) != 1)
        _exit(1);
}

__attribute__((noreturn)) static void wait_for_ever(void) {
    for (;;)
        pause();
}

static void a_daemon_is_ended_and_reaped(void **state) {
    (void)state;
    struct orphans orphans;
    int ends[2];
    pid_t daemon = 0;
    orphans_adopt(&orphans);
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        pid_t child = fork();
        if (child == 0)
            wait_for_ever();
        _exit(write(ends[1], &child, sizeof child) != sizeof child);
    }
    assert_int_equal(read(ends[0], &daemon, sizeof daemon), sizeof daemon);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(kill(daemon, 0), 0);
    assert_int_equal(orphans_end(&orphans), 0);
    assert_int_equal(kill(daemon, 0), -1);
    assert_int_equal(errno, ESRCH);
    close(ends[0]);
    close(ends[1]);
}

static void who_was_there_before_stays(void **state) {
    (void)state;
    struct orphans orphans;
    pid_t pid = fork();
    if (pid == 0)
        wait_for_ever();
    orphans_adopt(&orphans);
    orphans_end(&orphans);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A child that does `hide` and never ends; `life` ends when nobody lives who could write to it. */
static pid_t start_hider(void (*hide)(void), int *life) {
    int ends[2], ready[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        said_ready = ready[1];
        close(ready[0]);
        hide();
        tell_ready();
        wait_for_ever();
    }
    close(ends[1]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    *life = ends[0];
    return pid;
}

static void assert_ended(void (*hide)(void)) {
    struct orphans orphans;
    int life, status = 0;
    char byte;
    orphans_adopt(&orphans);
    pid_t pid = start_hider(hide, &life);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_int_equal(orphans_end_child(&orphans, pid, pidfd, &status, NULL), 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(read(life, &byte, 1), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    close(pidfd);
    close(life);
}

static void stay(void) {
}

static void join_the_parents_group(void) {
    setpgid(0, getpgid(getppid()));
}

static void leave_the_session(void) {
    setpgid(0, getpgid(getppid()));
    setsid();
}

static void join_a_childs_group(void) {
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        wait_for_ever();
    }
    setpgid(child, child);
    setpgid(0, child);
}

static void make_a_sibling(void) {
    if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) {
        setsid();
        wait_for_ever();
    }
}

static void leave_a_daemon(void) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            wait_for_ever();
        _exit(0);
    }
    wait(NULL);
}

static void stop(void) {
    tell_ready();
    raise(SIGSTOP);
}

static void be_traced_by_the_parent(void) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    stop();
}

/* The tracer, of another session, gets to know of the end first. */
static void be_traced_by_a_child(void) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        ptrace(PTRACE_SEIZE, getppid(), 0, 0);
        tell_ready();
        wait_for_ever();
    }
    wait_for_ever();
}

static void sleep_in_vfork(void) {
    tell_ready();
    if (vfork() == 0)
        wait_for_ever();
}

static void whatever_it_does_it_ends(void **state) {
    (void)state;
    void (*const ways[])(void) = {stay,
                                  join_the_parents_group,
                                  leave_the_session,
                                  join_a_childs_group,
                                  make_a_sibling,
                                  leave_a_daemon,
                                  stop,
                                  be_traced_by_the_parent,
                                  be_traced_by_a_child,
                                  sleep_in_vfork};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        assert_ended(ways[i]);
}

static void its_own_end_is_told(void **state) {
    (void)state;
    struct orphans orphans;
    int status = 0;
    orphans_adopt(&orphans);
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    siginfo_t ended;
    assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(orphans_end_child(&orphans, pid, pidfd, &status, NULL), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    close(pidfd);
}

/* As a server that a command started on purpose. */
static void daemons_may_be_left(void **state) {
    (void)state;
    struct orphans outer, inner;
    int life, status = 0;
    char byte;
    orphans_adopt(&outer);
    orphans_adopt(&inner);
    pid_t pid = start_hider(leave_a_daemon, &life);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_int_equal(orphans_end_child(NULL, pid, pidfd, &status, NULL), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
    assert_int_equal(orphans_end(&outer), 0);
    assert_int_equal(read(life, &byte, 1), 0);
    close(pidfd);
    close(life);
}

static void adoption_ends(void **state) {
    (void)state;
    struct orphans orphans;
    int adopts = -1;
    orphans_adopt(&orphans);
    orphans_end(&orphans);
    prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
    assert_int_equal(adopts, orphans.adopted_before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_daemon_is_ended_and_reaped), cmocka_unit_test(who_was_there_before_stays),
        cmocka_unit_test(whatever_it_does_it_ends),     cmocka_unit_test(its_own_end_is_told),
        cmocka_unit_test(daemons_may_be_left),          cmocka_unit_test(adoption_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
