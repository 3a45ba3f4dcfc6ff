#include "conclude/mechanism.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct interval unknown = {NAN, NAN, NAN};
static const struct simulation whole = {.scaled = false};

static struct case_file file;
static struct comparison comparison;
static struct counter_result counters[8];

/* A comparison without counters and a case without predictions. */
static int start(void **state) {
    (void)state;
    memset(&file, 0, sizeof file);
    memset(counters, 0, sizeof counters);
    free(comparison.claims);
    comparison = (struct comparison){.case_name = "case",
                                     .baseline = "aos",
                                     .candidate = "soa",
                                     .verdict = VERDICT_FASTER,
                                     .speedup = {4, 3.9, 4.1},
                                     .counters = counters,
                                     .point = {.values = {{.name = "n", .value = 4096}}, .count = 1}};
    return 0;
}

/* A counter of which `candidate` per item was seen against `baseline`, each and the ratio within ±`half`. */
static struct counter_result *count(const char *name, enum counter_source source, double baseline,
                                    double candidate, double half) {
    struct counter_result *counter = &counters[comparison.counter_count++];
    double ratio = candidate / baseline;
    *counter = (struct counter_result){.source = source, .trust = TRUST_TRUSTED};
    snprintf(counter->name, sizeof counter->name, "%s", name);
    counter->baseline_interval = (struct interval){baseline, baseline - half, baseline + half};
    counter->candidate_interval = (struct interval){candidate, candidate - half, candidate + half};
    counter->ratio = baseline > 0 ? (struct interval){ratio, ratio - half, ratio + half} : unknown;
    return counter;
}

static struct case_prediction *predict_verdict(int verdict) {
    struct case_prediction *prediction = &file.predictions[file.prediction_count++];
    prediction->verdict = verdict;
    return prediction;
}

static void bound(struct case_prediction *prediction, enum case_subject subject, const char *name,
                  const char *operator, double value) {
    struct case_condition *condition = &prediction->counters[prediction->counter_count++];
    condition->subject = subject;
    condition->value = value;
    snprintf(condition->name, sizeof condition->name, "%s", name);
    snprintf(condition->operator, sizeof condition->operator, "%s", operator);
}

static void predict(enum case_subject subject, const char *name, const char *operator, double value) {
    bound(predict_verdict(-1), subject, name, operator, value);
}

static void expect(enum mechanism mechanism, const char *text) {
    comparison_explain(&file, &whole, NULL, &comparison);
    assert_string_equal(comparison.mechanism_text, text);
    assert_int_equal(comparison.mechanism, mechanism);
}

static void a_ratio_holds_fails_or_is_open(void **state) {
    count("l1d-misses", SOURCE_HW, 1, 0.25, 0.01);
    predict(SUBJECT_RATIO, "l1d-misses", "<", 0.3);
    expect(MECHANISM_EXPLAINED, "l1d-misses 0.25× (hw)");
    file.predictions[0].counters[0].value = 0.2;
    expect(MECHANISM_UNEXPLAINED, "predicted l1d-misses < 0.2×, measured 0.25× (hw)");
    file.predictions[0].counters[0].value = 0.255;
    expect(MECHANISM_UNMEASURED, "predicted l1d-misses < 0.255×, measured 0.25× (hw, 0.24 to 0.26)");
    start(state);
    expect(MECHANISM_NONE, "");
}

static void two_bounds_on_one_number_are_one_prediction(void **state) {
    (void)state;
    count("l1d-misses", SOURCE_HW, 1, 0.25, 0.01);
    struct case_prediction *prediction = predict_verdict(-1);
    bound(prediction, SUBJECT_RATIO, "l1d-misses", ">", 0.1);
    bound(prediction, SUBJECT_RATIO, "l1d-misses", "<", 0.2);
    expect(MECHANISM_UNEXPLAINED, "predicted l1d-misses > 0.1× and < 0.2×, measured 0.25× (hw)");
}

