#include "run/scratch_sync.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void a_write_takes_time_and_leaves_no_file(void **state) {
    (void)state;
    char folder[] = "/tmp/test-scratch-sync-XXXXXX";
    struct timespec begun, done;
    assert_non_null(mkdtemp(folder));
    clock_gettime(CLOCK_MONOTONIC, &begun);
    double ns = scratch_sync_ns(folder);
    clock_gettime(CLOCK_MONOTONIC, &done);
    assert_true(ns > 0);
    /* One write of several, however long they take. */
    assert_true(ns < (double)(done.tv_sec - begun.tv_sec) * 1e9 + (double)(done.tv_nsec - begun.tv_nsec));
    assert_int_equal(rmdir(folder), 0);
}

static void no_folder_is_not_known(void **state) {
    (void)state;
    assert_true(isnan(scratch_sync_ns("/nonexistent/folder")));
    assert_true(isnan(scratch_sync_ns("/proc")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_takes_time_and_leaves_no_file),
        cmocka_unit_test(no_folder_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
