/* What reaches measured code of the user's environment. */
#include "run/worker_environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void fill(void) {
    static const char *const names[] = {"PATH",          "LC_ALL",        "LD_LIBRARY_PATH",  "TZ",
                                        "SECRET_TOKEN",  "LANGUAGE",      "OMP_THREAD_LIMIT", "KMP_AFFINITY",
                                        "SSH_AUTH_SOCK", "COUNTERSIGN_X", "MKL_NUM_THREADS",  "VALGRIND_LIB"};
    clearenv();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(setenv(names[i], names[i], 1), 0);
}

static size_t count_variables(void) {
    size_t count = 0;
    while (environ[count])
        count++;
    return count;
}

static void what_a_program_needs_is_passed(void **state) {
    (void)state;
    fill();
    worker_environment_keep(false);
    assert_string_equal(getenv("PATH"), "PATH");
    assert_string_equal(getenv("LC_ALL"), "LC_ALL");
    assert_string_equal(getenv("LD_LIBRARY_PATH"), "LD_LIBRARY_PATH");
    assert_string_equal(getenv("TZ"), "TZ");
    assert_string_equal(getenv("COUNTERSIGN_X"), "COUNTERSIGN_X");
    assert_int_equal(count_variables(), 5); /* no token, no socket, no number of threads */
}

static void little_is_passed_where_runs_are_to_be_the_same(void **state) {
    (void)state;
    fill();
    worker_environment_keep(true);
    assert_string_equal(getenv("LD_LIBRARY_PATH"), "LD_LIBRARY_PATH");
    assert_string_equal(getenv("VALGRIND_LIB"), "VALGRIND_LIB");
    assert_string_equal(getenv("PATH"), "/usr/bin:/bin");
    assert_string_equal(getenv("TMPDIR"), ".");
    assert_string_equal(getenv("OMP_WAIT_POLICY"), "passive");
    assert_int_equal(count_variables(), 5);
}

static void an_empty_environment_stays_empty(void **state) {
    (void)state;
    clearenv();
    worker_environment_keep(false);
    assert_int_equal(setenv("TZ", "UTC", 1), 0);
    assert_int_equal(count_variables(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_program_needs_is_passed),
        cmocka_unit_test(little_is_passed_where_runs_are_to_be_the_same),
        cmocka_unit_test(an_empty_environment_stays_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
