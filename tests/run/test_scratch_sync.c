#include "run/scratch_sync.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static void a_write_takes_time_and_leaves_no_file(void **state) {
    (void)state;
    char folder[] = "/tmp/test-scratch-sync-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_true(scratch_sync_ns(folder) > 0);
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
