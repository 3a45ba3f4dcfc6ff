#include "golden.h"
#include "report/format.h"
#include "sample_run.h"

static void assert_number(double value, const char *expected) {
    char text[FORMAT_SIZE];
    format_number(value, text);
    assert_string_equal(text, expected);
}

static void writes_three_significant_digits(void **state) {
    (void)state;
    assert_number(4.706, "4.71");
    assert_number(9.996, "10.0");
    assert_number(99.96, "100");
    assert_number(1313, "1310");
    assert_number(0.004123, "0.00412");
    assert_number(-12.34, "-12.3");
    assert_number(0, "0");
    assert_number(1.23e9, "1.23G");
    assert_number(1.23e-7, "<0.0001");
    assert_number(NAN, "–");
}

static void assert_times(double first, double second, const char *first_text, const char *second_text) {
    char texts[2][FORMAT_SIZE];
    format_times(first, second, texts[0], texts[1]);
    assert_string_equal(texts[0], first_text);
    assert_string_equal(texts[1], second_text);
}

static void writes_two_times_in_one_unit(void **state) {
    (void)state;
    assert_times(4.71, 8.2, "4.71 ns", "8.20 ns");
    assert_times(1313, 9.2, "1310 ns", "9.20 ns");
    assert_times(1e6, 4, "1000 µs", "0.00400 µs");
    assert_times(999.7, 1200, "1.00 µs", "1.20 µs");
    assert_times(2.5e9, 3e9, "2.50 s", "3.00 s");
    assert_times(0.81, 0.405, "0.810 ns", "0.405 ns");
    assert_times(NAN, 12e6, "–", "12.0 ms");
    assert_times(NAN, NAN, "–", "–");
}

static void assert_speedup(double estimate, double low, double high, const char *expected) {
    char text[FORMAT_SIZE], interval[2 * FORMAT_SIZE], both[4 * FORMAT_SIZE];
    format_speedup((struct interval){estimate, low, high}, text, interval);
    snprintf(both, sizeof both, "%s %s", text, interval);
    assert_string_equal(both, expected);
}

static void shows_the_digits_an_interval_deserves(void **state) {
    (void)state;
    assert_speedup(3.1199, 3.1, 3.14, "3.12× [3.10, 3.14]");
    assert_speedup(3.12, 2.82, 3.42, "3.1× [2.8, 3.4]");
    assert_speedup(142.4, 141, 143.8, "142× [141, 144]");
    assert_speedup(1.5, 0.4, 5.6, "1.50× [0.40, 5.60]");
    assert_speedup(0.0123, 0.0122, 0.0124, "0.0123× [0.0122, 0.0124]");
    assert_speedup(NAN, NAN, NAN, "– –");
    assert_speedup(2, NAN, NAN, "2.0000× –");
}

