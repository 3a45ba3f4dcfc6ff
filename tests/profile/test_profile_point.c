#include "profile/profile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A kernel with a number, a choice and threads. */
static struct module_description module = {
    .name = "made",
    .parameters =
        {{.name = "n", .unit = "items", .min = 1, .max = 1000, .def = 10},
         {.name = "order", .min = 0, .max = 1, .choices = {"sorted", "shuffled"}, .choice_count = 2}},
    .parameter_count = 2,
    .variants = {{.name = "base", .supported = true},
                 {.name = "team", .flags = CS_PARALLEL, .supported = true}},
    .variant_count = 2,
};

static void assert_refused(const char *where, const char *part) {
    struct plan_point point;
    struct problem problem = {""};
    assert_int_equal(profile_point_make(&module, NULL, &where, 1, 2, &point, &problem), -EINVAL);
    if (!strstr(problem.text, part))
        fail_msg("'%s' does not speak of '%s'", problem.text, part);
}

static void defaults_are_the_modules(void **state) {
    (void)state;
    struct plan_point point;
    assert_int_equal(profile_point_make(&module, NULL, NULL, 0, 2, &point, NULL), 0);
    assert_int_equal(point.value[0], 10);
    assert_int_equal(point.value[1], 0);
    assert_int_equal(point.threads, 2);
    assert_int_equal(point.point.count, 3);
    assert_string_equal(point.point.values[0].unit, "items");
    assert_string_equal(point.point.values[1].choice, "sorted");
    assert_string_equal(point.point.values[2].name, "threads");
}

static void values_replace_those_of_the_case(void **state) {
    (void)state;
    static const char *const where[] = {"n=20,order=shuffled", "threads=1"};
    struct plan_point from = {.value = {30, 0}, .threads = 2, .variants = {1, 0}, .variant_count = 2}, point;
    assert_int_equal(profile_point_make(&module, &from, where, 2, 2, &point, NULL), 0);
    assert_int_equal(point.value[0], 20);
    assert_int_equal(point.value[1], 1);
    assert_int_equal(point.threads, 1);
    assert_string_equal(point.point.values[1].choice, "shuffled");
    assert_int_equal(point.variants[0], 1);
    assert_int_equal(profile_point_make(&module, &from, NULL, 0, 2, &point, NULL), 0);
    assert_int_equal(point.value[0], 30);
}

static void nonsense_is_refused_with_what_is_allowed(void **state) {
    (void)state;
    assert_refused("m=4", "it has n, order, threads");
    assert_refused("n=0", "from 1 to 1000, got '0'");
    assert_refused("n=1001", "from 1 to 1000");
    assert_refused("n=99999999999999999999", "from 1 to 1000");
    assert_refused("n=4x", "got '4x'");
    assert_refused("n=", "got ''");
    assert_refused("n", "expected NAME=VALUE");
    assert_refused("", "expected NAME=VALUE");
    assert_refused("n=4,", "expected NAME=VALUE");
    assert_refused("=4", "expected NAME=VALUE");
    assert_refused("order=sort", "expected one of sorted, shuffled, got 'sort'");
    assert_refused("threads=3", "from 1 to 2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_modules),
        cmocka_unit_test(values_replace_those_of_the_case),
        cmocka_unit_test(nonsense_is_refused_with_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
