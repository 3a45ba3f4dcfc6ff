#include "base/child.h"

#include "base/nursery.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void clear(struct child *child) {
    assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
    close(child->pidfd);
}

static void its_end_is_told(void **state) {
    (void)state;
    static const struct {
        int signal, status;
        const char *words;
    } ends[] = {{0, 0, "ended with exit status 0"},
                {0, 3, "ended with exit status 3"},
                {SIGUSR1, 0, "was ended by SIGUSR1"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct child child;
        const char *call;
        char words[48] = "before";
        pid_t pid = child_fork(&child, &call);
        if (pid == 0) {
            pause();
            _exit(99);
        }
        assert_true(pid > 0 && pid == child.pid && child.pidfd >= 0);
        assert_false(child_has_ended(&child, 0));
        assert_false(child_describe_end(&child, words, sizeof words));
        assert_string_equal(words, "");
        kill(pid, SIGKILL);
        clear(&child);
        pid = child_fork(&child, &call);
        if (pid == 0) {
            if (ends[i].signal)
                raise(ends[i].signal);
            _exit(ends[i].status);
        }
        assert_true(child_has_ended(&child, 60000));
        assert_int_equal(child_describe_end(&child, words, sizeof words), i == 0);
        assert_string_equal(words, ends[i].words);
        clear(&child); /* it was still to be waited for */
    }
}

/* Its parent's memory, where both have it, is not the child's to change. */
static void shared_memory_is_the_parents(void **state) {
    (void)state;
    struct child *child = nursery_share(sizeof *child);
    const char *call;
    assert_non_null(child);
    pid_t pid = child_fork(child, &call);
    if (pid == 0)
        _exit(0);
    assert_true(child_has_ended(child, 60000));
    assert_int_equal(child->pid, pid);
    clear(child);
    nursery_unshare(child, sizeof *child);
}

/* What its parent leaves behind when that is killed, a copy of it or a program. */
static void ends_with_its_parent(bool program) {
    int ends[2];
    struct child child;
    const char *call;
    char byte;
    assert_int_equal(pipe(ends), 0);
    if (child_fork(&child, &call) == 0) {
        struct child grandchild;
        if (program && child_launch(&grandchild, (char *[]){"sleep", "1000", NULL}, ends[1], ends[1], &call))
            _exit(1);
        if (!program && child_fork(&grandchild, &call) == 0)
            pause();
        if (write(ends[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    kill(child.pid, SIGKILL);
    clear(&child);
    struct pollfd closed = {.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&closed, 1, 60000), 1);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody has the other end any more */
    close(ends[0]);
}

static void it_ends_with_its_parent(void **state) {
    (void)state;
    ends_with_its_parent(false);
    ends_with_its_parent(true);
}

static void a_program_is_launched(void **state) {
    (void)state;
    int out[2], err[2];
    char said[32] = "", failed[8] = "", expected[32];
    struct child child;
    const char *call;
    assert_int_equal(pipe(out) | pipe(err), 0);
    signal(SIGPIPE, SIG_IGN);
    char *const program[] = {"sh", "-c", "echo $$ $(ps -o sid= $$) $(cat); echo err >&2; kill -PIPE $$",
                             NULL};
    assert_int_equal(child_launch(&child, program, out[1], err[1], &call), 0);
    assert_true(child_has_ended(&child, 60000));
    assert_false(child_describe_end(&child, (char[48]){""}, 48)); /* not by exit: the signal is not ignored */
    assert_true(read(out[0], said, sizeof said - 1) > 0);
    assert_int_equal(read(err[0], failed, sizeof failed), 4);
    snprintf(expected, sizeof expected, "%d %d\n", child.pid, child.pid);
    clear(&child);
    assert_string_equal(said, expected);
    assert_string_equal(failed, "err\n");
    char *const missing[] = {"/nowhere/program", NULL};
    assert_int_equal(child_launch(&child, missing, out[1], err[1], &call), -ENOENT);
    assert_string_equal(call, "exec");
    assert_int_equal(child.pid, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    for (int i = 0; i < 2; i++) {
        close(out[i]);
        close(err[i]);
    }
}

static void a_program_is_cut_off(void **state) {
    (void)state;
    int out[2], err[2];
    char said[8] = "", failed[8] = "";
    struct child child;
    const char *call;
    assert_int_equal(pipe(out) | pipe(err), 0);
    signal(SIGPIPE, SIG_IGN);
    if (child_fork(&child, &call) == 0) {
        char byte;
        bool well = !child_cut_off(out[1], err[1]) && getsid(0) == getpid() &&
                    signal(SIGPIPE, SIG_DFL) == SIG_DFL && read(0, &byte, 1) == 0;
        _exit(!well || write(1, "out", 3) != 3 || write(2, "err", 3) != 3);
    }
    assert_true(child_has_ended(&child, 60000));
    assert_true(child_describe_end(&child, (char[48]){""}, 48));
    clear(&child);
    assert_int_equal(read(out[0], said, sizeof said), 3);
    assert_int_equal(read(err[0], failed, sizeof failed), 3);
    assert_string_equal(said, "out");
    assert_string_equal(failed, "err");
    for (int i = 0; i < 2; i++) {
        close(out[i]);
        close(err[i]);
    }
}

static void note(int number) {
    (void)number;
    _exit(5);
}

static void one_that_is_told_may_tidy_up(void **state) {
    (void)state;
    int ends[2];
    char byte, words[48];
    struct child child;
    const char *call;
    assert_int_equal(pipe(ends), 0);
    if (child_fork(&child, &call) == 0) {
        signal(SIGTERM, note);
        if (write(ends[1], "x", 1) == 1)
            pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    child_tell_to_end(&child, child.pid);
    child_describe_end(&child, words, sizeof words);
    assert_string_equal(words, "ended with exit status 5");
    clear(&child);
    close(ends[0]);
    close(ends[1]);
}

static void a_version_is_the_first_line(void **state) {
    (void)state;
    char path[] = "/tmp/test-child-XXXXXX", text[64] = "before";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_true(dprintf(file, "#!/bin/sh\necho \"tool $1\"\necho more\necho bad >&2\n") > 0);
    fchmod(file, 0700);
    close(file);
    child_read_version(path, text, sizeof text);
    assert_string_equal(text, "tool --version");
    child_read_version(path, text, 5);
    assert_string_equal(text, "tool");
    unlink(path);
    child_read_version(path, text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to be waited for */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_end_is_told),
        cmocka_unit_test(shared_memory_is_the_parents),
        cmocka_unit_test(it_ends_with_its_parent),
        cmocka_unit_test(a_program_is_launched),
        cmocka_unit_test(a_program_is_cut_off),
        cmocka_unit_test(one_that_is_told_may_tidy_up),
        cmocka_unit_test(a_version_is_the_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
