#include "base/numbers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void one_strict_notation_is_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},  {"12", 12},        {"-0.5", -0.5}, {".5", 0.5},  {"1e3", 1000},
                {"+2", 2}, {"1.5E-2", 0.015}, {"007", 7},     {"1e+2", 100}};
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "1.",
                                      ".",
                                      "-",
                                      "e3",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "inf",
                                      "nan",
                                      "1,5",
                                      "1..2",
                                      "1e3..3",
                                      "1e400",
                                      "--1",
                                      "+-1",
                                      "1e3x",
                                      "١",
                                      "1\n",
                                      "1e3e3",
                                      "1e99999999999999999999"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(number_read(good[i].text, strlen(good[i].text), &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (number_read(bad[i], strlen(bad[i]), &value))
            fail_msg("\"%s\" is read as %g", bad[i], value);
    assert_true(number_read("12..34", 2, &value) && value == 12); /* not beyond its length */
}

static void whole_numbers_are_digits(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "-", "+1", "1.0", "1e3", " 1", "1 ", "0x1", "9223372036854775808", "--1", "1-"};
    int64_t value;
    assert_true(number_read_whole("-9223372036854775808", 20, &value) && value == INT64_MIN);
    assert_true(number_read_whole("007", 3, &value) && value == 7);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(number_read_whole(bad[i], strlen(bad[i]), &value));
}

static void assert_texts(double value, const char *padded, const char *brief) {
    assert_string_equal(PADDED(value, 3), padded);
    assert_string_equal(BRIEF(value, 3), brief);
}

static void numbers_are_written_as_people_do(void **state) {
    (void)state;
    assert_texts(10, "10.0", "10");
    assert_texts(0.25, "0.250", "0.25");
    assert_texts(1313, "1310", "1310");
    assert_texts(100, "100", "100");
    assert_texts(9.996, "10.0", "10");
    assert_texts(-0.0, "0", "0");
    assert_texts(9994999, "9990000", "9990000");
    assert_texts(9995000.5, "10.0M", "10M");
    assert_texts(1.234e9, "1.23G", "1.23G");
    assert_texts(999.6e9, "1.00T", "1T");
    assert_texts(1e300, ">999T", ">999T");
    assert_texts(-1e300, "<-999T", "<-999T");
    assert_texts(0.0001, "0.000100", "0.0001");
    assert_texts(1e-7, "<0.0001", "<0.0001");
    assert_texts(-1e-7, ">-0.0001", ">-0.0001");
    assert_texts(NAN, "–", "–");
    assert_texts(-INFINITY, "–", "–");
}

static void sizes_and_times_have_units(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *bytes, *seconds;
    } cases[] = {{0, "0 B", "0 s"},
                 {1023, "1023 B", "1020 s"},
                 {2050.0 * 1048576, "2.00 GiB", "2.15G s"},
                 {1.5, "2 B", "1.5 s"},
                 {0.0123, "0 B", "12.3 ms"},
                 {9.999e-7, "0 B", "1 µs"},
                 {3e-12, "0 B", "0.003 ns"},
                 {-1, "–", "–"},
                 {NAN, "–", "–"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(BYTES(cases[i].value), cases[i].bytes);
        assert_string_equal(SECONDS(cases[i].value, 3), cases[i].seconds);
    }
}

/* No exponent, no "nan", no "-0", few digits, few columns: whatever the value. */
static void check(const char *text, double value, int digits) {
    const char *number = text + (text[0] == '<' || text[0] == '>');
    size_t significant = 0;
    bool leading = true;
    if (!strcmp(text, "–") || !strcmp(text, ">999T") || !strcmp(text, "<-999T"))
        return;
    for (const char *at = number; *at; at++) {
        leading = leading && (*at == '0' || *at == '.' || *at == '-');
        significant += !leading && *at >= '0' && *at <= '9';
    }
    size_t end = strcspn(number, " MGT");
    while (end && !strchr(text, '.') && number[end - 1] == '0' && significant > 1)
        end--, significant--;
    bool zero = strspn(number, "-0. ") == strlen(number);
    if (strlen(text) > 12 || strpbrk(text, "eE") || strstr(text, "nan") || strstr(text, "inf") ||
        (zero && (number[0] == '-' || (value != 0 && text == number))) || significant > (size_t)digits)
        fail_msg("%.17g with %d digits is \"%s\"", value, digits, text);
}

/* Of all magnitudes alike, both signs, and right beside the powers of ten. */
static double draw(void) {
    double magnitude = pow(10, 620.0 * rand() / RAND_MAX - 310);
    if (rand() % 3 == 0)
        magnitude = pow(10, rand() % 24 - 10) * (1 + (rand() % 5 - 2) * 1e-3);
    return rand() % 2 ? magnitude : -magnitude;
}

static void no_number_gets_out_of_hand(void **state) {
    (void)state;
    srand(7);
    for (int i = 0; i < 200000; i++) {
        double value = draw();
        for (int digits = 1; digits <= 4; digits++) {
            check(PADDED(value, digits), value, digits);
            check(BRIEF(value, digits), value, digits);
        }
        assert_true(strlen(BYTES(value)) <= 12 && !strpbrk(BYTES(value), "en-"));
        assert_true(strlen(SECONDS(value, 3)) <= 12 && !strpbrk(SECONDS(value, 3), "e-"));
    }
}

/* What is read again differs by no more than its digits allow. */
static void a_written_number_is_near_its_value(void **state) {
    (void)state;
    srand(11);
    for (int i = 0; i < 100000; i++) {
        double value = draw(), again;
        const char *text = BRIEF(value, 3);
        char *unit;
        if (fabs(value) < 1e-4 || fabs(value) > 9e14)
            continue;
        again = strtod(text, &unit);
        again *= *unit == 'M' ? 1e6 : *unit == 'G' ? 1e9 : *unit == 'T' ? 1e12 : 1;
        if (fabs(again / value - 1) > 0.0051)
            fail_msg("%.17g is \"%s\"", value, text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_strict_notation_is_read),
        cmocka_unit_test(whole_numbers_are_digits),
        cmocka_unit_test(numbers_are_written_as_people_do),
        cmocka_unit_test(sizes_and_times_have_units),
        cmocka_unit_test(no_number_gets_out_of_hand),
        cmocka_unit_test(a_written_number_is_near_its_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
