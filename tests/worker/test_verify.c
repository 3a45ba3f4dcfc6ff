#include "worker/verify.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct particle {
    float x, y;
    uint32_t id;
};

/* Copies the outputs, or fails the test. */
static struct answer copied(const struct cs_output *outputs, size_t count) {
    struct answer answer;
    assert_int_equal(answer_copy(&answer, outputs, count), 0);
    return answer;
}

static void an_array_a_field_and_a_lane_are_the_same_answer(void **unused) {
    (void)unused;
    float array[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct particle structs[8];
    float blocked[2][2][4]; /* 2 blocks of 4 lanes of x, then of y */
    for (int i = 0; i < 8; i++) {
        structs[i] = (struct particle){.x = array[i], .y = -1, .id = 9};
        blocked[i / 4][0][i % 4] = array[i];
        blocked[i / 4][1][i % 4] = -1;
    }
    const struct cs_output outputs[] = {
        {.name = "x", .data = array, .count = 8, .type = CS_F32},
        {.name = "x", .data = &structs[0].x, .count = 8, .type = CS_F32, .stride = sizeof *structs},
        {.name = "x",
         .data = blocked,
         .count = 8,
         .type = CS_F32,
         .block = 4,
         .block_stride = sizeof blocked[0]},
    };
    struct answer expected = copied(&outputs[0], 1);
    for (int i = 1; i < 3; i++) {
        struct cs_mismatch mismatch;
        struct answer got = copied(&outputs[i], 1);
        assert_true(answer_equal(&expected, &got, 0, &mismatch));
        answer_clear(&got);
    }
    answer_clear(&expected);
}

static void poison_reaches_every_element_and_nothing_else(void **unused) {
    (void)unused;
    struct particle structs[5];
    memset(structs, 0, sizeof structs);
    const struct cs_output output = {
        .data = &structs[0].y, .count = 5, .type = CS_F32, .stride = sizeof *structs};
    output_poison(&output, 1, 3);
    for (int i = 0; i < 5; i++) {
        assert_true(structs[i].y != 0);
        assert_true(structs[i].x == 0);
        assert_int_equal(structs[i].id, 0);
    }
}

static void arms_are_poisoned_differently(void **unused) {
    (void)unused;
    for (unsigned a = 0; a < 17; a++)
        for (unsigned b = 0; b < a; b++) {
            uint8_t first = 0, second = 0;
            output_poison(&(struct cs_output){.data = &first, .count = 1, .type = CS_U8}, 1, a);
            output_poison(&(struct cs_output){.data = &second, .count = 1, .type = CS_U8}, 1, b);
            assert_int_not_equal(first, second);
            assert_int_not_equal(first, 0);
        }
}

static void the_first_difference_is_named(void **unused) {
    (void)unused;
    uint64_t right[4] = {1, 2, 3, 4}, wrong[4] = {1, 2, 18446744073709551615u, 5};
    struct answer expected =
        copied(&(struct cs_output){.name = "n", .data = right, .count = 4, .type = CS_U64}, 1);
    struct answer got =
        copied(&(struct cs_output){.name = "n", .data = wrong, .count = 4, .type = CS_U64}, 1);
    struct cs_mismatch mismatch;
    assert_false(answer_equal(&expected, &got, 0, &mismatch));
    assert_string_equal(mismatch.output, "n");
    assert_int_equal(mismatch.index, 2);
    assert_string_equal(mismatch.got, "18446744073709551615");
    assert_string_equal(mismatch.expected, "3");
    answer_clear(&expected);
    answer_clear(&got);
}

static bool equal_doubles(double a, double b, double tolerance) {
    struct answer expected = copied(&(struct cs_output){.data = &a, .count = 1, .type = CS_F64}, 1);
    struct answer got = copied(&(struct cs_output){.data = &b, .count = 1, .type = CS_F64}, 1);
    struct cs_mismatch mismatch;
    bool equal = answer_equal(&expected, &got, tolerance, &mismatch);
    answer_clear(&expected);
    answer_clear(&got);
    return equal;
}

static void tolerance_is_relative_and_off_by_default(void **unused) {
    (void)unused;
    assert_false(equal_doubles(1, 1 + 1e-15, 0));
    assert_true(equal_doubles(1e9, 1e9 * (1 + 0.9e-6), 1e-6));
    assert_false(equal_doubles(1e9, 1e9 * (1 + 1.1e-6), 1e-6));
    assert_true(equal_doubles(NAN, NAN, 1e-6));
    assert_false(equal_doubles(1, NAN, 1e-6));
    assert_false(equal_doubles(0.0, -0.0, 0));
    assert_true(equal_doubles(0.0, -0.0, 1e-6));
}

static void shapes_must_agree(void **unused) {
    (void)unused;
    uint32_t numbers[3] = {0};
    int32_t others[3] = {0};
    struct cs_mismatch mismatch;
    struct answer three = copied(&(struct cs_output){.data = numbers, .count = 3, .type = CS_U32}, 1);
    struct answer two = copied(&(struct cs_output){.data = numbers, .count = 2, .type = CS_U32}, 1);
    struct answer typed = copied(&(struct cs_output){.data = others, .count = 3, .type = CS_I32}, 1);
    struct answer none = copied(NULL, 0);
    assert_false(answer_equal(&three, &two, 0, &mismatch));
    assert_string_equal(mismatch.got, "2 elements");
    assert_false(answer_equal(&three, &typed, 0, &mismatch));
    assert_false(answer_equal(&three, &none, 0, &mismatch));
    answer_clear(&three);
    answer_clear(&two);
    answer_clear(&typed);
    answer_clear(&none);
}

static void an_output_without_data_is_refused(void **unused) {
    (void)unused;
    struct answer answer;
    assert_int_equal(answer_copy(&answer, &(struct cs_output){.count = 1, .type = CS_U8}, 1), -EINVAL);
    assert_int_equal(answer_copy(&answer, NULL, CS_MAX_OUTPUTS + 1), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_a_field_and_a_lane_are_the_same_answer),
        cmocka_unit_test(poison_reaches_every_element_and_nothing_else),
        cmocka_unit_test(arms_are_poisoned_differently),
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(tolerance_is_relative_and_off_by_default),
        cmocka_unit_test(shapes_must_agree),
        cmocka_unit_test(an_output_without_data_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
