#include "store/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Distances by hand; "kitten"/"sitting" is the textbook's. */
static void test_distance(void **state) {
    (void)state;
    assert_int_equal(edit_distance("", ""), 0);
    assert_int_equal(edit_distance("abc", ""), 3);
    assert_int_equal(edit_distance("kitten", "sitting"), 3);
    assert_int_equal(edit_distance("sweep", "swepe"), 1);
    assert_int_equal(edit_distance("verdict", "verdit"), 1);
    char longer[80];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_true(edit_distance(longer, "a") > 1000);
}

static void test_suggestion(void **state) {
    (void)state;
    static const char *const words[] = {"sweep", "quick", "full", NULL};
    struct name_list names = name_list_of(words);
    char text[128];
    assert_string_equal(suggest_names("swep", &names, text, sizeof text),
                        "; did you mean sweep?; allowed: sweep, quick, full");
    assert_string_equal(suggest_names("zzzz", &names, text, sizeof text), "; allowed: sweep, quick, full");
}

/* A list that does not fit says so, and never writes beyond the end. */
static void test_short_room(void **state) {
    (void)state;
    static const char *const words[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", NULL};
    struct name_list names = name_list_of(words);
    char text[64];
    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, 'x', sizeof text);
        suggest_names("alpa", &names, text, size);
        assert_true(strlen(text) < size);
    }
    suggest_names("qqqqqq", &names, text, 48);
    assert_non_null(strstr(text, "…"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_suggestion),
        cmocka_unit_test(test_short_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
