/* A process may call itself anything, brackets included. */
#include "base/process_stat.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void fields_follow_the_name(void **state) {
    (void)state;
    static const char *const names[] = {"plain", "a) Z 1 2", ") (", "(("};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct process_stat stat;
        assert_int_equal(prctl(PR_SET_NAME, names[i], 0, 0, 0), 0);
        assert_int_equal(process_stat_read("/proc/self/stat", &stat), 0);
        assert_int_equal(stat.state, 'R');
        assert_int_equal(stat.parent, getppid());
        assert_int_equal(stat.group, getpgrp());
        assert_int_equal(stat.flags & PROCESS_EXITING, 0);
    }
}

static void a_process_that_has_ended_is_exiting(void **state) {
    (void)state;
    struct process_stat stat;
    siginfo_t how;
    char path[64];
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)child);
    assert_int_equal(process_stat_read(path, &stat), 0);
    assert_int_equal(stat.state, 'Z');
    assert_int_not_equal(stat.flags & PROCESS_EXITING, 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_is_gone_or_no_process_is_refused(void **state) {
    (void)state;
    struct process_stat stat;
    assert_int_equal(process_stat_read("/proc/0/stat", &stat), -ENOENT);
    assert_int_equal(process_stat_read("/proc/self/cmdline", &stat), -EIO);
    assert_int_equal(process_stat_read("/dev/null", &stat), -EIO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_follow_the_name),
        cmocka_unit_test(a_process_that_has_ended_is_exiting),
        cmocka_unit_test(what_is_gone_or_no_process_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
