#include "base/words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_words(const char *text, size_t count, const char *const *expected) {
    struct words words = {0};
    assert_int_equal(words_split(&words, text), 0);
    assert_int_equal(words.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(words.items[i], expected[i]);
    assert_true(!words.items || !words.items[count]);
    words_clear(&words);
}

/* As POSIX.1-2017, Shell Command Language, 2.2 Quoting, has it. */
static void test_split_as_a_shell(void **state) {
    (void)state;
    assert_words("", 0, NULL);
    assert_words(" \t\n ", 0, NULL);
    assert_words("-O2  -g\t-DX=1", 3, (const char *[]){"-O2", "-g", "-DX=1"});
    assert_words("'a b' \"c d\" e\\ f", 3, (const char *[]){"a b", "c d", "e f"});
    assert_words("-DS='\"x y\"'", 1, (const char *[]){"-DS=\"x y\""});
    assert_words("\"\\\"\\\\\\n\" '\\'", 2, (const char *[]){"\"\\\\n", "\\"});
    assert_words("'' a", 2, (const char *[]){"", "a"});
}

static void test_open_quote(void **state) {
    (void)state;
    struct words words = {0};
    assert_int_equal(words_split(&words, "-O2 'open"), -EINVAL);
    words_clear(&words);
    assert_int_equal(words_split(&words, "\"open'"), -EINVAL);
    words_clear(&words);
}

static void test_join_is_split_again(void **state) {
    (void)state;
    static const char *const hard[] = {"plain",      "",      "two words",   "it's",
                                       "\"quoted\"", "$HOME", "back\\slash", "-O2"};
    struct words words = {0}, again = {0};
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        assert_int_equal(words_addf(&words, "%s", hard[i]), 0);
    char *text = words_join(&words);
    assert_non_null(text);
    assert_int_equal(words_split(&again, text), 0);
    assert_int_equal(again.count, words.count);
    for (size_t i = 0; i < words.count; i++)
        assert_string_equal(again.items[i], hard[i]);
    assert_int_equal(words_add_all(&again, &words), 0);
    assert_int_equal(again.count, 2 * words.count);
    free(text);
    words_clear(&words);
    words_clear(&again);
}

static void test_sorted_by_bytes(void **state) {
    (void)state;
    struct words words = {0};
    words_sort(&words); /* none are sorted, too */
    assert_int_equal(words_split(&words, "b B a _ ab"), 0);
    words_sort(&words);
    static const char *const sorted[] = {"B", "_", "a", "ab", "b"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(words.items[i], sorted[i]);
    assert_null(words.items[5]);
    words_clear(&words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_as_a_shell),
        cmocka_unit_test(test_open_quote),
        cmocka_unit_test(test_join_is_split_again),
        cmocka_unit_test(test_sorted_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
