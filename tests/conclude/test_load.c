/* From readings of a load to verdicts and judged targets. */
#include "made_load.h"

static const struct load_comparison *comparison(const struct load *load, enum slo_quantity quantity) {
    for (size_t i = 0; i < load->comparison_count; i++)
        if (load->comparisons[i].quantity == quantity)
            return &load->comparisons[i];
    fail_msg("no comparison of %s", slo_quantity_name(quantity));
    return NULL;
}

static void a_shorter_tail_is_told(void **state) {
    struct load load;
    (void)state;
    make_load(&load, 0.5);
    assert_int_equal(load_conclude(&load), 0);
    assert_int_equal(load.comparison_count, 4);
    assert_int_equal(comparison(&load, SLO_P99)->verdict, VERDICT_FASTER);
    assert_float_equal(comparison(&load, SLO_P99)->ratio.estimate, 2, 0.1);
    assert_int_equal(comparison(&load, SLO_THROUGHPUT)->verdict, VERDICT_FASTER);
    assert_float_equal(comparison(&load, SLO_THROUGHPUT)->ratio.estimate, 2, 0.1);
    assert_int_equal(comparison(&load, SLO_P50)->verdict, VERDICT_INCONCLUSIVE); /* too few for equivalent */
    assert_string_equal(comparison(&load, SLO_P999)->reason, "too few");
    load_clear(&load);
}

static void roles_are_symmetric(void **state) {
    struct load load;
    (void)state;
    make_load(&load, 2);
    assert_int_equal(load_conclude(&load), 0);
    assert_int_equal(comparison(&load, SLO_P99)->verdict, VERDICT_SLOWER);
    assert_int_equal(comparison(&load, SLO_THROUGHPUT)->verdict, VERDICT_SLOWER);
    load_clear(&load);
}

static void no_difference_is_none(void **state) {
    struct load load;
    (void)state;
    make_load(&load, 1);
    assert_int_equal(load_conclude(&load), 0);
    for (size_t i = 0; i < load.comparison_count; i++)
        assert_true(load.comparisons[i].verdict == VERDICT_INCONCLUSIVE || load.comparisons[i].reason[0]);
    load_clear(&load);
}

/* A placebo that differs as much takes the claim away. */
static void the_placebo_is_the_floor(void **state) {
    struct load load;
    (void)state;
    make_load(&load, 0.5);
    for (size_t i = 0; i < load.reading_count; i++)
        if (load.readings[i].arm == 2)
            load.readings[i].p99 *= 3;
    assert_int_equal(load_conclude(&load), 0);
    assert_int_equal(comparison(&load, SLO_P99)->verdict, VERDICT_INCONCLUSIVE);
    assert_int_equal(comparison(&load, SLO_THROUGHPUT)->verdict, VERDICT_FASTER);
    load_clear(&load);
}

/* In one process of one variant: enough for no claim about that rate, and none about the others. */
static void one_failure_is_an_objection(void **state) {
    struct load load;
    (void)state;
    for (int unserved = 0; unserved < 2; unserved++) {
        make_load(&load, 0.5);
        for (size_t i = 0; i < load.reading_count; i++)
            if (load.readings[i].replicate == 3 && load.readings[i].arm == 1 && load.readings[i].share > 0) {
                load.readings[i].errors = !unserved;
                load.readings[i].unserved = (size_t)unserved;
            }
        assert_int_equal(load_conclude(&load), 0);
        assert_int_equal(comparison(&load, SLO_P99)->verdict, VERDICT_INVALID);
        assert_string_equal(comparison(&load, SLO_P99)->reason, unserved ? "overloaded" : "requests failed");
        assert_int_equal(comparison(&load, SLO_THROUGHPUT)->verdict, VERDICT_FASTER);
        load_clear(&load);
    }
}

