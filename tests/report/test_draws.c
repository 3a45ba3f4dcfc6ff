#include "report/draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct comparison drawn(size_t replicates, size_t units) {
    return (struct comparison){.verdict = VERDICT_FASTER,
                               .replicates = replicates,
                               .units = units,
                               .serial = {0.4, 0.1},
                               .kinds = {13, 3, 1.52, 2.95}};
}

static void expect(struct text *text, const char *expected) {
    assert_string_equal(text_string(text), expected);
    text_clear(text);
}

static void kinds_are_told_with_what_was_drawn(void **unused) {
    (void)unused;
    struct run run = {.settings = {.delta = 0.01, .layout = "fixed"}};
    struct comparison comparison = drawn(16, 16);
    struct text text = {0};
    assert_true(draws_have_kinds(&run, &comparison));
    draws_print_kinds(&run, &comparison, &text);
    expect(&text, "two kinds of processes: 1.52× in 13, 2.95× in 3 of 16");
    strcpy(run.settings.layout, "random");
    draws_print_kinds(&run, &comparison, &text);
    expect(&text, "two kinds of processes or links: 1.52× in 13, 2.95× in 3 of 16");
    comparison.replicates = 64;
    draws_print_kinds(&run, &comparison, &text);
    expect(&text, "two kinds of links: 1.52× in 13, 2.95× in 3 of 16");
}

static void kinds_within_delta_are_not_worth_a_word(void **unused) {
    (void)unused;
    struct run run = {.settings = {.delta = 0.01}};
    struct comparison comparison = drawn(16, 16);
    comparison.kinds.high = 1.52 * 1.009;
    assert_false(draws_have_kinds(&run, &comparison));
    comparison.kinds = (struct value_groups){0, 0, NAN, NAN};
    assert_false(draws_have_kinds(&run, &comparison));
}

static void neighbours_are_told_where_chance_does_not_explain_them(void **unused) {
    (void)unused;
    struct comparison comparison = drawn(32, 32);
    struct text text = {0};
    assert_false(draws_are_serial(&comparison));
    comparison.serial = (struct serial_dependence){0.002, 0.61};
    assert_true(draws_are_serial(&comparison));
    draws_print_serial(&comparison, &text);
    expect(&text,
           "neighbouring replicates resemble each other (correlation 0.61, p = 0.002): something lasted "
           "over several of them, and the interval is wider for it");
    comparison.units = 0; /* a file from before */
    assert_false(draws_are_serial(&comparison));
    comparison = drawn(4, 4);
    comparison.serial.p_value = NAN;
    assert_false(draws_are_serial(&comparison));
}

static void what_may_be_missed_follows_from_the_units(void **unused) {
    (void)unused;
    struct comparison comparison = drawn(29, 29);
    struct text text = {0};
    draws_print_count(&comparison, &text);
    expect(&text, "29 replicates; a kind that up to 9.8 % of the processes are may have been missed by all");
    comparison = drawn(64, 16);
    draws_print_count(&comparison, &text);
    expect(&text,
           "64 replicates of 16 links, which count once each; a kind that up to 17 % of the links are may "
           "have been missed by all");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_with_what_was_drawn),
        cmocka_unit_test(kinds_within_delta_are_not_worth_a_word),
        cmocka_unit_test(neighbours_are_told_where_chance_does_not_explain_them),
        cmocka_unit_test(what_may_be_missed_follows_from_the_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
