#include "store/gate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool fails_with(enum gate_policy policy, enum gate_outcome outcome) {
    struct gate gate = {.policy = policy};
    struct gate_check held = {.outcome = GATE_HELD}, check = {.outcome = outcome};
    assert_int_equal(gate_add(&gate, &held), 0);
    assert_int_equal(gate_add(&gate, &check), 0);
    bool fails = gate_fails(&gate);
    gate_clear(&gate);
    return fails;
}

static void only_what_is_refuted_fails(void **state) {
    (void)state;
    for (int policy = GATE_PASS; policy <= GATE_RETRY; policy++) {
        assert_true(fails_with(policy, GATE_REFUTED));
        assert_int_equal(fails_with(policy, GATE_OPEN), policy == GATE_FAIL);
        assert_false(fails_with(policy, GATE_HELD));
        assert_false(fails_with(policy, GATE_EQUAL));
        assert_false(fails_with(policy, GATE_NO_SUSPECT));
    }
}

static void the_worst_measurement_says_what_could_be_seen(void **state) {
    (void)state;
    struct gate_check checks[] = {{.detectable = NAN}, {.detectable = 0.03}, {.detectable = 0.05}};
    struct gate gate = {.checks = checks, .count = 3};
    assert_float_equal(gate_detectable(&gate), 0.05, 0);
    gate.count = 1;
    assert_true(isnan(gate_detectable(&gate)));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_what_is_refuted_fails),
                                       cmocka_unit_test(the_worst_measurement_says_what_could_be_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
