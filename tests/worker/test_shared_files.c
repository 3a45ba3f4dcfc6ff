/* A file left in /dev/shm is found and removed; what another program has open or mapped there is not. */
#include "worker/shared_files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char path[100];
static struct shared_files before, after;

static int begin(void **state) {
    (void)state;
    snprintf(path, sizeof path, SHARED_FILES_FOLDER "/countersign-shared-files-%ld", (long)getpid());
    shared_files_read(&before);
    return 0;
}

static int end(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

static int make_file(void) {
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 4096), 0);
    return fd;
}

static size_t left(void) {
    shared_files_read(&after);
    return shared_files_left(&before, &after);
}

/* Another process that holds the file until it is ended; it says when it does. */
static pid_t start_holder(bool mapped) {
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t holder = fork();
    assert_true(holder >= 0);
    if (holder == 0) {
        int fd = open(path, O_RDWR);
        if (mapped) {
            if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
                _exit(1);
            close(fd);
        }
        if (write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char byte;
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return holder;
}

static void end_holder(pid_t holder) {
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
}

static void assert_held_is_not_left(bool mapped) {
    close(make_file());
    pid_t holder = start_holder(mapped);
    size_t count = left();
    shared_files_remove(&before);
    int there = access(path, F_OK);
    end_holder(holder);
    assert_int_equal(count, 0);
    assert_int_equal(there, 0);
    assert_int_equal(left(), 1);
}

static void a_file_that_nobody_holds_is_left_and_removed(void **state) {
    (void)state;
    assert_int_equal(left(), 0);
    close(make_file());
    assert_int_equal(left(), 1);
    shared_files_remove(&before);
    assert_int_equal(left(), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_file_of_this_process_is_left(void **state) {
    (void)state;
    int fd = make_file();
    assert_int_equal(left(), 1);
    close(fd);
}

static void what_another_process_has_open_stays(void **state) {
    (void)state;
    assert_held_is_not_left(false);
}

static void what_another_process_has_mapped_stays(void **state) {
    (void)state;
    assert_held_is_not_left(true);
}

static void what_was_removed_meanwhile_is_not_left(void **state) {
    (void)state;
    close(make_file());
    shared_files_read(&after);
    unlink(path);
    assert_int_equal(shared_files_left(&before, &after), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_nobody_holds_is_left_and_removed, begin, end),
        cmocka_unit_test_setup_teardown(a_file_of_this_process_is_left, begin, end),
        cmocka_unit_test_setup_teardown(what_another_process_has_open_stays, begin, end),
        cmocka_unit_test_setup_teardown(what_another_process_has_mapped_stays, begin, end),
        cmocka_unit_test_setup_teardown(what_was_removed_meanwhile_is_not_left, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
