#include "golden.h"
#include "report/html.h"

static void assert_escaped(const char *string, const char *expected) {
    struct text out = {0};
    html_add(&out, string);
    assert_false(out.failed);
    assert_string_equal(text_string(&out), expected);
    text_clear(&out);
}

static void markup_becomes_text(void **state) {
    (void)state;
    assert_escaped("<script>alert(1)</script>", "&#60;script&#62;alert(1)&#60;/script&#62;");
    assert_escaped("\" onclick='x' &amp;", "&#34; onclick=&#39;x&#39; &#38;amp;");
    assert_escaped("plain n = 4, 3.1×", "plain n = 4, 3.1×");
    assert_escaped("", "");
}

static void what_is_not_seen_is_replaced(void **state) {
    (void)state;
    assert_escaped("a\033[31m\nb", "a [31m b");
    assert_escaped("abc\342\200\256def", "abc?def");
    assert_escaped("\377\376", "??");
}

static void long_names_are_whole(void **state) {
    (void)state;
    enum { LENGTH = 10240 };
    char name[LENGTH + 1];
    struct text out = {0};
    memset(name, '<', LENGTH);
    name[LENGTH] = '\0';
    html_add(&out, name);
    assert_int_equal(out.length, LENGTH * strlen("&#60;"));
    assert_null(strchr(text_string(&out), '<'));
    text_clear(&out);
}

static void elements_end_as_they_began(void **state) {
    (void)state;
    struct text out = {0};
    html_element(&out, "th scope=\"row\"", "a<b");
    html_item(&out, "td", "c");
    assert_string_equal(text_string(&out), "<th scope=\"row\">a&#60;b</th><td>c");
    text_clear(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_becomes_text), cmocka_unit_test(what_is_not_seen_is_replaced),
        cmocka_unit_test(long_names_are_whole), cmocka_unit_test(elements_end_as_they_began)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
