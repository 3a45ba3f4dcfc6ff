#include "conclude/bound.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A variant that computes: 100 cycles an item at 4 GHz, 100 instructions, nothing missed. */
static struct bound_evidence computing(void) {
    struct bound_evidence evidence = {.time_ns = 25,
                                      .user_ns = 25,
                                      .queued = 0,
                                      .user = 1,
                                      .system = 0,
                                      .waiting = 0,
                                      .runtime = NAN,
                                      .ghz = 4,
                                      .threads = 1,
                                      .working_set_bytes = 1 << 20,
                                      .miss_least_ns = 1,
                                      .miss_most_ns = 10,
                                      .instructions = {100, SOURCE_SIM},
                                      .branch_misses = {0, SOURCE_SIM},
                                      .l1d_misses = {0, SOURCE_SIM},
                                      .llc_misses = {0, SOURCE_SIM},
                                      .l1i_misses = {0, SOURCE_SIM}};
    return evidence;
}

static void assert_bound(const struct bound_evidence *evidence, enum bound bound, const char *part) {
    struct bound_judgement judgement;
    bound_judge(evidence, &judgement);
    if (judgement.bound != bound)
        fail_msg("%s, not %s: %s", bound_name(judgement.bound), bound_name(bound), judgement.text);
    if (!strstr(judgement.text, part))
        fail_msg("'%s' does not speak of '%s'", judgement.text, part);
}

static void shares_are_costs_by_cycles(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    struct bound_shares shares;
    evidence.branch_misses.value = 2;
    evidence.l1i_misses.value = 1;
    evidence.l1d_misses.value = 3;
    bound_shares(&evidence, &shares);
    assert_float_equal(shares.cycles, 100, 1e-9);
    assert_float_equal(shares.core, 100 / BOUND_WIDTH / 100, 1e-9);
    assert_float_equal(shares.branches, 2 * BOUND_MISPREDICTION / 100, 1e-9);
    assert_float_equal(shares.front_end, BOUND_LINE_FROM_L2 / 100, 1e-9);
    assert_float_equal(shares.memory_least, 3 * 1 * 4 / 100.0, 1e-9);
    assert_float_equal(shares.memory_most, 3 * 10 * 4 / 100.0, 1e-9);
}

/* Several processes beside busy neighbours: those that wait for a CPU look as if they slept. */
static void sleep_is_not_told_from_queueing_of_others(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.user = 0.3;
    evidence.waiting = 0.7;
    evidence.voluntary_switches = 4;
    evidence.others = 0.9;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "other programs take 90 % of the processors");
    evidence.others = 0.05;
    assert_bound(&evidence, BOUND_WAITING, "sleep for 70 %");
    evidence.others = NAN;
    assert_bound(&evidence, BOUND_WAITING, "sleep for 70 %");
}

static void sleeping_is_waiting(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.waiting = 0.7;
    evidence.user = 0.3;
    evidence.voluntary_switches = 2;
    assert_bound(&evidence, BOUND_WAITING, "sleep for 70 %");
    evidence.voluntary_switches = 0; /* nothing ever went to sleep: the shares contradict that */
    assert_bound(&evidence, BOUND_NOT_CLEAR, "30 %");
}

static void spinning_in_the_runtime_is_waiting(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.runtime = 0.9;
    assert_bound(&evidence, BOUND_WAITING, "90 % of its samples");
}

static void kernel_time_is_system_calls(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.user = 0.2;
    evidence.system = 0.8;
    assert_bound(&evidence, BOUND_SYSTEM_CALLS, "80 % of its CPU time");
}

static void no_half_is_not_clear(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.user = 0.4;
    evidence.system = 0.2;
    evidence.waiting = 0.4;
    evidence.voluntary_switches = 1;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "40 %");
}

static void a_taken_processor_is_not_clear(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.queued = 0.9;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "something else ran");
}

static void many_instructions_are_core(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.instructions.value = 300;
    assert_bound(&evidence, BOUND_CORE, "300 instructions");
    evidence.l1d_misses.value = 6; /* 24 to 240 %: hidden behind three instructions a cycle */
    assert_bound(&evidence, BOUND_CORE, "300 instructions");
    evidence.instructions.value = 220; /* hardly hidden */
    assert_bound(&evidence, BOUND_NOT_CLEAR, "more than one");
}

static void slow_without_misses_is_core(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    assert_bound(&evidence, BOUND_CORE, "chains");
    evidence.l1d_misses.value = 1; /* at most 40 %, which is neither little nor most */
    assert_bound(&evidence, BOUND_NOT_CLEAR, "no single cause");
}

static void mispredictions_are_branches(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.branch_misses.value = 4;
    assert_bound(&evidence, BOUND_BRANCHES, "60 to 100 %");
    evidence.l1d_misses.value = 2; /* 8 to 80 %: either could be it */
    assert_bound(&evidence, BOUND_NOT_CLEAR, "more than one");
}

