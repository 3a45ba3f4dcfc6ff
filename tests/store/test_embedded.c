#include "store/embedded.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

static void make_page(char page[4096], const char *first, const char *second) {
    snprintf(page, 4096,
             "<!doctype html><p>" EMBEDDED_START "1" EMBEDDED_START_END "%s" EMBEDDED_END EMBEDDED_START
             "2" EMBEDDED_START_END "%s" EMBEDDED_END,
             first, second);
}

static void assert_unpacks(const char *page, size_t number, const char *document) {
    struct problem problem;
    void *bytes;
    size_t size;
    char text[4096] = "";
    assert_int_equal(embedded_decode(page, strlen(page), number, "page", &bytes, &size, &problem), 0);
    z_stream stream = {
        .next_in = bytes, .avail_in = (uInt)size, .next_out = (Bytef *)text, .avail_out = sizeof text};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    assert_string_equal(text, document);
    free(bytes);
}

static void what_went_in_comes_out(void **state) {
    (void)state;
    static const char first[] = "{\"a\": 1}", second[] = "{\"b\": \"</script>\"}";
    char *one, *two, page[4096];
    assert_int_equal(embedded_encode(first, strlen(first), &one), 0);
    assert_int_equal(embedded_encode(second, strlen(second), &two), 0);
    make_page(page, one, two);
    assert_int_equal(embedded_count(page, strlen(page)), 2);
    assert_unpacks(page, 1, first);
    assert_unpacks(page, 2, second);
    free(one);
    free(two);
}

static void damage_is_told(void **state) {
    (void)state;
    struct problem problem;
    void *bytes;
    size_t size;
    char page[4096];
    make_page(page, "QUJ%RA==", "QUJD");
    assert_int_equal(embedded_decode(page, strlen(page), 1, "page", &bytes, &size, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "damaged"));
    assert_null(bytes);
    assert_int_equal(embedded_decode(page, strlen(page), 3, "page", &bytes, &size, &problem), -ENOENT);
    *strstr(strstr(page, "QUJD"), EMBEDDED_END) = '\0'; /* cut short */
    assert_int_equal(embedded_decode(page, strlen(page), 2, "page", &bytes, &size, &problem), -EINVAL);
    make_page(page, "QUJDRA", "QUJD"); /* not whole groups of four */
    assert_int_equal(embedded_decode(page, strlen(page), 1, "page", &bytes, &size, &problem), -EINVAL);
    assert_int_equal(embedded_count("<p>", 3), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_went_in_comes_out),
                                       cmocka_unit_test(damage_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