/* An interval that holds the value neither equals it nor differs from it. */
static void equality_takes_the_whole_interval(void **state) {
    (void)state;
    count("read-calls", SOURCE_SW, 1, 0.5, 0.01);
    predict(SUBJECT_RATIO, "read-calls", "==", 0.5);
    expect(MECHANISM_UNMEASURED, "predicted read-calls == 0.5×, measured 0.5× (sw, 0.49 to 0.51)");
    strcpy(file.predictions[0].counters[0].operator, "!=");
    expect(MECHANISM_UNMEASURED, "predicted read-calls != 0.5×, measured 0.5× (sw, 0.49 to 0.51)");
    file.predictions[0].counters[0].value = 0.6;
    expect(MECHANISM_EXPLAINED, "read-calls 0.5× (sw)");
    strcpy(file.predictions[0].counters[0].operator, "==");
    expect(MECHANISM_UNEXPLAINED, "predicted read-calls == 0.6×, measured 0.5× (sw)");
    counters[0].ratio = (struct interval){0.6, 0.6, 0.6};
    expect(MECHANISM_EXPLAINED, "read-calls 0.6× (sw)");
}

static void values_per_item_are_judged_with_their_intervals(void **state) {
    (void)state;
    count("l1d-misses", SOURCE_HW, 1.01, 0.0625, 0.005);
    struct case_prediction *prediction = predict_verdict(-1);
    bound(prediction, SUBJECT_BASELINE, "l1d-misses", ">=", 0.95);
    bound(prediction, SUBJECT_BASELINE, "l1d-misses", "<=", 1.1);
    bound(prediction, SUBJECT_CANDIDATE, "l1d-misses", "<", 0.1);
    expect(MECHANISM_EXPLAINED,
           "all 2 predictions held: l1d-misses of aos 1.01 (hw), l1d-misses of soa 0.0625 (hw)");
    prediction->counters[2].value = 0.05;
    expect(MECHANISM_UNEXPLAINED, "predicted l1d-misses of soa < 0.05 an item, measured 0.0625 (hw); 1 of 2 "
                                  "predictions held");
    prediction->counters[2].value = 0.0626;
    expect(MECHANISM_UNMEASURED, "1 of 2 predictions held; predicted l1d-misses of soa < 0.0626 an item, "
                                 "measured 0.0625 (hw, 0.0575 to 0.0675)");
}

static void large_numbers_are_told_without_exponents(void **state) {
    (void)state;
    count("instructions", SOURCE_SIM, 250000, 123400, 0);
    predict(SUBJECT_CANDIDATE, "instructions", "<", 2000000);
    expect(MECHANISM_EXPLAINED, "instructions of soa 123000 (sim)");
    start(state);
    count("instructions", SOURCE_SIM, 250000, 123400, 0);
    predict(SUBJECT_CANDIDATE, "instructions", ">=", 2000000);
    expect(MECHANISM_UNEXPLAINED, "predicted instructions of soa >= 2000000 an item, simulated 123000 (sim)");
}

/* Instructions a cycle are no count an item. */
static void ipc_is_a_name(void **state) {
    (void)state;
    count("ipc", SOURCE_SIM, 1, 3.4, 0);
    predict(SUBJECT_CANDIDATE, "ipc", ">", 4);
    expect(MECHANISM_UNEXPLAINED, "predicted ipc of soa > 4, simulated 3.4 (sim)");
    start(state);
    count("ipc", SOURCE_HW, 1, 3.4, 0.1);
    predict(SUBJECT_RATIO, "ipc", ">", 3);
    expect(MECHANISM_EXPLAINED, "ipc 3.4× (hw)");
}

static void what_was_counted_goes_before_what_was_simulated(void **state) {
    (void)state;
    count("instructions", SOURCE_SIM, 10, 5, 0);
    struct counter_result *counted = count("instructions", SOURCE_HW, 10, 9.3, 0.01);
    predict(SUBJECT_RATIO, "instructions", "<", 0.25);
    expect(MECHANISM_UNEXPLAINED, "predicted instructions < 0.25×, measured 0.93× (hw)");
    assert_true(counters[0].predicted && counters[1].predicted);
    counted->trust = TRUST_UNTRUSTED;
    expect(MECHANISM_UNEXPLAINED, "predicted instructions < 0.25×, simulated 0.5× (sim)");
    counted->trust = TRUST_DEGRADED;
    expect(MECHANISM_UNEXPLAINED, "predicted instructions < 0.25×, measured 0.93× (hw)");
    counted->source = SOURCE_NONE;
    expect(MECHANISM_UNEXPLAINED, "predicted instructions < 0.25×, simulated 0.5× (sim)");
    memset(counters, 0, sizeof counters);
    expect(MECHANISM_UNMEASURED, "no source for instructions");
    assert_false(counters[0].predicted);
}

