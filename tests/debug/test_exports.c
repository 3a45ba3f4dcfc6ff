/* What shared libraries export, of which no debug data need tell. */
#include "debug/exports.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *library_of(const char *symbol) {
    Dl_info facts;
    void *address = dlsym(RTLD_NEXT, symbol);
    return address && dladdr(address, &facts) ? facts.dli_fname : NULL;
}

static void test_functions(void **state) {
    (void)state;
    const char *c = library_of("strtod");
    if (!c || !strstr(c, "libc.so"))
        skip(); /* a sanitizer's own, or another C library */
    assert_true(exports_function(c, "strtod"));
    assert_true(exports_function(c, "memcpy")); /* an IFUNC of glibc on x86 */
    assert_false(exports_function(c, "strto"));
    assert_false(exports_function(c, "stdout")); /* no function */
}

static void test_what_a_library_needs_is_not_exported(void **state) {
    (void)state;
    const char *cmocka = library_of("_assert_true");
    if (!cmocka || !strstr(cmocka, "libcmocka"))
        skip();
    assert_true(exports_function(cmocka, "_assert_true"));
    assert_false(exports_function(cmocka, "malloc"));
}

static void test_no_library(void **state) {
    (void)state;
    assert_false(exports_function("/proc/self/cmdline", "f"));
    assert_false(exports_function("/nowhere", "f"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_what_a_library_needs_is_not_exported),
        cmocka_unit_test(test_no_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
