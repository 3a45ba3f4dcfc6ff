#include "measure/called_code.h"

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

static void test_noted_and_not_noted(void **state) {
    (void)state;
    char folder[] = "/tmp/test-called-code-XXXXXX", module[64], codes[64], hash[17] = "own";
    uint64_t bytes = 7;
    assert_non_null(mkdtemp(folder));
    snprintf(module, sizeof module, "%s/f.native.so", folder);
    snprintf(codes, sizeof codes, "%s/f.native.codes", folder);
    assert_int_equal(called_code_read(module, "a", hash, &bytes), -ENODATA);
    FILE *file = fopen(codes, "we");
    assert_non_null(file);
    fputs("a 0123456789abcdef 75\nab fedcba9876543210 80\n", file);
    fclose(file);
    assert_int_equal(called_code_read(module, "b", hash, &bytes), -ENODATA);
    assert_string_equal(hash, "own");
    assert_int_equal(bytes, 7);
    assert_int_equal(called_code_read(module, "ab", hash, &bytes), 0);
    assert_string_equal(hash, "fedcba9876543210");
    assert_int_equal(bytes, 80);
    assert_int_equal(called_code_read("so", "a", hash, &bytes), -ENODATA);
    unlink(codes);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_noted_and_not_noted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