static void a_scaled_point_is_named(void **state) {
    (void)state;
    struct simulation scaled = {.scaled = true,
                                .point = {.values = {{.name = "n", .value = 512}}, .count = 1}};
    count("l1d-misses", SOURCE_SIM, 1, 0.93, 0);
    predict(SUBJECT_RATIO, "l1d-misses", "<", 0.25);
    comparison_explain(&file, &scaled, NULL, &comparison);
    assert_string_equal(comparison.mechanism_text,
                        "predicted l1d-misses < 0.25×, simulated 0.93× at n = 512 (sim)");
}

/* What was predicted of large n is not judged by a small one. */
static void a_scaled_point_outside_where_is_no_evidence(void **state) {
    (void)state;
    struct simulation scaled = {.scaled = true,
                                .point = {.values = {{.name = "n", .value = 512}}, .count = 1}};
    struct case_prediction *prediction = predict_verdict(VERDICT_FASTER);
    count("l1d-misses", SOURCE_SIM, 1, 0.93, 0);
    bound(prediction, SUBJECT_RATIO, "l1d-misses", "<", 0.25);
    prediction->where[prediction->where_count++] =
        (struct case_condition){.name = "n", .operator= ">=", .value = 1024};
    comparison_explain(&file, &scaled, NULL, &comparison);
    assert_string_equal(comparison.mechanism_text,
                        "faster as predicted; l1d-misses simulated at n = 512 alone, which is outside");
    assert_int_equal(comparison.mechanism, MECHANISM_UNMEASURED);
    prediction->where[0].value = 512;
    comparison_explain(&file, &scaled, NULL, &comparison);
    assert_int_equal(comparison.mechanism, MECHANISM_UNEXPLAINED);
    prediction->where[0].value = 1024;
    count("l1d-misses", SOURCE_HW, 1, 0.1, 0);
    comparison_explain(&file, &scaled, NULL, &comparison);
    assert_int_equal(comparison.mechanism, MECHANISM_EXPLAINED);
}

static void what_held_is_told_beside_what_could_not_be_judged(void **state) {
    (void)state;
    count("branches", SOURCE_HW, 10, 1, 0.01);
    struct case_prediction *prediction = predict_verdict(VERDICT_FASTER);
    bound(prediction, SUBJECT_RATIO, "dtlb-misses", "<", 0.5);
    expect(MECHANISM_UNMEASURED, "faster as predicted; no source for dtlb-misses");
    bound(prediction, SUBJECT_RATIO, "branches", "<", 0.2);
    bound(prediction, SUBJECT_CANDIDATE, "l2-misses", "<", 0.2);
    expect(MECHANISM_UNMEASURED, "2 of 4 predictions held; no source for dtlb-misses, l2-misses of soa");
    prediction->counters[1].value = 0.05;
    expect(MECHANISM_UNEXPLAINED, "predicted branches < 0.05×, measured 0.1× (hw); 1 of 4 predictions held, "
                                  "2 undecided");
    comparison.verdict = VERDICT_SLOWER;
    expect(MECHANISM_UNEXPLAINED, "predicted faster, measured slower; predicted branches < 0.05×, measured "
                                  "0.1× (hw); 0 of 4 predictions held, 2 undecided");
}

static void an_inconclusive_verdict_refutes_nothing(void **state) {
    (void)state;
    predict_verdict(VERDICT_FASTER);
    comparison.verdict = VERDICT_INCONCLUSIVE;
    expect(MECHANISM_UNMEASURED, "predicted faster, measured inconclusive");
    file.predictions[0].verdict = VERDICT_INCONCLUSIVE;
    expect(MECHANISM_EXPLAINED, "inconclusive");
    comparison.verdict = VERDICT_FASTER;
    expect(MECHANISM_UNEXPLAINED, "predicted inconclusive, measured faster");
    comparison.verdict = VERDICT_INVALID;
    expect(MECHANISM_NONE, "");
}

