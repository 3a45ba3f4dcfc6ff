#include "commands/command_output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct command_output output_of(const char *bytes, size_t size) {
    struct command_output output = {0};
    int file = memfd_create("test", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    assert_int_equal(output_take(file, &output), 0);
    close(file);
    return output;
}

static int compare_bytes(const char *expected, size_t expected_size, const char *other, size_t other_size,
                         char *text, size_t size) {
    struct command_output one = output_of(expected, expected_size), two = output_of(other, other_size);
    int result = output_compare(&one, &two, text, size);
    output_clear(&one);
    output_clear(&two);
    return result;
}

static int compare(const char *expected, const char *other, char *text, size_t size) {
    return compare_bytes(expected, strlen(expected), other, strlen(other), text, size);
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
    assert_int_equal(compare_bytes("a\0b", 3, "a\0c", 3, text, sizeof text), 1);
    assert_string_equal(text, "line 1, byte 3: got 'c', expected 'b'");
}

/* The next command finds the file open, and must find nothing in it. */
static void test_what_is_taken_is_gone(void **state) {
    (void)state;
    struct command_output output = {0};
    struct stat facts;
    int file = memfd_create("test", MFD_CLOEXEC);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write(file, "answer", 6), 6);
        assert_int_equal(output_take(file, &output), 0);
        assert_int_equal(output.size, 6);
        assert_memory_equal(output.bytes, "answer", 6);
        assert_int_equal(fstat(file, &facts), 0);
        assert_int_equal(facts.st_size, 0);
    }
    output_clear(&output);
    close(file);
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
    struct command_output output = output_of("first\nsh: not found\t!\n\n \n", 24);
    output_last_line(&output, text, 8);
    assert_string_equal(text, "sh: not");
    output_last_line(&output, text, sizeof text);
    assert_string_equal(text, "sh: not found?!");
    output_clear(&output);
    output_last_line(&output, text, sizeof text);
    assert_string_equal(text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_zero_bytes_count),
        cmocka_unit_test(test_what_is_taken_is_gone),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_last_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
