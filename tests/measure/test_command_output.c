#include "measure/command_output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int file_of(const char *bytes, size_t size) {
    int file = memfd_create("test", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    return file;
}

static int compare(const char *expected, const char *other, char *text, size_t size) {
    int one = file_of(expected, strlen(expected)), two = file_of(other, strlen(other));
    int result = output_compare(one, two, text, size);
    close(one);
    close(two);
    return result;
}

static void assert_difference(const char *expected, const char *other, const char *words) {
    char text[256] = "";
    assert_int_equal(compare(expected, other, text, sizeof text), 1);
    assert_string_equal(text, words);
}

static void test_same(void **state) {
    (void)state;
    char text[64];
    assert_int_equal(compare("", "", text, sizeof text), 0);
    assert_int_equal(compare("a\nb\n", "a\nb\n", text, sizeof text), 0);
}

static void test_differences(void **state) {
    (void)state;
    assert_difference("a\nbc\n", "a\nbd\n", "line 2, byte 2: got 'd', expected 'c'");
    assert_difference("a\n", "", "line 1, byte 1: got the end, expected 'a'");
    assert_difference("a\n", "a\nmore", "line 2, byte 1: got 'more', expected the end");
    assert_difference("ab\n", "a\n", "line 1, byte 2: got the end of the line, expected 'b'");
    assert_difference("\x01", "\xff", "line 1, byte 1: got '\\xff', expected '\\x01'");
}

static void test_zero_bytes_count(void **state) {
    (void)state;
    char text[128];
    int one = file_of("a\0b", 3), two = file_of("a\0c", 3);
    assert_int_equal(output_compare(one, two, text, sizeof text), 1);
    assert_string_equal(text, "line 1, byte 3: got 'c', expected 'b'");
    close(one);
    close(two);
}

static void test_long_lines_are_cut(void **state) {
    (void)state;
    char long_line[5000], text[256];
    memset(long_line, '\x02', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    assert_int_equal(compare("", long_line, text, sizeof text), 1);
    assert_non_null(strstr(text, "expected the end"));
}

static void test_last_line(void **state) {
    (void)state;
    char text[16];
    int file = file_of("first\nsh: not found\t!\n\n \n", 24);
    output_last_line(file, text, 8);
    assert_string_equal(text, "sh: not");
    output_last_line(file, text, sizeof text);
    assert_string_equal(text, "sh: not found?!");
    close(file);
    file = file_of("", 0);
    output_last_line(file, text, sizeof text);
    assert_string_equal(text, "");
    close(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_zero_bytes_count),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_last_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
