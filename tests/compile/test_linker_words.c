#include "compile/linker_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_explained(const char *said, bool by_option, const char *first, const char *second) {
    struct problem problem = {"as it was"};
    linker_words_explain(said, "FOLDER", by_option, &problem);
    if (!strstr(problem.text, first) || !strstr(problem.text, second))
        fail_msg("%s", problem.text);
}

/* As GNU ld 2.40, gold and LLD 14 write it. */
static void test_function_that_no_library_has(void **state) {
    (void)state;
    assert_explained("/usr/bin/ld: a.o: in function `f':\na.c:5: undefined reference to `crc32'\n"
                     "collect2: error: ld returned 1 exit status\n",
                     true, "cannot link FOLDER: crc32 is defined neither", "--ldflags=-lz");
    assert_explained("a.o:a.c:function f: error: undefined reference to 'ns::crc32(int)'\n", false,
                     "ns::crc32(int) is", "LDFLAGS=-lz");
    assert_explained("ld.lld: error: undefined symbol: crc32\n>>> referenced by a.c\n", true, ": crc32 is",
                     "--ldflags");
}

static void test_library_that_is_not_there(void **state) {
    (void)state;
    assert_explained("/usr/bin/ld: cannot find -lnosuch: No such file or directory\n", true,
                     "there is no library for -lnosuch;", "--ldflags=-LFOLDER");
    assert_explained("ld.lld: error: unable to find library -lnosuch\n", false, "-lnosuch;",
                     " LDFLAGS=-LFOLDER");
    assert_explained("/usr/bin/ld.gold: error: cannot find -lnosuch\n", false, "-lnosuch;", "install it");
}

static void test_runtime_of_a_compiler(void **state) {
    (void)state;
    assert_explained("/usr/bin/ld: a.o: in function `f':\na.c:5: undefined reference to `GOMP_parallel'\n",
                     true, "cannot link FOLDER: it was compiled with -fopenmp (GOMP_parallel);",
                     "with --ldflags=-fopenmp");
    assert_explained("ld.lld: error: undefined symbol: __asan_report_load4\n>>> referenced by a.c\n", false,
                     "compiled with -fsanitize=address", " LDFLAGS=-fsanitize=address");
    assert_explained("ld.lld: error: undefined symbol: omp_get_thread_num\n", true, "is defined neither",
                     "-lz");
}

static void test_anything_else_is_left(void **state) {
    (void)state;
    assert_explained("/usr/bin/ld: multiple definition of `f'\n", true, "as it was", "");
    assert_explained(NULL, true, "as it was", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_function_that_no_library_has), cmocka_unit_test(test_library_that_is_not_there),
        cmocka_unit_test(test_runtime_of_a_compiler), cmocka_unit_test(test_anything_else_is_left)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
