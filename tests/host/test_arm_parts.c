#include "host/proc_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void check(unsigned implementer, unsigned part, const char *expected) {
    char name[64];
    arm_cpu_name(implementer, part, name, sizeof name);
    assert_string_equal(name, expected);
}

/* Values of Linux, arch/arm64/include/asm/cputype.h. */
static void parts_have_names(void **state) {
    (void)state;
    check(0x41, 0xd0c, "Arm Neoverse-N1");
    check(0x41, 0xd40, "Arm Neoverse-V1");
    check(0x41, 0xd4f, "Arm Neoverse-V2");
    check(0x46, 0x001, "Fujitsu A64FX");
    check(0x61, 0x023, "Apple M1-Firestorm");
    check(0xc0, 0xac3, "Ampere AmpereOne");
}

static void unknown_parts_have_numbers(void **state) {
    (void)state;
    check(0x41, 0x123, "Arm part 0x123");
    check(0x99, 0x001, "implementer 0x99 part 0x001");
    assert_null(arm_implementer(0x99));
    assert_string_equal(arm_implementer(0x41), "Arm");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_names),
        cmocka_unit_test(unknown_parts_have_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
