#include "golden.h"

#include <unistd.h>

static const struct report_style unicode_style = {.unicode = true, .width = 100};
static const struct report_style ascii_style = {.unicode = false, .width = 100};

static void assert_clean(const struct report_style *style, const char *from, const char *expected) {
    char text[256];
    style_clean(style, from, text, sizeof text);
    assert_string_equal(text, expected);
    assert_true(strlen(text) < style_clean_size(from));
}

static void cleans_foreign_text(void **state) {
    (void)state;
    assert_clean(&unicode_style, "a\nb\tc\033[31m\x7f", "a b c [31m ");
    assert_clean(&unicode_style, "1.2 µs ± 3× – é\xc2\x85", "1.2 µs ± 3× – é ");
    assert_clean(&ascii_style, "1.2 µs ±3× – … ≈ ÷ é", "1.2 us +/-3x - ... ~ / ?");
    /* Marks of direction, a joiner, a tag, a line separator */
    assert_clean(&unicode_style, "a\u202eb\u2066c\u200bd\ufeffe\U000e0041f\u2028g", "a?b?c?d?e?f?g");
    assert_clean(&ascii_style, "a\u200fb", "a?b");
    /* Latin-1, a cut sequence, an overlong form, a surrogate */
    assert_clean(&unicode_style, "caf\xe9!", "caf?!");
    assert_clean(&unicode_style, "\xe2\x80", "??");
    assert_clean(&unicode_style, "\xc0\xaf", "??");
    assert_clean(&unicode_style, "\xed\xa0\x80", "???");
}

static void cleans_into_little_room(void **state) {
    (void)state;
    char text[5];
    style_clean(&unicode_style, "ab×cd", text, 4);
    assert_string_equal(text, "ab");
    style_clean(&unicode_style, "ab×cd", text, 5);
    assert_string_equal(text, "ab×");
}

static void measures_and_cuts_by_columns(void **state) {
    (void)state;
    char text[32] = "3.12× [3.10]", three[16] = "µµµµ";
    assert_int_equal(style_width(text), 12);
    style_cut(&unicode_style, text, 12);
    assert_string_equal(text, "3.12× [3.10]");
    style_cut(&unicode_style, text, 7);
    assert_string_equal(text, "3.12× …");
    style_cut(&ascii_style, text, 6);
    assert_string_equal(text, "3.1...");
    style_cut(&unicode_style, three, 2);
    assert_string_equal(three, "µ…");
    style_cut(&unicode_style, three, 0);
    assert_string_equal(three, "");
}

static void colours_only_where_asked(void **state) {
    (void)state;
    struct report_style color = {.color = true};
    assert_string_equal(style_start(&color, PAINT_GREEN), "\033[32m");
    assert_string_equal(style_stop(&color, PAINT_GREEN), "\033[0m");
    assert_string_equal(style_start(&color, PAINT_NONE), "");
    assert_string_equal(style_stop(&color, PAINT_NONE), "");
    assert_string_equal(style_start(&unicode_style, PAINT_GREEN), "");
    assert_string_equal(style_stop(&unicode_style, PAINT_GREEN), "");
}

static void set_environment(const char *all, const char *type, const char *lang, const char *columns) {
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"}, *const values[] = {all, type, lang,
                                                                                              columns};
    for (size_t i = 0; i < 4; i++) {
        if (values[i])
            setenv(names[i], values[i], 1);
        else
            unsetenv(names[i]);
    }
}

static void reads_the_environment(void **state) {
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    set_environment(NULL, NULL, "de_DE.UTF-8", NULL);
    struct report_style style = report_style_for(file);
    assert_true(style.unicode);
    assert_false(style.color);
    assert_int_equal(style.width, 100);
    set_environment("C", NULL, "de_DE.UTF-8", "72");
    style = report_style_for(file);
    assert_false(style.unicode);
    assert_int_equal(style.width, 72);
    set_environment("", "C.utf8", "C", "500");
    style = report_style_for(file);
    assert_true(style.unicode);
    assert_int_equal(style.width, 200);
    set_environment(NULL, NULL, NULL, "7");
    style = report_style_for(file);
    assert_false(style.unicode);
    assert_int_equal(style.width, 60);
    fclose(file);
}

static void colours_terminals(void **state) {
    (void)state;
    int master = posix_openpt(2 /* O_RDWR */);
    if (master < 0 || grantpt(master) || unlockpt(master))
        skip();
    FILE *terminal = fopen(ptsname(master), "w");
    if (!terminal)
        skip();
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    assert_true(report_style_for(terminal).color);
    setenv("NO_COLOR", "1", 1);
    assert_false(report_style_for(terminal).color);
    setenv("NO_COLOR", "", 1);
    assert_true(report_style_for(terminal).color);
    setenv("TERM", "dumb", 1);
    assert_false(report_style_for(terminal).color);
    fclose(terminal);
    close(master);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans_foreign_text),          cmocka_unit_test(cleans_into_little_room),
        cmocka_unit_test(measures_and_cuts_by_columns), cmocka_unit_test(colours_only_where_asked),
        cmocka_unit_test(reads_the_environment),        cmocka_unit_test(colours_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