static void a_baseline_without_the_event_gives_no_ratio(void **state) {
    (void)state;
    count("read-calls", SOURCE_SW, 0, 3, 0);
    predict(SUBJECT_RATIO, "read-calls", "<", 0.5);
    expect(MECHANISM_UNMEASURED, "no ratio of read-calls: aos has none");
    predict(SUBJECT_CANDIDATE, "read-calls", "<", 2);
    expect(MECHANISM_UNEXPLAINED,
           "predicted read-calls of soa < 2 an item, measured 3 (sw); 0 of 2 predictions held, 1 undecided");
}

/* As for a parallel candidate, which cannot be simulated. */
static void what_only_the_baseline_has_is_no_ratio_either(void **state) {
    (void)state;
    struct counter_result *counter = count("instructions", SOURCE_SIM, 6, NAN, 0);
    predict(SUBJECT_RATIO, "instructions", ">", 0.9);
    assert_true(isnan(counter->ratio.estimate));
    expect(MECHANISM_UNMEASURED, "no source for instructions of soa");
}

/* One replicate alone has a value and no interval. */
static void a_value_without_an_interval_decides_nothing(void **state) {
    (void)state;
    count("read-calls", SOURCE_SW, 1, 0.5, NAN);
    predict(SUBJECT_RATIO, "read-calls", "<", 0.9);
    expect(MECHANISM_UNMEASURED, "predicted read-calls < 0.9×, measured 0.5× (sw, without an interval)");
}

static void predictions_about_others_are_left_alone(void **state) {
    (void)state;
    count("branches", SOURCE_HW, 10, 1, 0.01);
    strcpy(file.candidates[0], "aosoa");
    strcpy(file.candidates[1], "soa");
    file.candidate_count = 2;
    predict(SUBJECT_RATIO, "branches", ">", 1); /* about the first candidate */
    expect(MECHANISM_NONE, "");
    struct case_prediction *elsewhere = predict_verdict(VERDICT_SLOWER);
    strcpy(elsewhere->candidate, "soa");
    elsewhere->where[elsewhere->where_count++] =
        (struct case_condition){.name = "n", .operator= ">", .value = 4096};
    expect(MECHANISM_NONE, "");
    elsewhere->where[0].value = 4095;
    expect(MECHANISM_UNEXPLAINED, "predicted slower, measured faster");
    assert_false(counters[0].predicted);
}

/* That all predictions hold explains nothing where none of them says why. */
static void only_a_cause_explains(void **state) {
    (void)state;
    count("page-faults", SOURCE_SW, 1, 0.5, 0.01);
    count("user-time", SOURCE_SW, 1, 2, 0.01);
    struct case_prediction *prediction = predict_verdict(VERDICT_SLOWER);
    bound(prediction, SUBJECT_RATIO, "page-faults", "<", 0.9); /* fewer, and yet slower */
    bound(prediction, SUBJECT_RATIO, "user-time", ">", 1.5);   /* the time again */
    comparison.verdict = VERDICT_SLOWER;
    comparison.speedup = (struct interval){0.5, 0.49, 0.51};
    expect(MECHANISM_HELD, "all 3 predictions held: slower, page-faults 0.5× (sw), "
                           "user-time 2× (sw)");
    count("instructions", SOURCE_SIM, 100, 101, 0); /* the right way, and not far enough */
    bound(prediction, SUBJECT_RATIO, "instructions", ">", 1);
    comparison_explain(&file, &whole, NULL, &comparison);
    assert_int_equal(comparison.mechanism, MECHANISM_HELD);
    counters[2].ratio = (struct interval){1.9, 1.9, 1.9};
    comparison_explain(&file, &whole, NULL, &comparison);
    assert_int_equal(comparison.mechanism, MECHANISM_EXPLAINED);
}

