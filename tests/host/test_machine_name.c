#include "host/proc_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *model, unsigned cpus, const char *expected) {
    struct cpu_identity identity = {.family = 26, .model_number = 2};
    char name[64];
    snprintf(identity.model, sizeof identity.model, "%s", model);
    machine_name(&identity, "x86_64", cpus, name, sizeof name);
    assert_string_equal(name, expected);
}

static void marks_and_fillers_are_dropped(void **state) {
    (void)state;
    check("AMD EPYC 9B45", 2, "amd-epyc-9b45-2cpu");
    check("INTEL(R) XEON(R) PLATINUM 8581C CPU @ 2.30GHz", 2, "intel-xeon-platinum-8581c-2cpu");
    check("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", 36, "intel-xeon-e5-2686-v4-36cpu");
    check("AMD Ryzen 9 7950X 16-Core Processor", 32, "amd-ryzen-9-7950x-32cpu");
    check("12th Gen Intel(R) Core(TM) i7-12700K", 20, "intel-core-i7-12700k-20cpu");
    check("AMD Ryzen 7 PRO 4750U with Radeon Graphics", 16, "amd-ryzen-7-pro-4750u-16cpu");
    check("Arm Neoverse-N1", 4, "arm-neoverse-n1-4cpu");
    check("QEMU Virtual CPU version 2.5+", 1, "qemu-virtual-version-2-5-1cpu");
}

static void vague_names_get_numbers(void **state) {
    (void)state;
    check("AMD EPYC", 2, "amd-epyc-family26-model2-2cpu");
    check("", 8, "x86-64-8cpu");
    check("CPU @ 3 GHz", 8, "x86-64-8cpu");
}

static void long_names_keep_the_count(void **state) {
    (void)state;
    check("A Very Long Name Of A Processor Which Nobody Would Ever Give To One 1234567890 1234567890", 128,
          "a-very-long-name-of-a-which-nobody-would-ever-give-to-on-128cpu");
}

static void nothing_known_still_gives_a_name(void **state) {
    (void)state;
    struct cpu_identity identity = {0};
    char name[64];
    machine_name(&identity, "", 3, name, sizeof name);
    assert_string_equal(name, "3cpu");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_and_fillers_are_dropped),
        cmocka_unit_test(vague_names_get_numbers),
        cmocka_unit_test(long_names_keep_the_count),
        cmocka_unit_test(nothing_known_still_gives_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
