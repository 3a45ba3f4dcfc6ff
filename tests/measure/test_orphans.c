/* Processes without a parent are taken over and ended; those that were there before are left alone. */
#include "measure/orphans.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void wait_for_ever(void) {
    for (;;)
        pause();
}

/* Whether the kernel cannot do this; says so. */
static int lacks_lists(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (access(path, R_OK) == 0)
        return 0;
    print_message("this kernel lists no children\n");
    return 1;
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
    orphans_end(&orphans);
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
        cmocka_unit_test(a_daemon_is_ended_and_reaped),
        cmocka_unit_test(who_was_there_before_stays),
        cmocka_unit_test(adoption_ends),
    };
    return lacks_lists() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
