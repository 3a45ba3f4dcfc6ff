/* Processes of a group, counted while they live. */
#include "run/offspring.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILDREN 3

/* A group of its own: a leader that starts others and waits for the end. Returns once all have started. */
static pid_t start_group(unsigned others) {
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        for (unsigned i = 0; i < others; i++)
            if (fork() == 0)
                for (;;)
                    pause();
        if (write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_true(leader > 0);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    close(ends[1]);
    return leader;
}

static void end_group(pid_t leader) {
    kill(-leader, SIGKILL);
    waitpid(leader, NULL, 0);
}

static void all_of_a_group_are_counted(void **state) {
    (void)state;
    pid_t leader = start_group(CHILDREN);
    unsigned count = offspring_count(leader);
    end_group(leader);
    assert_int_equal(count, CHILDREN + 1);
}

static void a_few_are_no_flood(void **state) {
    (void)state;
    unsigned least = 0;
    pid_t leader = start_group(CHILDREN);
    bool flood = offspring_is_flood(leader, &least);
    end_group(leader);
    assert_false(flood);
}

/* How many the system had at the least is said here: others come and go meanwhile. */
static void many_are_a_flood(void **state) {
    (void)state;
    unsigned none = 0, own = 0, all = 1000000;
    pid_t leader = start_group(OFFSPRING_MOST + 200);
    bool flood = offspring_is_flood(leader, &none);
    bool flood_of_others = offspring_is_flood(getpid(), &own);
    bool looked_for = offspring_is_flood(leader, &all);
    end_group(leader);
    assert_true(flood);
    assert_false(flood_of_others);
    assert_false(looked_for);
    assert_int_equal(none, 0);
    assert_in_range(all, OFFSPRING_MOST + 200, 999999); /* others that have ended hide no flood after */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_group_are_counted),
        cmocka_unit_test(a_few_are_no_flood),
        cmocka_unit_test(many_are_a_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
