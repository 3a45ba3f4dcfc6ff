/* A child's child, a memory file that nobody maps, and shared memory: all of it is counted, and once. */
#include "run/tree_memory.h"

#include "base/orphans.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1 << 20)
#define EACH (24 * MIB)

/* All that is started from here holds; each page is told apart where a bound of it is above `enough`. */
static double held_within(uint64_t enough) {
    static const struct orphans nobody;
    pid_t pids[ORPHANS_MOST];
    return (double)tree_memory(pids, orphans_list(&nobody, pids, ORPHANS_MOST), enough, 0);
}

static double held(void) {
    return held_within(0);
}

/* A child that takes memory by `take`, in a group with whatever that starts; returns once it is there. */
static pid_t start_taking(void (*take)(void)) {
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        take();
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void end_taking(pid_t pid) {
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* How much more there is than without. */
static double measure_taken(void (*take)(void)) {
    double before = held();
    pid_t pid = start_taking(take);
    double taken = held() - before;
    end_taking(pid);
    return taken;
}

static void take_private(void) {
    char *memory = malloc(EACH);
    memset(memory, 1, EACH);
    __asm__ volatile("" ::"r"(memory) : "memory"); /* which would be left out else */
}

static void take_in_children(void) {
    int ready[2];
    char byte;
    if (pipe(ready))
        _exit(1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            take_private();
            if (write(ready[1], "x", 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
    if (read(ready[0], &byte, 1) != 1 || read(ready[0], &byte, 1) != 1)
        _exit(1);
}

static void take_own_memory_file(void) {
    static char piece[MIB];
    int fd = memfd_create("test", 0);
    memset(piece, 1, sizeof piece);
    for (int i = 0; i < EACH / MIB; i++)
        if (write(fd, piece, sizeof piece) < 0)
            _exit(1);
}

static void take_memory_file(void) {
    take_own_memory_file();
    if (fork() == 0) { /* has it open as well */
        for (;;)
            pause();
    }
}

/* Forked, and so theirs as well, until somebody writes to it. */
static void take_in_common(void) {
    take_private();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (;;)
                pause();
        }
}

static void take_shared(void) {
    memset(mmap(NULL, EACH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 1, EACH);
}

static void take_both(void) {
    take_shared();
    take_in_common();
}

static void assert_taken(void (*take)(void), double times) {
    double taken = measure_taken(take);
    if (held() == 0 && taken == 0)
        skip(); /* no CONFIG_PROC_CHILDREN */
    assert_true(taken >= times * EACH);
    assert_true(taken < times * EACH + 12 * MIB);
}

static void private_memory_is_counted(void **state) {
    (void)state;
    assert_taken(take_private, 1);
}

static void children_are_counted(void **state) {
    (void)state;
    assert_taken(take_in_children, 2);
}

static void what_a_fork_left_in_common_is_counted_once(void **state) {
    (void)state;
    assert_taken(take_in_common, 1);
}

static void memory_files_are_counted_once(void **state) {
    (void)state;
    assert_taken(take_own_memory_file, 1);
    assert_taken(take_memory_file, 1);
}

static void shared_memory_is_counted(void **state) {
    (void)state;
    assert_taken(take_shared, 1);
}

/* To look at each page takes long: where more than there can be is allowed, nobody does. */
static void a_bound_that_is_enough_is_the_answer(void **state) {
    (void)state;
    pid_t pid = start_taking(take_both);
    double bound = held_within(UINT64_MAX), exact = held_within((uint64_t)bound - MIB);
    end_taking(pid);
    if (bound == 0)
        skip();                       /* no CONFIG_PROC_CHILDREN */
    assert_true(bound >= 5.0 * EACH); /* four that have it in common, and what is shared */
    assert_true(exact >= 2.0 * EACH);
    assert_true(exact < 2.0 * EACH + 12 * MIB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_memory_is_counted),
        cmocka_unit_test(children_are_counted),
        cmocka_unit_test(what_a_fork_left_in_common_is_counted_once),
        cmocka_unit_test(memory_files_are_counted_once),
        cmocka_unit_test(shared_memory_is_counted),
        cmocka_unit_test(a_bound_that_is_enough_is_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
