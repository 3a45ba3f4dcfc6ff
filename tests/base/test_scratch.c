/*
 * Folders of programs that are gone are removed; those of the living are not, whatever their process number.
 */
#include "base/scratch.h"
#include "test_base.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder of a program that has ended without a chance to clean up. */
static void leave_behind(char *path, size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char own[4096] = "";
        _exit(scratch_open(own, sizeof own, base, NULL) < 0 || write(ends[1], own, sizeof own) != sizeof own);
    }
    char own[4096];
    assert_int_equal(read(ends[0], own, sizeof own), sizeof own);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
    close(ends[1]);
    snprintf(path, size, "%s", own);
}

static void open_and_close(void) {
    char path[4096];
    int claim = scratch_open(path, sizeof path, base, NULL);
    assert_true(claim >= 0);
    assert_int_equal(access(path, F_OK), 0);
    scratch_close(path, claim);
    assert_string_equal(path, "");
}

static void of_a_program_that_is_gone(void **state) {
    (void)state;
    char path[4096];
    leave_behind(path, sizeof path);
    assert_int_equal(access(path, F_OK), 0);
    open_and_close();
    assert_int_equal(access(path, F_OK), -1);
}

static void of_a_living_one(void **state) {
    (void)state;
    char path[4096];
    int claim = scratch_open(path, sizeof path, base, NULL);
    assert_true(claim >= 0);
    assert_int_equal(claim_take(path), -EBUSY);
    open_and_close();
    assert_int_equal(access(path, F_OK), 0);
    scratch_close(path, claim);
    assert_int_equal(access(path, F_OK), -1);
}

/* Nobody said whose it is: it is just being made, or another program's. */
static void without_a_claim(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/countersign-run-abcdef", base);
    assert_int_equal(mkdir(path, 0700), 0);
    open_and_close();
    assert_int_equal(rmdir(path), 0);
}

/* Its lock may be one that is not seen here; its file is renewed as long as it lives. */
static void of_another_machine(void **state) {
    (void)state;
    char path[4096], lock[4200];
    leave_behind(path, sizeof path);
    snprintf(lock, sizeof lock, "%s/" CLAIM_FILE, path);
    int file = open(lock, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(file, "another", 7, 0), 7);
    open_and_close();
    assert_int_equal(access(path, F_OK), 0);
    struct timespec days_ago[2] = {{.tv_sec = time(NULL) - 4 * 86400}, {.tv_sec = time(NULL) - 4 * 86400}};
    assert_int_equal(futimens(file, days_ago), 0);
    claim_renew(file);
    open_and_close();
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(futimens(file, days_ago), 0);
    close(file);
    open_and_close();
    assert_int_equal(access(path, F_OK), -1);
}

static void a_missing_base_is_named(void **state) {
    (void)state;
    char path[4096] = "x";
    struct problem problem;
    assert_int_equal(scratch_open(path, sizeof path, "/no/such/folder", &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/folder"));
    assert_string_equal(path, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_program_that_is_gone), cmocka_unit_test(of_a_living_one),
        cmocka_unit_test(without_a_claim),           cmocka_unit_test(of_another_machine),
        cmocka_unit_test(a_missing_base_is_named),
    };
    return cmocka_run_group_tests(tests, make_base, remove_base);
}
