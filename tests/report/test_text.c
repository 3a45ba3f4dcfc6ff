#include "golden.h"
#include "report/text.h"

static void assert_wrapped(unsigned width, const char *lead, const char *string, const char *expected) {
    struct report_style style = {.unicode = true, .width = width};
    struct text text = {0};
    text_wrap(&text, &style, lead, PAINT_NONE, string);
    assert_string_equal(text_string(&text), expected);
    text_clear(&text);
}

static void wraps_at_words(void **state) {
    (void)state;
    assert_wrapped(20, "", "aaaa bbbb cccc dddd eeee", "aaaa bbbb cccc dddd\neeee\n");
    assert_wrapped(20, "- ", "aaaa bbbb cccc dddd eeee", "- aaaa bbbb cccc\n  dddd eeee\n");
    assert_wrapped(20, "- ", "", "- \n");
    assert_wrapped(20, "", "  one\n two  ", "one  two\n");
}

static void keeps_values_together(void **state) {
    (void)state;
    assert_wrapped(20, "", "aaaa bbbb cccc n = 4096 dd", "aaaa bbbb cccc\nn = 4096 dd\n");
    assert_wrapped(20, "", "aaaa bbbb cccc dd 50 % ee", "aaaa bbbb cccc dd\n50 % ee\n");
    assert_wrapped(20, "", "aaaa bbbb --budget 10 dd", "aaaa bbbb\n--budget 10 dd\n");
    assert_wrapped(20, "", "aaaa bbb --details dd", "aaaa bbb --details\ndd\n");
}

/* Tables may use a wide terminal; running text may not. */
static void keeps_text_readable_on_wide_terminals(void **state) {
    (void)state;
    struct report_style style = {.unicode = true, .width = 160};
    struct text text = {0}, words = {0};
    text_repeat(&words, "abcdefghi ", 12);
    text_wrap(&text, &style, "", PAINT_NONE, text_string(&words));
    assert_int_equal(strcspn(text_string(&text), "\n"), 99);
    text_clear(&text);
    text_rule(&text, &style);
    assert_int_equal(style_width(text_string(&text)), 100 + 1);
    text_clear(&text);
    text_clear(&words);
}

static void cuts_long_words_between_characters(void **state) {
    (void)state;
    assert_wrapped(20, "          ", "µµµµµµµµµµµµ x", "          µµµµµµµµµµ\n          µµ x\n");
}

static void paints_line_by_line(void **state) {
    (void)state;
    struct report_style style = {.color = true, .unicode = true, .width = 20};
    struct text text = {0};
    text_wrap_lead(&text, &style, "! ", PAINT_YELLOW, PAINT_RED, "aaaa bbbb cccc dddd eeee");
    assert_string_equal(text_string(&text),
                        "\033[33m! \033[0m\033[31maaaa bbbb cccc\033[0m\n  \033[31mdddd eeee\033[0m\n");
    text_clear(&text);
}

static void composes(void **state) {
    (void)state;
    struct text text = {0};
    assert_string_equal(text_string(&text), "");
    text_printf(&text, "%d-%s", 7, "x");
    text_repeat(&text, "ab", 1000);
    assert_int_equal(text.length, 2003);
    assert_int_equal(strlen(text_string(&text)), 2003);
    text_clear(&text);
    text.failed = true;
    text_add(&text, "lost");
    assert_string_equal(text_string(&text), "");
    assert_int_equal(text_write(&text, stdout), -12 /* ENOMEM */);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps_at_words),
        cmocka_unit_test(keeps_values_together),
        cmocka_unit_test(keeps_text_readable_on_wide_terminals),
        cmocka_unit_test(cuts_long_words_between_characters),
        cmocka_unit_test(paints_line_by_line),
        cmocka_unit_test(composes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
