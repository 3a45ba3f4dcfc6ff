#include "golden.h"
#include "report/lesson.h"

static void assert_lesson(unsigned width, const char *markdown, const char *expected) {
    struct report_style style = {.unicode = true, .width = width};
    struct text out = {0};
    lesson_print(&out, &style, markdown, strlen(markdown));
    assert_string_equal(text_string(&out), expected);
    text_clear(&out);
}

static void paragraphs_are_wrapped_and_markup_goes(void **state) {
    (void)state;
    assert_lesson(
        60,
        "# Title of a lesson\n\n**Claim.** \"A *hash* table\" is\nfaster: `**p` stays, and 2 * 3, and "
        "[a link](../x.md) and\n[one](https://example.org/y).\n",
        "Title of a lesson\n\nClaim. \"A hash table\" is faster: `**p` stays, and 2 * 3, and\na link and one "
        "(https://example.org/y).\n");
    assert_lesson(60, "an array[3] of 5\n", "an array[3] of 5\n");
    assert_lesson(60, "control \033[2J codes\n", "control  [2J codes\n");
}

static void lists_are_indented(void **state) {
    (void)state;
    assert_lesson(60, "1. first\n   goes on\n2. second\n\n- **A.** b\n  - inner\nnot an item: 3.5\n",
                  "1. first goes on\n2. second\n\n- A. b\n  - inner not an item: 3.5\n");
}

static void code_is_left_as_it_is(void **state) {
    (void)state;
    assert_lesson(60, "Lines:\n\n```c\nif (*p == '|')\n    # not a heading\n```\n```c\nx **y;\n```\nafter\n",
                  "Lines:\n\n    if (*p == '|')\n        # not a heading\n\n    x **y;\nafter\n");
    assert_lesson(60, "```\nno end\n", "    no end\n");
}

static void tables_are_aligned_or_told_row_by_row(void **state) {
    (void)state;
    static const char table[] =
        "| n | variant |\n| ---: | --- |\n| 4 | **1.4×** |\n| 1 024 | `hash` |\n<!-- end -->\n";
    assert_lesson(60, table, "      n  variant\n      4  1.4×\n  1 024  `hash`\n");
    static const char wide[] =
        "| a | b |\n| --- | --- |\n| one | words that go on and on and on and on and on and on "
        "and on |\n";
    assert_lesson(60, wide,
                  "  - a: one\n      b: words that go on and on and on and on and on and on\n      and on\n");
}

static void finds_the_place_of_the_table(void **state) {
    (void)state;
    static const char lesson[] =
        "a\n<!-- table: other -->\nx\n<!-- end -->\n<!-- table: lookup -->\ny\n<!-- end -->\nb\n";
    const char *end, *start = lesson_table(lesson, "lookup", &end);
    assert_non_null(start);
    assert_string_equal(end, "b\n");
    assert_int_equal(strncmp(start, "<!-- table: lookup -->", 22), 0);
    assert_null(lesson_table(lesson, "look", &end));
    assert_null(lesson_table("<!-- table: lookup -->\n", "lookup", &end));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_are_wrapped_and_markup_goes),
        cmocka_unit_test(lists_are_indented),
        cmocka_unit_test(code_is_left_as_it_is),
        cmocka_unit_test(tables_are_aligned_or_told_row_by_row),
        cmocka_unit_test(finds_the_place_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
