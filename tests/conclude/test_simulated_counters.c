#include "conclude/simulated_counters.h"

#include "countersign.h"
#include "made_measurement.h"

#include <math.h>

static void set_counts(struct simulated_arm *arm, double instructions, double misses, double cycles) {
    arm->counts[COUNTER_INSTRUCTIONS] = instructions;
    arm->counts[COUNTER_L1D_MISSES] = misses;
    arm->cycles = cycles;
    arm->cycles_p5 = cycles * 0.8;
    arm->cycles_p95 = cycles * 1.25;
}

/* Two arms and a placebo over 10 items: 400 and 100 instructions, 5 and 0 misses, 200 and 25 cycles. */
static struct measurement simulated(struct made *made) {
    make(made, 2, 1, 1);
    struct simulation *simulation = &made->measurement.simulation;
    simulation->arms = calloc(3, sizeof *simulation->arms);
    assert_non_null(simulation->arms);
    snprintf(simulation->tool, sizeof simulation->tool, "valgrind-3.19.0");
    simulation->items = 10;
    for (size_t arm = 0; arm < 3; arm++)
        for (int event = 0; event < COUNTER_EVENTS; event++)
            simulation->arms[arm].counts[event] = NAN;
    set_counts(&simulation->arms[0], 400, 5, 200);
    set_counts(&simulation->arms[1], 100, 0, 25);
    return made->measurement;
}

static const struct counter_result *find(const struct counter_result *results, size_t count,
                                         const char *name) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(results[i].name, name)) {
            assert_int_equal(results[i].source, SOURCE_SIM);
            return &results[i];
        }
    fail_msg("no entry %s", name);
    return NULL;
}

static void counts_are_exact_and_an_item(void **state) {
    (void)state;
    struct made made;
    struct measurement measurement = simulated(&made);
    struct counter_result results[SIMULATED_COUNTERS];
    size_t count = simulated_counters(&measurement, 1, true, results);
    assert_int_equal(count, SIMULATED_COUNTERS);
    const struct counter_result *instructions = find(results, count, "instructions");
    assert_true(instructions->baseline == 40 && instructions->candidate == 10);
    assert_true(instructions->ratio.low == 0.25 && instructions->ratio.high == 0.25);
    assert_true(instructions->baseline_interval.low == 40 && instructions->baseline_interval.high == 40);
    assert_int_equal(instructions->trust, TRUST_TRUSTED);
    assert_string_equal(instructions->unit, "instruction");
    assert_true(find(results, count, "l1d-misses")->ratio.estimate == 0);
    measurement_clear(&made.measurement);
}

static void what_was_not_simulated_is_absent(void **state) {
    (void)state;
    struct made made;
    struct measurement measurement = simulated(&made);
    struct counter_result results[SIMULATED_COUNTERS];
    measurement.simulation.arms[0].counts[COUNTER_L1D_MISSES] = 0;
    size_t count = simulated_counters(&measurement, 1, true, results);
    assert_true(isnan(find(results, count, "l1d-misses")->ratio.estimate)); /* of a baseline of 0 */
    assert_true(find(results, count, "l1d-misses")->baseline == 0);
    assert_true(isnan(find(results, count, "branches")->baseline));
    assert_int_equal(find(results, count, "branches")->trust, TRUST_NONE);
    measurement_clear(&made.measurement);
}

static void an_estimate_of_ipc_says_that_it_is_one(void **state) {
    (void)state;
    struct made made;
    struct measurement measurement = simulated(&made);
    struct counter_result results[SIMULATED_COUNTERS];
    size_t count = simulated_counters(&measurement, 1, true, results);
    const struct counter_result *ipc = find(results, count, "ipc");
    assert_true(ipc->baseline == 2 && ipc->candidate == 4 && ipc->ratio.estimate == 2);
    assert_true(ipc->baseline_interval.low == 400 / 250.0 && ipc->baseline_interval.high == 400 / 160.0);
    assert_true(ipc->ratio.low < 2 && ipc->ratio.high > 2);
    assert_int_equal(ipc->trust, TRUST_DEGRADED);
    assert_non_null(strstr(ipc->reason, "estimate: simulated instructions"));
    assert_int_equal(simulated_counters(&measurement, 1, false, results), count - 1);
    measurement_clear(&made.measurement);
}

static void a_smaller_point_is_named(void **state) {
    (void)state;
    struct made made;
    struct measurement measurement = simulated(&made);
    struct counter_result results[SIMULATED_COUNTERS];
    measurement.point =
        (struct point){.values = {{.name = "n", .value = 65536}, {.name = "hit", .value = 50}}, .count = 2};
    measurement.simulation.point = (struct point){
        .values = {{.name = "n", .value = 4096}, {.name = "hit", .value = 50}, {.name = "runs", .value = 3}},
        .count = 3};
    measurement.simulation.scaled = true;
    measurement.arms[1].flags = CS_IO;
    size_t count = simulated_counters(&measurement, 1, true, results);
    const struct counter_result *instructions = find(results, count, "instructions");
    assert_int_equal(instructions->trust, TRUST_DEGRADED);
    assert_string_equal(instructions->reason,
                        "simulated at n = 4096, runs = 3; user code alone: not what its system calls do");
    measurement_clear(&made.measurement);
}

static void an_arm_that_was_left_out_says_why(void **state) {
    (void)state;
    struct made made;
    struct measurement measurement = simulated(&made);
    struct counter_result results[SIMULATED_COUNTERS];
    set_counts(&measurement.simulation.arms[1], NAN, NAN, NAN);
    snprintf(measurement.simulation.arms[1].reason, RESULT_SIM_REASON, "2 threads");
    size_t count = simulated_counters(&measurement, 1, true, results);
    const struct counter_result *instructions = find(results, count, "instructions");
    assert_true(instructions->baseline == 40);
    assert_true(isnan(instructions->candidate) && isnan(instructions->ratio.estimate));
    assert_string_equal(instructions->reason, "cand: 2 threads");
    assert_true(isnan(find(results, count, "ipc")->candidate));
    assert_non_null(strstr(find(results, count, "ipc")->reason, "cand: 2 threads"));
    measurement_clear(&made.measurement);
}

static void nothing_simulated_is_nothing_or_a_reason(void **state) {
    (void)state;
    struct made made;
    struct counter_result results[SIMULATED_COUNTERS];
    make(&made, 2, 1, 1);
    assert_int_equal(simulated_counters(&made.measurement, 1, true, results), 0);
    snprintf(made.measurement.simulation.tool, 16, "valgrind");
    snprintf(made.measurement.simulation.reason, RESULT_SIM_REASON, "not installed");
    size_t count = simulated_counters(&made.measurement, 1, true, results);
    assert_int_equal(count, SIMULATED_COUNTERS);
    for (size_t i = 0; i < count; i++) {
        assert_true(isnan(results[i].baseline) && isnan(results[i].candidate));
        assert_int_equal(results[i].trust, TRUST_NONE);
        assert_string_equal(results[i].reason, "not installed");
    }
    measurement_clear(&made.measurement);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_exact_and_an_item),
        cmocka_unit_test(what_was_not_simulated_is_absent),
        cmocka_unit_test(an_estimate_of_ipc_says_that_it_is_one),
        cmocka_unit_test(a_smaller_point_is_named),
        cmocka_unit_test(an_arm_that_was_left_out_says_why),
        cmocka_unit_test(nothing_simulated_is_nothing_or_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
