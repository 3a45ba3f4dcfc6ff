#include "counters/selftest_loops.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void skip_without_loops(void) {
    if (!selftest_available()) {
        print_message("no loops of known count for this architecture\n");
        skip();
    }
}

static void random_branch_falls_through_half_of_the_time(void **state) {
    (void)state;
    skip_without_loops();
    struct selftest_work none = selftest_run(SELFTEST_RANDOM, 1, NULL);
    struct selftest_work work = selftest_run(SELFTEST_RANDOM, 100000, NULL);
    /* Instructions an iteration without the skipped one, from two lengths; 5 standard deviations of a fair
     * coin. */
    double fixed = floor((double)work.instructions / 100000);
    double fallen = (double)work.instructions / 100000 - fixed;
    assert_true(none.branches == 2 && work.branches == 200000);
    assert_true(fabs(fallen - 0.5) < 5 * 0.5 / sqrt(100000));
}

static void chase_visits_every_line_once(void **state) {
    (void)state;
    skip_without_loops();
    struct selftest_memory memory;
    assert_int_equal(selftest_memory_open(0, &memory), 0);
    if (!memory.bytes)
        skip();
    size_t lines = memory.bytes / 64, steps = 0;
    const char *place = memory.base;
    do {
        place = *(const char *const *)place;
        steps++;
    } while (place != memory.base && steps <= lines);
    assert_int_equal(steps, lines);
    memory.cursor = memory.base;
    struct selftest_work work = selftest_run(SELFTEST_CHASE, 1000, &memory);
    assert_int_equal(work.instructions, 3000);
    assert_ptr_not_equal(memory.cursor, memory.base);
    selftest_run(SELFTEST_CHASE, lines - 1000, &memory);
    assert_ptr_equal(memory.cursor, memory.base); /* the loop took exactly the steps it was asked for */
    selftest_memory_close(&memory);
}

/* It stores into every line, and the chase finds its way afterwards. */
static void fill_stores_once_a_line_and_spares_the_chase(void **state) {
    (void)state;
    skip_without_loops();
    struct selftest_memory memory;
    assert_int_equal(selftest_memory_open(0, &memory), 0);
    if (!memory.bytes)
        skip();
    size_t lines = memory.bytes / 64, stored = 0;
    struct selftest_work work = selftest_run(SELFTEST_FILL, 1000, &memory);
    assert_true(work.instructions == 4000 && work.branches == 1000);
    for (size_t line = 0; line < lines; line++)
        stored += *(const uint64_t *)(const void *)(memory.base + line * 64 + 8) == 1;
    assert_int_equal(stored, 1000);
    selftest_run(SELFTEST_CHASE, lines, &memory);
    assert_ptr_equal(memory.cursor, memory.base);
    selftest_memory_close(&memory);
}

static void expect(enum counter_event event, enum selftest_loop loop, const struct selftest_memory *memory,
                   double *low, double *high) {
    struct selftest_work work = {
        .iterations = 1000, .instructions = 66000, .branches = 1000, .dependent_cycles = 64000};
    struct sample_clock clock = {.tsc = true, .ticks_per_ns = 2};
    selftest_expect(event, loop, &work, 1e-3, memory, &clock, low, high);
}

static void expectations_follow_from_the_work(void **state) {
    (void)state;
    struct selftest_memory memory = {.bytes = 256u << 20, .last_cache_bytes = 32u << 20};
    double low, high;
    expect(COUNTER_INSTRUCTIONS, SELFTEST_CHAIN, &memory, &low, &high);
    assert_true(low == 66000 && high == 66000);
    expect(COUNTER_CYCLES, SELFTEST_CHAIN, &memory, &low, &high);
    assert_true(low == 64000 && high == 66000);
    expect(COUNTER_CYCLES, SELFTEST_CHASE, &memory, &low, &high);
    assert_true(isnan(low) && isnan(high));
    expect(COUNTER_BRANCH_MISSES, SELFTEST_RANDOM, &memory, &low, &high);
    assert_true(low == 450 && high == 600);
    expect(COUNTER_LLC_MISSES, SELFTEST_CHASE, &memory, &low, &high);
    assert_float_equal(low, 900 * (1 - 32.0 / 256), 1e-6);
    expect(COUNTER_L1D_MISSES, SELFTEST_WALK, &memory, &low, &high);
    assert_true(low == 0 && high == 1050);
    expect(COUNTER_DATA_READS, SELFTEST_WALK, &memory, &low, &high);
    assert_true(low == 1000 && high == 1000);
    expect(COUNTER_DATA_READS, SELFTEST_FILL, &memory, &low, &high);
    assert_true(low == 0 && high == 20);
    expect(COUNTER_DATA_WRITES, SELFTEST_FILL, &memory, &low, &high);
    assert_true(low == 1000 && high == 1000);
    expect(COUNTER_DATA_WRITES, SELFTEST_CHASE, &memory, &low, &high);
    assert_true(low == 0 && high == 20);
}

/* A counter that reads 0 must not pass because nobody knows the cache. */
static void a_cache_of_unknown_size_must_miss_sometimes(void **state) {
    (void)state;
    struct selftest_memory memory = {.bytes = 256u << 20};
    double low, high;
    expect(COUNTER_LLC_MISSES, SELFTEST_CHASE, &memory, &low, &high);
    assert_true(low > 0 && high > 1000);
}

static void a_cache_too_big_for_the_memory_says_nothing(void **state) {
    (void)state;
    struct selftest_memory memory = {.bytes = 256u << 20, .last_cache_bytes = 200u << 20};
    double low, high;
    expect(COUNTER_LLC_MISSES, SELFTEST_CHASE, &memory, &low, &high);
    assert_true(isnan(low));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_branch_falls_through_half_of_the_time),
        cmocka_unit_test(chase_visits_every_line_once),
        cmocka_unit_test(fill_stores_once_a_line_and_spares_the_chase),
        cmocka_unit_test(expectations_follow_from_the_work),
        cmocka_unit_test(a_cache_of_unknown_size_must_miss_sometimes),
        cmocka_unit_test(a_cache_too_big_for_the_memory_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