/* A scan whose branches the core has learned is fast, whatever the simulated predictor did. */
static void mispredictions_of_fast_code_are_not_believed(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.branch_misses.value = 3.7;
    evidence.instructions.value = 176;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "hardly mispredicts");
    assert_bound(&evidence, BOUND_NOT_CLEAR, "the simulation's mispredictions (3.7, at 15 to 25 cycles)");
    evidence.branch_misses.source = SOURCE_HW; /* counted: so it is */
    assert_bound(&evidence, BOUND_BRANCHES, "much of the time");
}

/* A sum that waits for each addition reads lines that come long before they are wanted. */
static void a_chain_of_operations_is_not_memory(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.instructions.value = 60;
    evidence.l1d_misses.value = 3;
    evidence.miss_most_ns = 90; /* 12 to 1080 % */
    assert_bound(&evidence, BOUND_NOT_CLEAR, "chains of dependent instructions");
    evidence.miss_most_ns = 10; /* 12 to 120 %: each waits for the last */
    assert_bound(&evidence, BOUND_MEMORY, "suffice");
}

/* More mispredictions than there is time for: the simulated predictor is worse than the core's. */
static void impossible_mispredictions_are_not_believed(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.branch_misses.value = 10;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "predicts branches better");
    evidence.instructions.value = 300;
    assert_bound(&evidence, BOUND_CORE, "300 instructions");
}

static void instruction_misses_are_front_end(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.l1i_misses.value = 4;
    assert_bound(&evidence, BOUND_FRONT_END, "4 L1I misses");
    evidence.l1i_misses.value = 4.1234;
    assert_bound(&evidence, BOUND_FRONT_END, "4.12 L1I misses"); /* known no better */
}

static void misses_are_memory(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.l1d_misses.value = 2; /* 8 to 80 %, and 75 % to explain */
    assert_bound(&evidence, BOUND_MEMORY, "suffice");
    evidence.l1d_misses.value = 20; /* 80 % even in order */
    assert_bound(&evidence, BOUND_MEMORY, "in order");
    evidence.branch_misses.value = 4;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "more than one");
    evidence.branch_misses.value = 0;
    evidence.l1d_misses.value = 25; /* lines cannot come faster, instructions could */
    evidence.instructions.value = 350;
    assert_bound(&evidence, BOUND_MEMORY, "in order");
}

static void unknown_numbers_are_not_guessed(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    strcpy(evidence.uncounted, "there is no valgrind");
    assert_bound(&evidence, BOUND_NOT_CLEAR, "there is no valgrind");
    evidence = computing();
    evidence.ghz = NAN;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "core clock");
    evidence = computing();
    evidence.miss_most_ns = NAN;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "too little is known");
    evidence = computing();
    evidence.user = NAN;
    assert_bound(&evidence, BOUND_NOT_CLEAR, "could not be timed");
}

static void misses_are_charged_what_is_left(void **state) {
    (void)state;
    struct bound_evidence evidence = computing();
    evidence.l1d_misses.value = 5;
    assert_float_equal(bound_miss_cycles(&evidence), 75.0 / 5, 1e-9);
    evidence.l1d_misses.value = 1; /* not more than a miss that waits for another */
    assert_float_equal(bound_miss_cycles(&evidence), 10 * 4, 1e-9);
    evidence.l1d_misses.value = 50; /* nor less than one in order */
    assert_float_equal(bound_miss_cycles(&evidence), 1 * 4, 1e-9);
    evidence.ghz = NAN;
    assert_float_equal(bound_miss_cycles(&evidence), 10, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_costs_by_cycles),
        cmocka_unit_test(sleep_is_not_told_from_queueing_of_others),
        cmocka_unit_test(sleeping_is_waiting),
        cmocka_unit_test(spinning_in_the_runtime_is_waiting),
        cmocka_unit_test(kernel_time_is_system_calls),
        cmocka_unit_test(no_half_is_not_clear),
        cmocka_unit_test(a_taken_processor_is_not_clear),
        cmocka_unit_test(many_instructions_are_core),
        cmocka_unit_test(slow_without_misses_is_core),
        cmocka_unit_test(mispredictions_are_branches),
        cmocka_unit_test(mispredictions_of_fast_code_are_not_believed),
        cmocka_unit_test(a_chain_of_operations_is_not_memory),
        cmocka_unit_test(impossible_mispredictions_are_not_believed),
        cmocka_unit_test(instruction_misses_are_front_end),
        cmocka_unit_test(misses_are_memory),
        cmocka_unit_test(unknown_numbers_are_not_guessed),
        cmocka_unit_test(misses_are_charged_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