/* An interval that excludes 1 never looks as if it held it, and one that holds it may well show it. */
static void never_rounds_an_end_to_one(void **state) {
    (void)state;
    assert_speedup(1.00009, 1.00004, 1.00014, "1.00009× [1.00004, 1.00014]");
    assert_speedup(0.9951, 0.9904, 0.9998, "0.9951× [0.9904, 0.9998]");
    assert_speedup(1.02, 1.0004, 1.04, "1.0200× [1.0004, 1.0400]");
    assert_speedup(1.0, 0.99, 1.01, "1.00× [0.99, 1.01]");
    for (double gap = 1e-6; gap < 0.1; gap *= 1.7)
        for (double half = gap / 8; half < gap; half *= 1.9) {
            char text[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
            double low, high;
            format_speedup((struct interval){1 + gap, 1 + gap - half, 1 + gap + half}, text, interval);
            assert_int_equal(sscanf(interval, "[%lf, %lf]", &low, &high), 2);
            assert_true(low > 1 && high >= low);
        }
}

static void is_brief_about_what_says_nothing(void **state) {
    (void)state;
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    format_speedup((struct interval){1.952, 0.0532, 71.909}, estimate, interval);
    assert_string_equal(estimate, "2.0×");
    assert_string_equal(interval, "[0.053, 72]");
    /* one that excludes 1 keeps the digits that show it */
    format_speedup((struct interval){5, 1.0004, 40}, estimate, interval);
    assert_string_equal(interval, "[1.0004, 40.0000]");
    format_number_short(0.06254, estimate);
    assert_string_equal(estimate, "0.063");
    format_number_short(NAN, estimate);
    assert_string_equal(estimate, "–");
}

static void writes_half_widths(void **state) {
    (void)state;
    char text[FORMAT_SIZE];
    format_half_width((struct interval){2, 1.98, 2.03}, text);
    assert_string_equal(text, "±1.5 %");
    format_half_width((struct interval){2, 0, 5.2}, text);
    assert_string_equal(text, "±160 %");
    format_half_width((struct interval){NAN, NAN, NAN}, text);
    assert_string_equal(text, "±–");
}

static void writes_factors(void **state) {
    (void)state;
    static const struct {
        double factor;
        const char *text;
    } cases[] = {{1.42, "1.4×"},  {9.94, "9.9×"},     {12.3, "12×"},    {142.4, "142×"},    {1893, "1890×"},
                 {1.02, "1.02×"}, {1.0042, "1.004×"}, {0.982, "0.98×"}, {0.012, "0.0120×"}, {NAN, "–"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[FORMAT_SIZE];
        format_factor(cases[i].factor, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void writes_bytes_durations_and_percentages(void **state) {
    (void)state;
    char text[FORMAT_SIZE];
    format_bytes(512, text);
    assert_string_equal(text, "512 B");
    format_bytes(67.2 * 1048576, text);
    assert_string_equal(text, "67.2 MiB");
    format_bytes(1048575, text);
    assert_string_equal(text, "1.00 MiB");
    format_bytes(NAN, text);
    assert_string_equal(text, "–");
    format_duration(2, text);
    assert_string_equal(text, "2 s");
    format_duration(59.6, text);
    assert_string_equal(text, "1 min 0 s");
    format_duration(3840, text);
    assert_string_equal(text, "1 h 4 min");
    format_duration(NAN, text);
    assert_string_equal(text, "–");
    format_percent(0.0025, text);
    assert_string_equal(text, "0.25 %");
    format_percent(NAN, text);
    assert_string_equal(text, "–");
}

static void writes_points(void **state) {
    (void)state;
    struct point point = {0};
    struct text text = {0};
    sample_number(&point, "n", 4096, "ids");
    sample_number(&point, "size", 64 << 20, "bytes");
    sample_number(&point, "record", 1000, "bytes");
    sample_number(&point, "hit", 0, "%");
    sample_number(&point, "none", 0, "bytes");
    sample_choice(&point, "order", 2, "random");
    format_point(&point, &text);
    assert_string_equal(text_string(&text),
                        "n = 4096, size = 64 MiB, record = 1000 B, hit = 0 %, none = 0 B, order = random");
    assert_false(format_unit_is_shown(&point.values[0]));
    assert_true(format_unit_is_shown(&point.values[1]));
    text_clear(&text);
}

static void a_reason_that_is_missing_is_told(void **state) {
    (void)state;
    assert_string_equal(format_reason("b crashed"), "b crashed");
    assert_string_equal(format_reason(""), "the result gives no reason");
}

/* "12.3 ms" and the like, whatever was measured, and whatever a result file says. */
static void check_text(const char *text, double value) {
    bool zero = strspn(text, "0.") > 0 && !strpbrk(text, "123456789");
    if (strlen(text) > 18 || strstr(text, "e+") || strstr(text, "e-") || strstr(text, "nan") ||
        strstr(text, "inf") || strchr(text, '-') || (zero && value > 1))
        fail_msg("%.17g is \"%s\"", value, text);
}

static double draw(void) {
    double magnitude = pow(10, 40.0 * rand() / RAND_MAX - 20);
    switch (rand() % 12) {
    case 0:
        return -magnitude;
    case 1:
        return 1 + 1e-9 * magnitude;
    case 2:
        return (const double[]){0, -0.0, NAN, INFINITY, -INFINITY, 1e300, 1e-300}[rand() % 7];
    default:
        return magnitude;
    }
}

static void no_value_gets_out_of_hand(void **state) {
    (void)state;
    srand(3);
    for (int i = 0; i < 300000; i++) {
        double value = draw(), other = draw();
        char first[FORMAT_SIZE], second[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
        format_times(value, other, first, second);
        check_text(first, value);
        check_text(second, other);
        format_bytes(value, first);
        check_text(first, value);
        format_duration(value, first);
        if (strcmp(first, "–"))
            check_text(first, value);
        format_factor(value, first);
        check_text(first, value);
        format_percent(fabs(value), first);
        check_text(first, value);
        format_speedup((struct interval){value, value * 0.9, value * 1.2}, first, interval);
        check_text(first, value);
        format_speedup((struct interval){value, fmin(value, other), fmax(value, other)}, first, interval);
        check_text(first, value);
        assert_true(strlen(interval) <= 32 && !strpbrk(interval, "einf"));
        format_half_width((struct interval){value, fmin(value, other), fmax(value, other)}, first);
        check_text(first, other);
    }
}

/* What no time and no ratio of times can be is not shown as one. */
static void shows_nothing_that_cannot_be(void **state) {
    (void)state;
    char text[FORMAT_SIZE], other[FORMAT_SIZE];
    assert_times(-5, 3, "–", "3.00 ns");
    assert_times(INFINITY, 3, "–", "3.00 ns");
    assert_speedup(-2, -3, -1, "– –");
    assert_speedup(1e300, 1e299, 1e301, ">999T× [>999T, >999T]");
    assert_speedup(123456, 120000, 125000, "123000× [120000, 125000]");
    format_factor(1e300, text);
    assert_string_equal(text, ">999T×");
    format_duration(-1, text);
    assert_string_equal(text, "–");
    format_duration(2e-5, text);
    assert_string_equal(text, "20 µs");
    format_percent(12.5, text);
    assert_string_equal(text, "1250 %");
    format_half_width((struct interval){1, 0.5, 2.68}, other);
    assert_string_equal(other, "±168 %");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_three_significant_digits),
        cmocka_unit_test(writes_two_times_in_one_unit),
        cmocka_unit_test(shows_the_digits_an_interval_deserves),
        cmocka_unit_test(never_rounds_an_end_to_one),
        cmocka_unit_test(is_brief_about_what_says_nothing),
        cmocka_unit_test(writes_half_widths),
        cmocka_unit_test(writes_factors),
        cmocka_unit_test(writes_bytes_durations_and_percentages),
        cmocka_unit_test(writes_points),
        cmocka_unit_test(a_reason_that_is_missing_is_told),
        cmocka_unit_test(no_value_gets_out_of_hand),
        cmocka_unit_test(shows_nothing_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
