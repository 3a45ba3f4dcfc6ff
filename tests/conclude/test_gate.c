#include "conclude/gate.h"
#include "made_measurement.h"

#include <math.h>

/* A candidate that takes `slowdown` times as long, in pairs, judged against what is allowed. */
static struct gate_slowdown judge(double slowdown, double placebo, double most, double level) {
    struct made made;
    struct gate_slowdown found;
    make(&made, 1 / slowdown, placebo, 1);
    struct run run = {.settings = settings, .measurements = &made.measurement, .measurement_count = 1};
    struct comparison comparison = {.candidate_arm = 1, .target = 1.25};
    assert_int_equal(gate_judge_slowdown(&run, &comparison, most, level, &found), 0);
    measurement_clear(&made.measurement);
    return found;
}

static void a_slowdown_beyond_what_is_allowed_is_refuted(void **unused) {
    (void)unused;
    struct gate_slowdown found = judge(1.03, 1, 0.02, 0.01);
    assert_int_equal(found.outcome, GATE_REFUTED);
    assert_float_equal(found.ratio.estimate, 1.03, 0.001);
    assert_true(found.ratio.low < 1.03 && 1.03 < found.ratio.high);
    assert_int_equal(judge(1.01, 1, 0.02, 0.01).outcome, GATE_HELD);
    assert_int_equal(judge(0.8, 1, 0.02, 0.01).outcome, GATE_HELD); /* faster is not slower */
    double inside =
        (found.ratio.estimate + found.ratio.high) / 2 - 1; /* of the interval, above its estimate */
    assert_int_equal(judge(1.03, 1, inside, 0.01).outcome, GATE_OPEN);
    assert_int_equal(judge(1.03, 1, found.ratio.low / 2 + found.ratio.estimate / 2 - 1, 0.01).outcome,
                     GATE_OPEN);
}

/* A placebo that shows 4 % of its own leaves 3 % open, though the interval is beyond what is allowed. */
static void what_equal_code_shows_too_is_not_refuted(void **unused) {
    (void)unused;
    struct gate_slowdown found = judge(1.03, 1.04, 0.02, 0.01);
    assert_int_equal(found.outcome, GATE_OPEN);
    assert_float_equal(found.floor, 0.04, 0.001);
    assert_true(found.detectable > 0.04);
}

static void what_could_be_seen_is_beyond_the_bound_and_the_noise(void **unused) {
    (void)unused;
    struct gate_slowdown found = judge(1.0, 1, 0.02, 0.01), surer = judge(1.0, 1, 0.02, 0.0001);
    double half = log(found.ratio.high / found.ratio.low) / 2;
    assert_true(found.detectable > expm1(log(1.02) + half));
    assert_true(found.detectable < expm1(log(1.02) + 2 * half));
    assert_true(surer.detectable > found.detectable); /* surer is slower to say so */
    assert_true(surer.ratio.high > found.ratio.high);
}

static void intervals_decide_other_requirements(void **unused) {
    (void)unused;
    assert_int_equal(gate_judge_target((struct interval){1.2, 1.1, 1.3}, 1.1), GATE_HELD);
    assert_int_equal(gate_judge_target((struct interval){1.2, 1.1, 1.3}, 1.2), GATE_OPEN);
    assert_int_equal(gate_judge_target((struct interval){1.2, 1.1, 1.3}, 1.4), GATE_REFUTED);
    assert_int_equal(gate_judge_target((struct interval){NAN, NAN, NAN}, 1.4), GATE_OPEN);
    unsigned allowed = 1u << VERDICT_FASTER | 1u << VERDICT_EQUIVALENT;
    assert_int_equal(gate_judge_verdict(VERDICT_FASTER, allowed), GATE_HELD);
    assert_int_equal(gate_judge_verdict(VERDICT_INCONCLUSIVE, allowed), GATE_OPEN);
    assert_int_equal(gate_judge_verdict(VERDICT_SLOWER, allowed), GATE_REFUTED);
}

static enum gate_outcome judge_counter(struct counter_result counter, const char *operator) {
    const struct counter_result *found;
    struct comparison comparison = {.counters = &counter, .counter_count = 1};
    struct case_condition bound = {.name = "instructions", .value = 1.02};
    strcpy(bound.operator, operator);
    return gate_judge_counter(&comparison, &bound, &found);
}

static void a_counter_that_is_absent_or_untrusted_stays_open(void **unused) {
    (void)unused;
    struct counter_result counter = {
        .name = "instructions", .trust = TRUST_TRUSTED, .ratio = {1.01, 1.005, 1.015}};
    assert_int_equal(judge_counter(counter, "<"), GATE_HELD);
    assert_int_equal(judge_counter(counter, ">"), GATE_REFUTED);
    counter.ratio.high = 1.03;
    assert_int_equal(judge_counter(counter, "<"), GATE_OPEN);
    counter.ratio = (struct interval){NAN, NAN, NAN};
    assert_int_equal(judge_counter(counter, "<"), GATE_OPEN);
    counter.ratio = (struct interval){1.2, 1.1, 1.3};
    counter.trust = TRUST_UNTRUSTED;
    assert_int_equal(judge_counter(counter, "<"), GATE_OPEN);
    strcpy(counter.name, "branches");
    assert_int_equal(judge_counter(counter, "<"), GATE_OPEN);
}

static void the_median_is_of_an_item(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 2, 1, 1);
    struct run run = {.host.clock = sample_clock};
    assert_float_equal(gate_median_ns(&run, &made.measurement, 0), 1000,
                       15); /* 20000 ticks, 2 a ns, 10 items */
    assert_float_equal(gate_median_ns(&run, &made.measurement, 1), 500, 8);
    measurement_clear(&made.measurement);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_slowdown_beyond_what_is_allowed_is_refuted),
                                       cmocka_unit_test(what_equal_code_shows_too_is_not_refuted),
                                       cmocka_unit_test(what_could_be_seen_is_beyond_the_bound_and_the_noise),
                                       cmocka_unit_test(intervals_decide_other_requirements),
                                       cmocka_unit_test(a_counter_that_is_absent_or_untrusted_stays_open),
                                       cmocka_unit_test(the_median_is_of_an_item)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