static enum load_outcome outcome(enum slo_quantity quantity, double bound, size_t arm, size_t errors) {
    struct load load;
    enum load_outcome found = LOAD_UNDECIDED;
    make_load(&load, 0.5);
    load.slo.targets[load.slo.count++] = (struct slo_target){.quantity = quantity, .bound = bound};
    for (size_t i = 0; i < load.reading_count; i++)
        load.readings[i].errors = errors;
    assert_int_equal(load_conclude(&load), 0);
    assert_int_equal(load.judgement_count, 2); /* not of the placebo */
    for (size_t i = 0; i < load.judgement_count; i++)
        if (load.judgements[i].arm == arm)
            found = load.judgements[i].outcome;
    load_clear(&load);
    return found;
}

static void targets_are_judged_by_the_whole_interval(void **state) {
    (void)state;
    assert_int_equal(outcome(SLO_P99, 600, 1, 0), LOAD_MET);
    assert_int_equal(outcome(SLO_P99, 600, 0, 0), LOAD_MISSED);
    assert_int_equal(outcome(SLO_P99, 1012, 0, 0), LOAD_UNDECIDED); /* within the interval */
    assert_int_equal(outcome(SLO_THROUGHPUT, 1500, 1, 0), LOAD_MET);
    assert_int_equal(outcome(SLO_THROUGHPUT, 1500, 0, 0), LOAD_MISSED);
    assert_int_equal(outcome(SLO_CPU_SHARE, 0.6, 0, 0), LOAD_MET);
    assert_int_equal(outcome(SLO_CPU_SHARE, 0.4, 0, 0), LOAD_MISSED);
    assert_int_equal(outcome(SLO_PEAK_MEMORY, 2000, 0, 0), LOAD_MET);
    assert_int_equal(outcome(SLO_PEAK_MEMORY, 2000, 1, 0), LOAD_MISSED);
    /* None of 16000 failed: at most 0.023 %. */
    assert_int_equal(outcome(SLO_ERROR_RATE, 0.001, 0, 0), LOAD_MET);
    assert_int_equal(outcome(SLO_ERROR_RATE, 0.0001, 0, 0), LOAD_UNDECIDED);
    assert_int_equal(outcome(SLO_ERROR_RATE, 0.001, 0, 40), LOAD_MISSED);
    /* A latency of requests of which some failed is no service. */
    assert_int_equal(outcome(SLO_P99, 600, 1, 1), LOAD_UNDECIDED);
    assert_int_equal(outcome(SLO_P99, 600, 0, 1), LOAD_MISSED);
    assert_int_equal(outcome(SLO_THROUGHPUT, 1500, 1, 1), LOAD_UNDECIDED);
}

static void a_changed_conclusion_shows(void **state) {
    struct load load;
    char text[256];
    (void)state;
    make_load(&load, 0.5);
    load.slo.targets[load.slo.count++] = (struct slo_target){.quantity = SLO_P99, .bound = 600};
    assert_int_equal(load_conclude(&load), 0);
    assert_int_equal(load_verify(&load, text, sizeof text), 0);
    load.judgements[0].outcome = LOAD_MET;
    assert_int_equal(load_verify(&load, text, sizeof text), 1);
    assert_string_equal(text, "target latency-p99 of old: the file says met, its readings say missed");
    load.comparisons[0].ratio.low *= 1.01;
    assert_int_equal(load_verify(&load, text, sizeof text), 2);
    load.comparison_count--;
    assert_int_not_equal(load_verify(&load, text, sizeof text), 0);
    load_clear(&load);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_shorter_tail_is_told),
                                       cmocka_unit_test(roles_are_symmetric),
                                       cmocka_unit_test(no_difference_is_none),
                                       cmocka_unit_test(the_placebo_is_the_floor),
                                       cmocka_unit_test(one_failure_is_an_objection),
                                       cmocka_unit_test(targets_are_judged_by_the_whole_interval),
                                       cmocka_unit_test(a_changed_conclusion_shows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