static void a_cause_points_the_way_of_the_verdict(void **state) {
    count("instructions", SOURCE_HW, 1, 0.5, 0.01);
    predict(SUBJECT_RATIO, "instructions", "<", 0.9);
    expect(MECHANISM_EXPLAINED, "instructions 0.5× (hw)");
    comparison.verdict = VERDICT_SLOWER;
    expect(MECHANISM_HELD, "instructions 0.5× (hw)");
    comparison.verdict = VERDICT_EQUIVALENT;
    expect(MECHANISM_EXPLAINED, "instructions 0.5× (hw)");
    start(state);
    count("ipc", SOURCE_HW, 1, 2, 0.01);
    predict(SUBJECT_RATIO, "ipc", ">", 1.5);
    expect(MECHANISM_EXPLAINED, "ipc 2× (hw)");
    comparison.verdict = VERDICT_SLOWER;
    expect(MECHANISM_HELD, "ipc 2× (hw)");
    start(state);
    count("batches", SOURCE_APP, 1, 2, 0.01);
    predict(SUBJECT_RATIO, "batches", ">", 1.5);
    expect(MECHANISM_EXPLAINED, "batches 2× (app)");
    start(state);
    count("read-calls", SOURCE_SW, 2, 0, 0.01); /* which the candidate has none of */
    predict(SUBJECT_CANDIDATE, "read-calls", "<", 1);
    expect(MECHANISM_EXPLAINED, "read-calls of soa 0 (sw)");
}

/* What failed does not hide what is undecided. */
static void held_failed_and_undecided_are_told_apart(void **state) {
    (void)state;
    count("branches", SOURCE_HW, 10, 1, 0.01);
    struct case_prediction *prediction = predict_verdict(VERDICT_SLOWER);
    bound(prediction, SUBJECT_RATIO, "dtlb-misses", "<", 0.5);
    bound(prediction, SUBJECT_RATIO, "branches", "<", 0.2);
    expect(MECHANISM_UNEXPLAINED, "predicted slower, measured faster; 1 of 3 predictions held, 1 undecided");
}

/* More refutations than the text has room for are counted. */
static void what_finds_no_room_is_counted(void **state) {
    (void)state;
    count("branches", SOURCE_HW, 10, 1, 0.01);
    for (int i = 0; i < 12; i++)
        predict(SUBJECT_RATIO, "branches", ">", 1 + i);
    comparison_explain(&file, &whole, NULL, &comparison);
    assert_int_equal(comparison.mechanism, MECHANISM_UNEXPLAINED);
    assert_non_null(strstr(comparison.mechanism_text, "; 0 of 12 predictions held; and 4 more"));
    assert_true(strlen(comparison.mechanism_text) < sizeof comparison.mechanism_text - 1);
}

static void expect_of(const struct arm *arm, enum mechanism mechanism, const char *text) {
    assert_int_equal(comparison_explain(&file, &whole, arm, &comparison), 0);
    assert_string_equal(comparison.mechanism_text, text);
    assert_int_equal(comparison.mechanism, mechanism);
}

/* It names a cause, but what was not the same each time is none. */
static void evidence_is_looked_through(void **state) {
    (void)state;
    struct arm arm = {.variant = "soa", .evidence = "SEARCH t\nUSING INDEX i"};
    struct case_prediction *prediction = predict_verdict(VERDICT_FASTER);
    strcpy(prediction->evidence, "USING INDEX");
    expect_of(&arm, MECHANISM_EXPLAINED, "all 2 predictions held: faster, evidence contains \"USING INDEX\"");
    prediction->evidence_lacking = true;
    expect_of(&arm, MECHANISM_UNEXPLAINED,
              "predicted evidence that lacks \"USING INDEX\", got \"SEARCH t …\"; 1 of 2 predictions held");
    strcpy(prediction->evidence, "SCAN");
    expect_of(&arm, MECHANISM_EXPLAINED, "all 2 predictions held: faster, evidence lacks \"SCAN\"");
    prediction->evidence_lacking = false;
    expect_of(&arm, MECHANISM_UNEXPLAINED,
              "predicted evidence that contains \"SCAN\", got \"SEARCH t …\"; 1 of 2 predictions held");
    arm.evidence_changes = 1;
    expect_of(
        &arm, MECHANISM_UNMEASURED,
        "faster as predicted; predicted evidence that contains \"SCAN\", but it changed between replicates");
    arm.evidence[0] = '\0';
    expect_of(&arm, MECHANISM_UNMEASURED, "faster as predicted; no source for evidence of soa");
}

static void assert_claim(size_t index, enum claim_basis basis, enum claim_outcome outcome, const char *name,
                         const char *variant, const char *predicted) {
    assert_in_range(index, 0, comparison.claim_count - 1);
    const struct claim *claim = &comparison.claims[index];
    assert_int_equal(claim->basis, basis);
    assert_int_equal(claim->outcome, outcome);
    assert_string_equal(claim->name, name);
    assert_string_equal(claim->variant, variant);
    assert_string_equal(claim->predicted, predicted);
}

