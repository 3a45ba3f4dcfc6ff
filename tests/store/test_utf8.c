#include "store/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Lengths and refusals of RFC 3629, sections 3 and 4. */
static void test_sequences(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t length, expected;
    } rows[] = {
        {"a", 1, 1},
        {"\xc2\xb5", 2, 2},         /* micro sign */
        {"\xe2\x80\x93", 3, 3},     /* en dash */
        {"\xf0\x9f\x98\x80", 4, 4}, /* U+1F600 */
        {"\xe2\x80", 2, 0},         /* cut short */
        {"\xc0\xaf", 2, 0},         /* overlong */
        {"\xe0\x80\xaf", 3, 0},     /* overlong */
        {"\xf0\x80\x80\xaf", 4, 0}, /* overlong */
        {"\xed\xa0\x80", 3, 0},     /* surrogate */
        {"\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 4, 0},
        {"\x80", 1, 0},
        {"\xff", 1, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(utf8_sequence(rows[i].text, rows[i].length), rows[i].expected);
}

static void test_repair(void **state) {
    (void)state;
    char cut[] = "5 \xc2\xb5s \xe2\x80";
    utf8_repair(cut, strlen(cut));
    assert_string_equal(cut, "5 \xc2\xb5s ??");
    char latin1[] = "caf\xe9 au lait";
    utf8_repair(latin1, strlen(latin1));
    assert_string_equal(latin1, "caf? au lait");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_repair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
