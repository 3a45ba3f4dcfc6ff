#include "counters/code_path.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char kernel[] = "/somewhere/kernel.so", library[] = "/usr/lib/libc.so.6";

/* The simulated run was at 0x100 to 0x1f0 of the kernel and at 0x500 of a library. */
static struct callgrind_address addresses[17];
static const struct callgrind_profile simulated = {.addresses = addresses, .address_count = 17};

static int fill(void **state) {
    (void)state;
    for (size_t i = 0; i < 16; i++)
        addresses[i] = (struct callgrind_address){kernel, 0x1f0 - 0x10 * i};
    addresses[16] = (struct callgrind_address){library, 0x500};
    return 0;
}

/* Judges 100 samples, of which some are of another object and some at another address. */
static void judge(size_t elsewhere, size_t strings, enum code_path path, double expected) {
    uint64_t samples[100];
    double share = NAN;
    for (size_t i = 0; i < 100; i++)
        samples[i] = code_path_key(kernel, 0x100 + 0x10 * (i % 16)) | (i < strings ? CODE_PATH_STRING : 0);
    for (size_t i = 0; i < elsewhere; i++)
        samples[99 - i] = i % 2 ? code_path_key("/usr/lib/libm.so.6", 0x500) : code_path_key(kernel, 0x104);
    enum code_path found;
    assert_int_equal(code_path_judge(&simulated, samples, 100, &found, &share), 0);
    assert_int_equal(found, path);
    assert_true(share == expected);
}

static void code_that_was_not_simulated_is_another_path(void **state) {
    (void)state;
    judge(0, 0, CODE_PATH_SAME, 0);
    judge(15, 0, CODE_PATH_SAME, 0); /* a rare case, an alignment */
    judge(90, 0, CODE_PATH_OTHER, 0.9);
}

static void string_instructions_stand_for_many(void **state) {
    (void)state;
    judge(0, 5, CODE_PATH_SAME, 0);
    judge(0, 60, CODE_PATH_STRINGS, 0.6);
}

/* Loaded from elsewhere, by another path, it is the same file. */
static void objects_are_known_by_the_name_of_their_file(void **state) {
    (void)state;
    assert_true(code_path_key("/lib/libc.so.6", 0x500) == code_path_key(library, 0x500));
    assert_true(code_path_key("/lib/libm.so.6", 0x500) != code_path_key(library, 0x500));
    assert_true(code_path_key(library, 0x500) != code_path_key(library, 0x501));
    assert_false(code_path_key(library, 0x500) & CODE_PATH_STRING);
}

static void few_samples_show_nothing(void **state) {
    (void)state;
    double share = NAN;
    enum code_path path;
    uint64_t samples[19] = {0};
    assert_int_equal(code_path_judge(&simulated, samples, 19, &path, &share), 0);
    assert_true(share == 0);
    const struct callgrind_profile without = {0}; /* no addresses in the file */
    uint64_t many[20] = {0};
    share = NAN;
    assert_int_equal(code_path_judge(&without, many, 20, &path, &share), 0);
    assert_true(share == 0);
    assert_int_equal(code_path_judge(&simulated, many, 20, &path, &share), 0);
    assert_true(share == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_that_was_not_simulated_is_another_path),
        cmocka_unit_test(string_instructions_stand_for_many),
        cmocka_unit_test(objects_are_known_by_the_name_of_their_file),
        cmocka_unit_test(few_samples_show_nothing),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
