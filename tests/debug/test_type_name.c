/* Names of types as debug data has them, and as a program writes them. */
#include "debug/type_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_short_names(void **state) {
    (void)state;
    static const char *const names[][2] = {
        {"std::vector<int, std::allocator<int> >", "std::vector<int>"},
        {"std::vector<std::vector<int, std::allocator<int> >, std::allocator<std::vector<int, std::allocator<int> > > >",
         "std::vector<std::vector<int>>"},
        {"const std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > &",
         "const std::string &"},
        {"std::__cxx11::basic_string<char>", "std::string"},
        {"std::basic_string_view<char, std::char_traits<char> >", "std::string_view"},
        {"std::span<const int, 18446744073709551615>", "std::span<const int>"},
        {"std::span<int, 4>", "std::span<int, 4>"},
        {"own::allocator<int>", "own::allocator<int>"},
        {"int * *", "int **"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[256];
        strcpy(text, names[i][0]);
        type_shorten_name(text);
        assert_string_equal(text, names[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_short_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
