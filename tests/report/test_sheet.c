#include "golden.h"
#include "report/sheet.h"

static const struct report_style narrow = {.unicode = true, .width = 20};

static void fill(struct sheet *sheet) {
    sheet_add_column(sheet, "kind", true);
    sheet_add_column(sheet, "share", false);
    sheet_add_column(sheet, "where", true);
    sheet_add_row(sheet);
    sheet_add(sheet, PAINT_NONE, "a");
    sheet_add(sheet, PAINT_NONE, "4 %");
    sheet_add(sheet, PAINT_NONE, "far");
    sheet_add_row(sheet);
    sheet_add(sheet, PAINT_NONE, "longer");
    sheet_add(sheet, PAINT_NONE, "");
    sheet_add(sheet, PAINT_NONE, "");
}

static void assert_printed(const struct sheet *sheet, unsigned width, const char *expected) {
    struct report_style style = {.unicode = true, .width = width};
    struct text text = {0};
    sheet_print(&text, &style, sheet);
    assert_string_equal(text_string(&text), expected);
    text_clear(&text);
}

static void numbers_are_right_and_no_line_ends_in_blanks(void **state) {
    (void)state;
    struct sheet sheet = {0};
    fill(&sheet);
    assert_printed(&sheet, 80,
                   "  kind    share  where\n"
                   "  a         4 %  far\n"
                   "  longer\n");
    sheet_clear(&sheet);
}

/* Each part with the first column. */
static void what_is_too_wide_is_told_in_parts(void **state) {
    (void)state;
    struct sheet sheet = {0};
    fill(&sheet);
    assert_printed(&sheet, 20,
                   "  kind    share\n"
                   "  a         4 %\n"
                   "  longer\n"
                   "  kind    where\n"
                   "  a       far\n"
                   "  longer\n");
    sheet_clear(&sheet);
}

static void text_in_the_last_column_is_cut(void **state) {
    (void)state;
    struct sheet sheet = {0};
    sheet_add_column(&sheet, "k", true);
    sheet_add_column(&sheet, "line", true);
    sheet_add_row(&sheet);
    sheet_add(&sheet, PAINT_NONE, "a");
    sheet_add(&sheet, PAINT_NONE, "of more text than there is room for");
    assert_printed(&sheet, 20,
                   "  k  line\n"
                   "  a  of more text t…\n");
    sheet_clear(&sheet);
}

static void markdown_says_how_columns_are_aligned(void **state) {
    (void)state;
    struct sheet sheet = {0};
    struct text text = {0};
    fill(&sheet);
    sheet_print_markdown(&text, &sheet);
    assert_string_equal(text_string(&text), "| kind | share | where |\n"
                                            "| :-- | --: | :-- |\n"
                                            "| a | 4 % | far |\n"
                                            "| longer |  |  |\n");
    text_clear(&text);
    sheet_clear(&sheet);
}

static void without_rows_there_is_nothing(void **state) {
    (void)state;
    struct sheet sheet = {0};
    sheet_add_column(&sheet, "kind", true);
    assert_printed(&sheet, 80, "");
    sheet_clear(&sheet);
}

/* A column or cell too many is not left out unsaid. */
static void what_finds_no_room_fails(void **state) {
    (void)state;
    struct sheet sheet = {0};
    struct text text = {0};
    fill(&sheet);
    sheet_add(&sheet, PAINT_NONE, "one more");
    sheet_print(&text, &narrow, &sheet);
    assert_true(sheet.failed && text.failed);
    text_clear(&text);
    sheet_clear(&sheet);
    for (int i = 0; i <= SHEET_COLUMNS; i++)
        sheet_add_column(&sheet, "c", false);
    assert_true(sheet.failed);
    sheet_clear(&sheet);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_right_and_no_line_ends_in_blanks),
        cmocka_unit_test(what_is_too_wide_is_told_in_parts),
        cmocka_unit_test(text_in_the_last_column_is_cut),
        cmocka_unit_test(markdown_says_how_columns_are_aligned),
        cmocka_unit_test(without_rows_there_is_nothing),
        cmocka_unit_test(what_finds_no_room_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
