/*
 * Values from the FNV authors' test vectors (http://www.isthe.com/chongo/src/fnv/test_fnv.c, FNV-1a 64 bit).
 */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void published_values(void **state) {
    (void)state;
    assert_int_equal(hash_bytes(HASH_START, "", 0), 0xcbf29ce484222325u);
    assert_int_equal(hash_bytes(HASH_START, "a", 1), 0xaf63dc4c8601ec8cu);
    assert_int_equal(hash_bytes(HASH_START, "foobar", 6), 0x85944171f73967e8u);
    assert_int_equal(hash_bytes(hash_bytes(HASH_START, "foo", 3), "bar", 3), 0x85944171f73967e8u);
}

static void texts_end(void **state) {
    (void)state;
    assert_int_not_equal(hash_text(hash_text(HASH_START, "ab"), "c"),
                         hash_text(hash_text(HASH_START, "a"), "bc"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_values), cmocka_unit_test(texts_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