/* All of them, whatever the text has room for. */
static void claims_are_kept_as_values(void **state) {
    (void)state;
    struct case_prediction *prediction = predict_verdict(VERDICT_SLOWER);
    count("branches", SOURCE_HW, 10, 1, 0.01);
    count("page-faults", SOURCE_SW, 0, 2, 0.01);
    bound(prediction, SUBJECT_RATIO, "branches", ">=", 0.05);
    bound(prediction, SUBJECT_RATIO, "branches", "<", 0.2);
    bound(prediction, SUBJECT_CANDIDATE, "dtlb-misses", "<", 0.5);
    bound(prediction, SUBJECT_RATIO, "page-faults", "<", 1);
    assert_int_equal(comparison_explain(&file, &whole, NULL, &comparison), 0);
    assert_int_equal(comparison_explain(&file, &whole, NULL, &comparison), 0); /* in the place of the first */
    assert_int_equal(comparison.claim_count, 4);
    assert_claim(0, CLAIM_BY_VERDICT, CLAIM_FAILS, "", "", "slower");
    assert_claim(1, CLAIM_BY_NUMBER, CLAIM_HOLDS, "branches", "", ">= 0.05 and < 0.2");
    assert_int_equal(comparison.claims[1].source, SOURCE_HW);
    assert_true(comparison.claims[1].found.estimate == 0.1 && comparison.claims[1].cause);
    assert_claim(2, CLAIM_NO_SOURCE, CLAIM_OPEN, "dtlb-misses", "soa", "< 0.5");
    assert_true(isnan(comparison.claims[2].found.estimate) && !comparison.claims[2].cause);
    assert_claim(3, CLAIM_NO_RATIO, CLAIM_OPEN, "page-faults", "", "< 1");
    struct simulation scaled = {.scaled = true,
                                .point = {.values = {{.name = "n", .value = 512}}, .count = 1}};
    counters[0].source = SOURCE_SIM;
    prediction->where[prediction->where_count++] =
        (struct case_condition){.name = "n", .operator= ">=", .value = 1024};
    assert_int_equal(comparison_explain(&file, &scaled, NULL, &comparison), 0);
    assert_claim(1, CLAIM_ELSEWHERE, CLAIM_OPEN, "branches", "", ">= 0.05 and < 0.2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_ratio_holds_fails_or_is_open, start),
        cmocka_unit_test_setup(two_bounds_on_one_number_are_one_prediction, start),
        cmocka_unit_test_setup(equality_takes_the_whole_interval, start),
        cmocka_unit_test_setup(values_per_item_are_judged_with_their_intervals, start),
        cmocka_unit_test_setup(large_numbers_are_told_without_exponents, start),
        cmocka_unit_test_setup(ipc_is_a_name, start),
        cmocka_unit_test_setup(what_was_counted_goes_before_what_was_simulated, start),
        cmocka_unit_test_setup(a_scaled_point_is_named, start),
        cmocka_unit_test_setup(a_scaled_point_outside_where_is_no_evidence, start),
        cmocka_unit_test_setup(what_held_is_told_beside_what_could_not_be_judged, start),
        cmocka_unit_test_setup(an_inconclusive_verdict_refutes_nothing, start),
        cmocka_unit_test_setup(a_baseline_without_the_event_gives_no_ratio, start),
        cmocka_unit_test_setup(what_only_the_baseline_has_is_no_ratio_either, start),
        cmocka_unit_test_setup(a_value_without_an_interval_decides_nothing, start),
        cmocka_unit_test_setup(predictions_about_others_are_left_alone, start),
        cmocka_unit_test_setup(only_a_cause_explains, start),
        cmocka_unit_test_setup(a_cause_points_the_way_of_the_verdict, start),
        cmocka_unit_test_setup(held_failed_and_undecided_are_told_apart, start),
        cmocka_unit_test_setup(what_finds_no_room_is_counted, start),
        cmocka_unit_test_setup(evidence_is_looked_through, start),
        cmocka_unit_test_setup(claims_are_kept_as_values, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
