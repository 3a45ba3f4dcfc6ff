#include "base/soft_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* In a child: a limit that was lowered stays so for the tests behind it. */
static int limit_files(rlim_t hard, uint64_t value, rlim_t expected) {
    struct rlimit limits = {hard, hard};
    if (setrlimit(RLIMIT_NOFILE, &limits) || soft_limit(RLIMIT_NOFILE, value) ||
        getrlimit(RLIMIT_NOFILE, &limits))
        return 1;
    return limits.rlim_cur == expected && limits.rlim_max == hard ? 0 : 2;
}

static int in_child(rlim_t hard, uint64_t value, rlim_t expected) {
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(limit_files(hard, value, expected));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void the_hard_limit_stays(void **state) {
    (void)state;
    assert_int_equal(in_child(100, 50, 50), 0);
    assert_int_equal(in_child(100, 0, 0), 0);
}

static void more_than_the_hard_limit_is_cut(void **state) {
    (void)state;
    assert_int_equal(in_child(100, UINT64_MAX, 100), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hard_limit_stays),
        cmocka_unit_test(more_than_the_hard_limit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
