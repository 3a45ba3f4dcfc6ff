#include "counters/code_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
static void judge(size_t elsewhere, size_t strings, enum code_path path, const char *expected) {
    uint64_t samples[100];
    char reason[192];
    for (size_t i = 0; i < 100; i++)
        samples[i] = code_path_key(kernel, 0x100 + 0x10 * (i % 16)) | (i < strings ? CODE_PATH_STRING : 0);
    for (size_t i = 0; i < elsewhere; i++)
        samples[99 - i] = i % 2 ? code_path_key("/usr/lib/libm.so.6", 0x500) : code_path_key(kernel, 0x104);
    enum code_path found;
    assert_int_equal(
        code_path_judge(&simulated, samples, 100, "x asks the CPU: CPUID", &found, reason, sizeof reason), 0);
    assert_int_equal(found, path);
    if (expected)
        assert_non_null(strstr(reason, expected));
    else
        assert_string_equal(reason, "");
}

static void code_that_was_not_simulated_is_another_path(void **state) {
    (void)state;
    judge(0, 0, CODE_PATH_SAME, NULL);
    judge(15, 0, CODE_PATH_SAME, NULL); /* a rare case, an alignment */
    judge(90, 0, CODE_PATH_OTHER,
          "another path: 90 % of its time goes to code that its simulated run never reaches (x asks");
}

static void string_instructions_stand_for_many(void **state) {
    (void)state;
    judge(0, 5, CODE_PATH_SAME, NULL);
    judge(0, 60, CODE_PATH_STRINGS, "string instructions (rep movs, rep stos) take 60 % of its time");
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
    char reason[192] = "left";
    enum code_path path;
    uint64_t samples[19] = {0};
    assert_int_equal(code_path_judge(&simulated, samples, 19, "", &path, reason, sizeof reason), 0);
    assert_string_equal(reason, "");
    const struct callgrind_profile without = {0}; /* no addresses in the file */
    uint64_t many[20] = {0};
    assert_int_equal(code_path_judge(&without, many, 20, "", &path, reason, sizeof reason), 0);
    assert_string_equal(reason, "");
    assert_int_equal(code_path_judge(&simulated, many, 20, "", &path, reason, sizeof reason), 0);
    assert_non_null(strstr(reason, "100 %"));
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
