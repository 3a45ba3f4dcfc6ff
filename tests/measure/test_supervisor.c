/* The supervisor's folder, whatever way it was named. */
#include "measure/supervisor.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Workers, which run in another folder, are told its path. */
static void a_relative_folder_becomes_an_absolute_one(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = ""};
    struct problem problem = {""};
    struct stat facts;
    char folder[4096];
    assert_non_null(getcwd(folder, sizeof folder));
    assert_int_equal(supervisor_open(&supervisor, ".", &problem), 0);
    assert_int_equal(strncmp(supervisor.scratch, folder, strlen(folder)), 0);
    char scratch[sizeof supervisor.scratch];
    memcpy(scratch, supervisor.scratch, sizeof scratch);
    assert_int_equal(stat(scratch, &facts), 0);
    supervisor_close(&supervisor);
    assert_int_equal(stat(scratch, &facts), -1);
}

static void a_missing_folder_is_named(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = ""};
    struct problem problem = {""};
    assert_int_equal(supervisor_open(&supervisor, "/no/such/folder", &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/folder"));
    assert_non_null(strstr(problem.text, "--scratch"));
    assert_string_equal(supervisor.scratch, "");
}

/* Removed under its feet, or on a disk without room for a folder. */
static void a_worker_without_a_folder_is_one_error(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = "/no/such/folder"};
    struct problem problem = {""};
    struct worker_outcome outcome;
    int fd;
    struct worker_page *page = worker_page_new(0, 0, &fd);
    assert_non_null(page);
    assert_int_equal(supervisor_run(&supervisor, page, fd, &outcome, &problem), -ENOENT);
    worker_page_free(page, fd);
    assert_non_null(strstr(problem.text, "cannot make /no/such/folder/worker: "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_relative_folder_becomes_an_absolute_one),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(a_worker_without_a_folder_is_one_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
