/* What somebody else wrote must not command a terminal. */
#include "base/plain_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_plain(const char *from, const char *expected) {
    char text[64];
    strcpy(text, from);
    plain_text(text);
    assert_string_equal(text, expected);
}

static void good_text_stays(void **state) {
    (void)state;
    assert_plain("", "");
    assert_plain("got 3, expected 4 (µs, 1.5×, 漢, 😀)", "got 3, expected 4 (µs, 1.5×, 漢, 😀)");
}

static void commands_do_not(void **state) {
    (void)state;
    assert_plain("\033]0;pwn\007red", "?]0;pwn?red");
    assert_plain("a\nb\tc\x7f", "a?b?c?");
    assert_plain("\xc2\x9b"
                 "31m",
                 "?31m"); /* C1: control sequence introducer */
    assert_plain("a\xe2\x80\xae"
                 "b\xe2\x81\xa6"
                 "c",
                 "a?b?c"); /* override, isolate */
    assert_plain("\xe2\x80\xa8\xd8\x9c", "??");
}

static void what_is_no_utf8_does_not(void **state) {
    (void)state;
    assert_plain("\xff\xfe", "??");
    assert_plain("cut \xe2\x80", "cut ??");
    assert_plain("\xc0\xaf", "??");      /* overlong */
    assert_plain("\xed\xa0\x80", "???"); /* surrogate */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text_stays),
        cmocka_unit_test(commands_do_not),
        cmocka_unit_test(what_is_no_utf8_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
