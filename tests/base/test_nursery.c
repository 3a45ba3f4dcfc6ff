/* What is started in a nursery ends with it, with the program, and when told. */
#include "base/nursery.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct task {
    int number, life; /* life: the end of a pipe that all hold that live */
    pid_t nursery;
};

static struct task *task;

static int square(void *argument, const volatile sig_atomic_t *told) {
    struct task *given = argument;
    (void)told;
    given->nursery = getpid();
    given->number *= given->number;
    return -given->number;
}

static int wait_until_told(void *argument, const volatile sig_atomic_t *told) {
    (void)argument;
    while (!*told)
        usleep(1000);
    return 7;
}

static int never_end(void *argument, const volatile sig_atomic_t *told) {
    (void)argument;
    while (*told >= 0)
        pause();
    return 0;
}

/* A daemon, of no group, session or parent that is known. */
static int start_daemon(void *argument, const volatile sig_atomic_t *told) {
    (void)argument, (void)told;
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static int start_daemon_and_wait(void *argument, const volatile sig_atomic_t *told) {
    struct task *given = argument;
    start_daemon(argument, told);
    given->number = 1;
    return wait_until_told(argument, told);
}

/* Nobody writes: the end comes when all are gone that could. */
static void assert_all_gone(int life) {
    char byte;
    assert_int_equal(read(life, &byte, 1), 0);
}

static void works_one_after_the_other(void **state) {
    (void)state;
    struct nursery nursery;
    assert_int_equal(nursery_open(&nursery), 0);
    task->number = 3;
    assert_int_equal(nursery_call(&nursery, square, task, 60, NULL), -9);
    assert_int_equal(nursery_call(&nursery, square, task, 60, NULL), -81);
    assert_int_equal(task->number, 81);
    assert_int_not_equal(task->nursery, getpid());
    nursery_close(&nursery);
    assert_int_equal(nursery_call(&nursery, square, task, 60, NULL), -EPIPE);
    nursery_close(&nursery);
}

static void works_are_told_to_stop(void **state) {
    (void)state;
    static volatile sig_atomic_t interrupted = SIGINT;
    struct nursery nursery;
    assert_int_equal(nursery_open(&nursery), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(nursery_call(&nursery, wait_until_told, task, 60, &interrupted), 7);
    task->number = 2;
    assert_int_equal(nursery_call(&nursery, square, task, 60, NULL),
                     -4); /* what came after them is not told */
    nursery_close(&nursery);
}

/* As on a busy machine, where it does not run before it is told to stop. Often, as it may be quick. */
static void an_order_that_comes_early_does_not_kill_it(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct nursery nursery;
        assert_int_equal(nursery_open(&nursery), 0);
        kill(nursery.pid, SIGINT);
        task->number = 3;
        assert_int_equal(nursery_call(&nursery, square, task, 60, NULL), -9);
        nursery_close(&nursery);
    }
}

static void what_takes_too_long_is_ended(void **state) {
    (void)state;
    struct nursery nursery;
    assert_int_equal(nursery_open(&nursery), 0);
    assert_int_equal(nursery_call(&nursery, never_end, task, 0.1, NULL), -ETIMEDOUT);
    nursery_close(&nursery);
}

static void daemons_end_with_it(void **state) {
    (void)state;
    struct nursery nursery;
    int life[2];
    assert_int_equal(pipe(life), 0);
    assert_int_equal(nursery_open(&nursery), 0);
    assert_int_equal(nursery_call(&nursery, start_daemon, task, 60, NULL), 0);
    close(life[1]);
    nursery_close(&nursery);
    assert_all_gone(life[0]);
    close(life[0]);
}

static void daemons_end_when_it_is_killed(void **state) {
    (void)state;
    struct nursery nursery;
    int life[2];
    assert_int_equal(pipe(life), 0);
    assert_int_equal(nursery_open(&nursery), 0);
    nursery_call(&nursery, square, task, 60, NULL);
    assert_int_equal(nursery_call(&nursery, start_daemon, task, 60, NULL), 0);
    close(life[1]);
    kill(task->nursery, SIGKILL);
    assert_int_equal(nursery_call(&nursery, square, task, 60, NULL), -EPIPE);
    nursery_close(&nursery);
    assert_all_gone(life[0]);
    close(life[0]);
}

/* With its whole group, as timeout(1) does it; while it works, and while it does not. */
static void daemons_end_when_the_program_is_killed(void **state) {
    (void)state;
    nursery_work *const works[] = {start_daemon, start_daemon_and_wait};
    for (int i = 0; i < 2; i++) {
        int life[2];
        assert_int_equal(pipe(life), 0);
        task->number = 0;
        pid_t program = fork();
        if (program == 0) {
            struct nursery nursery;
            setpgid(0, 0);
            close(life[0]);
            nursery_open(&nursery);
            nursery_call(&nursery, works[i], task, 60, NULL);
            task->number = 1;
            for (;;)
                pause();
        }
        close(life[1]);
        while (*(volatile int *)&task->number != 1)
            usleep(1000);
        kill(-program, SIGKILL);
        assert_int_equal(waitpid(program, NULL, 0), program);
        assert_all_gone(life[0]);
        close(life[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_one_after_the_other),
        cmocka_unit_test(works_are_told_to_stop),
        cmocka_unit_test(an_order_that_comes_early_does_not_kill_it),
        cmocka_unit_test(what_takes_too_long_is_ended),
        cmocka_unit_test(daemons_end_with_it),
        cmocka_unit_test(daemons_end_when_it_is_killed),
        cmocka_unit_test(daemons_end_when_the_program_is_killed),
    };
    task = nursery_share(sizeof *task);
    int failed = task ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    nursery_unshare(task, sizeof *task);
    return failed;
}
