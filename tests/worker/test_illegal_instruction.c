/* Encodings as an assembler gives them (GNU as 2.40), and what they are called. */
#include "worker/illegal_instruction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define X86(flags, words, ...)                                                                               \
    do {                                                                                                     \
        static const unsigned char bytes[] = {__VA_ARGS__};                                                  \
        char text[160];                                                                                      \
        illegal_instruction_describe_x86(bytes, sizeof bytes, flags, text, sizeof text);                     \
        if (!strstr(text, words))                                                                            \
            fail_msg("'%s' is not '%s'", text, words);                                                       \
    } while (0)

#define ARM(flags, words, ...)                                                                               \
    do {                                                                                                     \
        static const unsigned char bytes[] = {__VA_ARGS__};                                                  \
        char text[160];                                                                                      \
        illegal_instruction_describe_arm(bytes, sizeof bytes, flags, text, sizeof text);                     \
        if (!strstr(text, words))                                                                            \
            fail_msg("'%s' is not '%s'", text, words);                                                       \
    } while (0)

static void evex_is_avx_512(void **state) {
    (void)state;
    /* vpxord %zmm0,%zmm0,%zmm0; vaddph %zmm1,%zmm2,%zmm3, of which a CPU with AVX512F alone has none */
    X86("flags : fpu avx2", "an AVX-512 instruction, which this CPU lacks", 0x62, 0xf1, 0x7d, 0x48, 0xef,
        0xc0);
    X86("fpu avx512f avx2", "an AVX-512 instruction, of an extension that this CPU lacks", 0x62, 0xf5, 0x6c,
        0x48, 0x58, 0xd9);
    /* A flag is a whole word. */
    X86("fpu avx512fp", "an AVX-512 instruction, which this CPU lacks", 0x62, 0xf1, 0x7d, 0x48, 0xef, 0xc0);
}

static void vex_is_avx_fma_bmi_or_amx(void **state) {
    (void)state;
    /* vpaddd %ymm0,%ymm1,%ymm2; vfmadd213ps %ymm0,%ymm1,%ymm2; andn; pdep; mulx; shlx; rorx; tdpbssd;
     * vpdpbusd */
    X86("fpu", "an AVX or AVX2 instruction, which", 0xc5, 0xf5, 0xfe, 0xd0);
    X86("fpu", "an FMA instruction, which", 0xc4, 0xe2, 0x75, 0xa8, 0xd0);
    X86("fpu", "a BMI1 instruction, which", 0xc4, 0xe2, 0x70, 0xf2, 0xd0);
    X86("fpu", "a BMI2 instruction, which", 0xc4, 0xe2, 0x73, 0xf5, 0xd0);
    X86("fpu", "a BMI2 instruction, which", 0xc4, 0xe2, 0x73, 0xf6, 0xd0);
    X86("fpu", "a BMI2 instruction, which", 0xc4, 0xe2, 0x79, 0xf7, 0xd1);
    X86("fpu", "a BMI2 instruction, which", 0xc4, 0xe3, 0x7b, 0xf0, 0xd1, 0x05);
    X86("fpu", "an AMX instruction, which", 0xc4, 0xe2, 0x6b, 0x5e, 0xcb);
    X86("fpu", "an AVX-VNNI instruction, which", 0xc4, 0xe2, 0x75, 0x50, 0xd0);
}

static void older_sets_are_told_by_their_map(void **state) {
    (void)state;
    /* pshufb; pminud; pcmpistri; popcnt; aesenc; sha256rnds2; pclmulqdq, with prefixes before */
    X86("", "an SSSE3 instruction", 0x66, 0x0f, 0x38, 0x00, 0xc1);
    X86("", "an SSE4.1 instruction", 0x66, 0x0f, 0x38, 0x3b, 0xc1);
    X86("", "an SSE4.2 instruction", 0x66, 0x0f, 0x3a, 0x63, 0xc1, 0x0c);
    X86("", "a POPCNT instruction", 0xf3, 0x48, 0x0f, 0xb8, 0xc1);
    X86("", "an AES instruction", 0x66, 0x0f, 0x38, 0xdc, 0xc1);
    X86("", "a SHA instruction", 0x0f, 0x38, 0xcb, 0xc1);
    X86("", "a PCLMULQDQ instruction", 0x66, 0x0f, 0x3a, 0x44, 0xc1, 0x11);
}

static void undefined_is_not_missing(void **state) {
    (void)state;
    X86("fpu", "an undefined instruction (ud)", 0x0f, 0x0b);
    X86("fpu", "an undefined instruction (ud)", 0x0f, 0xff, 0xc0);
    ARM("fp", "an undefined instruction (udf)", 0x00, 0x00, 0x00, 0x00);
}

static void what_is_not_known_is_shown(void **state) {
    (void)state;
    X86("fpu", "this CPU does not have: 06", 0x06);
    X86("fpu", "this CPU does not have: 62", 0x62); /* cut off */
    char text[64];
    illegal_instruction_describe_x86((const unsigned char *)"", 0, "", text, sizeof text);
    assert_string_equal(text, "an instruction that this CPU does not have");
    illegal_instruction_describe_x86((const unsigned char *)"\x06\x06\x06\x06", 4, "", text, 50);
    assert_true(strlen(text) < 50);
}

static void sve_and_sme_are_told_apart(void **state) {
    (void)state;
    /* rdvl x0, #1; add z0.d, z1.d, z2.d; fmopa za0.s, p0/m, p0/m, z0.s, z0.s; ldr x0, [x1] */
    ARM("Features : fp asimd", "an SVE instruction, which this CPU lacks", 0x20, 0x50, 0xbf, 0x04);
    ARM("fp asimd sve", "an SVE instruction, of an extension", 0x20, 0x00, 0xe2, 0x04);
    ARM("fp asimd sve", "an SME instruction, which this CPU lacks", 0x00, 0x00, 0x80, 0x80);
    ARM("fp", "this CPU does not have: 20 00 40 f9", 0x20, 0x00, 0x40, 0xf9);
}

static void this_machine_is_asked(void **state) {
    (void)state;
    char text[160] = "";
#if defined(__x86_64__)
    static const unsigned char undefined[] = {0x0f, 0x0b};
    illegal_instruction_describe(undefined, sizeof undefined, text, sizeof text);
    assert_non_null(strstr(text, "undefined instruction"));
#elif defined(__aarch64__)
    static const unsigned char undefined[] = {0, 0, 0, 0};
    illegal_instruction_describe(undefined, sizeof undefined, text, sizeof text);
    assert_non_null(strstr(text, "undefined instruction"));
#else
    skip();
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evex_is_avx_512),
        cmocka_unit_test(vex_is_avx_fma_bmi_or_amx),
        cmocka_unit_test(older_sets_are_told_by_their_map),
        cmocka_unit_test(undefined_is_not_missing),
        cmocka_unit_test(what_is_not_known_is_shown),
        cmocka_unit_test(sve_and_sme_are_told_apart),
        cmocka_unit_test(this_machine_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
