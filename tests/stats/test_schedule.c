#include "stats/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

static void every_round_is_a_permutation(void **unused) {
    (void)unused;
    for (size_t arms = 1; arms <= SCHEDULE_MAX_ARMS; arms++) {
        struct schedule schedule;
        schedule_start(&schedule, 7 + arms, arms);
        for (int round = 0; round < 100; round++) {
            const uint32_t *order = schedule_next(&schedule);
            bool seen[SCHEDULE_MAX_ARMS] = {false};
            for (size_t i = 0; i < arms; i++) {
                assert_true(order[i] < arms);
                assert_false(seen[order[i]]);
                seen[order[i]] = true;
            }
        }
    }
}

static void a_block_has_every_arm_in_every_position(void **unused) {
    (void)unused;
    struct schedule schedule;
    schedule_start(&schedule, 3, 5);
    for (int block = 0; block < 50; block++) {
        int at[5][5] = {{0}};
        for (int row = 0; row < 5; row++) {
            const uint32_t *order = schedule_next(&schedule);
            for (int i = 0; i < 5; i++)
                at[order[i]][i]++;
        }
        for (int arm = 0; arm < 5; arm++)
            for (int position = 0; position < 5; position++)
                assert_int_equal(at[arm][position], 1);
    }
}

/* 1200 rounds of 4 arms: each of the 12 ordered neighbours is expected 300 times; 6 sigma is about 90. */
static void neighbours_are_balanced(void **unused) {
    (void)unused;
    struct schedule schedule;
    int follows[4][4] = {{0}};
    schedule_start(&schedule, 11, 4);
    for (int round = 0; round < 1200; round++) {
        const uint32_t *order = schedule_next(&schedule);
        for (int i = 0; i < 3; i++)
            follows[order[i]][order[i + 1]]++;
    }
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            if (a != b)
                assert_in_range(follows[a][b], 210, 390);
}

static void the_seed_decides_the_order(void **unused) {
    (void)unused;
    struct schedule a, b, c;
    bool differs = false;
    schedule_start(&a, 5, 6);
    schedule_start(&b, 5, 6);
    schedule_start(&c, 6, 6);
    for (int round = 0; round < 60; round++) {
        const uint32_t *order = schedule_next(&a);
        assert_memory_equal(order, schedule_next(&b), 6 * sizeof *order);
        differs |= memcmp(order, schedule_next(&c), 6 * sizeof *order) != 0;
    }
    assert_true(differs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_round_is_a_permutation),
        cmocka_unit_test(a_block_has_every_arm_in_every_position),
        cmocka_unit_test(neighbours_are_balanced),
        cmocka_unit_test(the_seed_decides_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
