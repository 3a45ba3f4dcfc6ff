#include "compile/toolchain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int clear_variables(void **state) {
    (void)state;
    static const char *const names[] = {"CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "PKG_CONFIG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    return 0;
}

static void assert_joined(const struct words *words, const char *expected) {
    char *text = words_join(words);
    assert_string_equal(text, expected);
    free(text);
}

static void test_defaults(void **state) {
    (void)state;
    struct toolchain toolchain;
    struct problem problem;
    assert_int_equal(toolchain_read(&toolchain, &problem), 0);
    assert_joined(&toolchain.cc, "cc");
    assert_joined(&toolchain.cxx, "c++");
    assert_joined(&toolchain.cflags[BUILD_NATIVE], "-std=gnu17 -O3 -g -march=native");
    assert_joined(&toolchain.cxxflags[BUILD_NATIVE], "-std=gnu++20 -O3 -g -march=native");
#ifdef __x86_64__
    assert_joined(&toolchain.cflags[BUILD_PORTABLE], "-std=gnu17 -O3 -gdwarf-4 -march=x86-64-v3");
#else
    assert_joined(&toolchain.cflags[BUILD_PORTABLE], "-std=gnu17 -O3 -gdwarf-4");
#endif
    assert_int_equal(toolchain.ldflags.count, 0);
    toolchain_clear(&toolchain);
}

static void test_variables(void **state) {
    (void)state;
    struct toolchain toolchain;
    struct problem problem;
    setenv("CC", "env gcc", 1);
    setenv("CFLAGS", "-O2 -march=znver4 -mavx512f '-DNAME=\"a b\"' -mtune=native", 1);
    setenv("CXXFLAGS", "", 1);
    setenv("LDFLAGS", "-Wl,-O1", 1);
    assert_int_equal(toolchain_read(&toolchain, &problem), 0);
    assert_int_equal(toolchain.cc.count, 2);
    assert_joined(&toolchain.cflags[BUILD_NATIVE],
                  "-std=gnu17 -O2 -march=znver4 -mavx512f '-DNAME=\"a b\"' -mtune=native");
#ifdef __x86_64__
    assert_joined(&toolchain.cflags[BUILD_PORTABLE],
                  "-std=gnu17 -O2 '-DNAME=\"a b\"' -gdwarf-4 -march=x86-64-v3");
#endif
    assert_joined(&toolchain.cxxflags[BUILD_NATIVE], "-std=gnu++20 -O3 -g -march=native");
    assert_joined(&toolchain.ldflags, "-Wl,-O1");
    toolchain_clear(&toolchain);
    setenv("CFLAGS", "-DX='", 1);
    assert_int_equal(toolchain_read(&toolchain, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "CFLAGS: a quote is not closed"));
    toolchain_clear(&toolchain);
}

/* Whatever debug data is asked for: Valgrind 3.19 does not read the DWARF 5 of clang. */
static void test_portable_debug_data(void **state) {
    (void)state;
    static const char *const flags[] = {"-g",
                                        "-g1",
                                        "-g2",
                                        "-g3",
                                        "-ggdb",
                                        "-ggdb3",
                                        "-gdwarf-5",
                                        "-gdwarf",
                                        "-gsplit-dwarf -g",
                                        "-gz -gdwarf-5",
                                        "-g0",
                                        "-gdwarf-4 -g",
                                        "",
                                        "-g -fdebug-default-version=5"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct toolchain toolchain;
        struct problem problem;
        char given[80];
        snprintf(given, sizeof given, "-O1 %s", flags[i]);
        setenv("CFLAGS", given, 1);
        assert_int_equal(toolchain_read(&toolchain, &problem), 0);
#ifdef __x86_64__
        assert_joined(&toolchain.cflags[BUILD_PORTABLE], "-std=gnu17 -O1 -gdwarf-4 -march=x86-64-v3");
#else
        assert_joined(&toolchain.cflags[BUILD_PORTABLE], "-std=gnu17 -O1 -gdwarf-4");
#endif
        toolchain_clear(&toolchain);
    }
}

/* Reads `text` as kernel.cmake of a folder of its own. */
static int read_needs(const char *text, struct kernel_needs *needs, struct problem *problem) {
    char folder[] = "/tmp/toolchain-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/kernel.cmake", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    int status = kernel_needs_read(needs, folder, problem);
    unlink(path);
    rmdir(folder);
    return status;
}

static void test_needs(void **state) {
    (void)state;
    struct kernel_needs needs;
    struct problem problem;
    assert_int_equal(read_needs("# of SQLite\nset(KERNEL_PACKAGES sqlite3 zlib) # two\n\n"
                                "  SET ( KERNEL_LIBRARIES\n  m\n  \"pthread;/opt/lib x.a\"\n)\n"
                                "set(KERNEL_OPENMP ON)",
                                &needs, &problem),
                     0);
    assert_joined(&needs.packages, "sqlite3 zlib");
    assert_joined(&needs.libraries, "m 'pthread /opt/lib x.a'");
    assert_true(needs.openmp);
    kernel_needs_clear(&needs);
    assert_int_equal(read_needs("set(KERNEL_OPENMP OFF)\n", &needs, &problem), 0);
    assert_false(needs.openmp);
    kernel_needs_clear(&needs);
    assert_int_equal(kernel_needs_read(&needs, "/tmp/no-such-folder", &problem), 0);
    kernel_needs_clear(&needs);
}

static void test_needs_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *where;
    } refused[] = {{"\nset(KERNEL_LIBS m)\n", ":2:"},
                   {"find_package(ZLIB)\n", ":1:"},
                   {"set(KERNEL_LIBRARIES ${LIBS})\n", ":1:"},
                   {"# a\nset(KERNEL_OPENMP maybe)\n", ":2:"},
                   {"set(KERNEL_OPENMP ON OFF)\n", ":1:"},
                   {"set()\n", ":1:"},
                   {"\n\nset(KERNEL_LIBRARIES m\n", ":3:"},
                   {")(\n", ":1:"},
                   {"set(KERNEL_LIBRARIES m) set(KERNEL_OPENMP ON)\n", ":1:"},
                   {"set(KERNEL_LIBRARIES \"m)\n", ":1:"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct kernel_needs needs;
        struct problem problem = {""};
        assert_int_equal(read_needs(refused[i].text, &needs, &problem), -EINVAL);
        if (!strstr(problem.text, refused[i].where))
            fail_msg("%s: %s", refused[i].text, problem.text);
        kernel_needs_clear(&needs);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_defaults, clear_variables),
                                       cmocka_unit_test_setup(test_variables, clear_variables),
                                       cmocka_unit_test_setup(test_portable_debug_data, clear_variables),
                                       cmocka_unit_test(test_needs), cmocka_unit_test(test_needs_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
