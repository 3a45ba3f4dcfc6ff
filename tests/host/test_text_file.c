#include "host/text_file.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void long_file_is_read_whole(void **state) {
    (void)state;
    char path[] = "/tmp/countersign-text-XXXXXX", *text;
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "w");
    for (int i = 0; i < 10000; i++)
        fprintf(stream, "line %04d\n", i);
    fclose(stream);
    int status = text_file_read(path, &text);
    unlink(path);
    assert_int_equal(status, 0);
    assert_int_equal(strlen(text), 100000);
    assert_string_equal(text + 99990, "line 9999\n");
    free(text);
}

static void line_is_cut_to_size(void **state) {
    (void)state;
    char line[16], narrow[5];
    assert_int_equal(text_file_line(TEST_DATA "/host/cgroup-v2/outer/cpu.max", line, sizeof line), 0);
    assert_string_equal(line, "150000 100000");
    assert_int_equal(text_file_line(TEST_DATA "/host/cgroup-v2/outer/cpu.max", narrow, sizeof narrow), 0);
    assert_string_equal(narrow, "1500");
}

static void missing_file_gives_its_error(void **state) {
    (void)state;
    char *text = (char *)"", line[8] = "before";
    assert_int_equal(text_file_read(TEST_DATA "/none", &text), -ENOENT);
    assert_null(text);
    assert_int_equal(text_file_line(TEST_DATA "/none", line, sizeof line), -ENOENT);
    assert_string_equal(line, "");
    assert_int_equal(text_file_read(TEST_DATA, &text), -EISDIR);
    assert_null(text);
}

static void kib_of_a_key(void **state) {
    (void)state;
    char path[] = "/tmp/countersign-text-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    dprintf(file, "Name:\tVmPeak: 7 kB\nVmPeak:\t  2048 kB\nVmPeak:\t 1 kB\nVmPin: none\n");
    close(file);
    double peak = text_file_kib(path, "VmPeak:"), none = text_file_kib(path, "VmPin:"),
           absent = text_file_kib(path, "VmHWM:");
    unlink(path);
    assert_true(peak == 2048 * 1024.0);
    assert_true(isnan(none) && isnan(absent) && isnan(text_file_kib(path, "VmPeak:")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_file_is_read_whole),
        cmocka_unit_test(line_is_cut_to_size),
        cmocka_unit_test(missing_file_gives_its_error),
        cmocka_unit_test(kib_of_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
