#include "base/find_program.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static void make_file(const char *name, mode_t mode) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void make_folder(const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

/* One folder with a folder of the name, two with the program, and one in which it is no program. */
static int make_folders(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test-find-program-XXXXXX");
    assert_non_null(mkdtemp(folder));
    make_folder("one");
    make_folder("one/tool");
    make_folder("two");
    make_folder("three");
    make_file("two/tool", 0700);
    make_file("three/tool", 0700);
    make_file("two/text", 0600);
    return 0;
}

static int remove_folders(void **state) {
    (void)state;
    static const char *const names[] = {"one/tool", "one",        "two/tool", "two/text",
                                        "two",      "three/tool", "three",    ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

static void search(const char *format) {
    char folders[512];
    snprintf(folders, sizeof folders, format, folder, folder, folder);
    setenv("PATH", folders, 1);
}

static void test_the_first_that_can_be_run(void **state) {
    (void)state;
    char path[160], expected[160];
    search("/nowhere::%s/one:%s/two:%s/three");
    snprintf(expected, sizeof expected, "%s/two/tool", folder);
    assert_int_equal(find_program("tool", path, sizeof path), 0);
    assert_string_equal(path, expected);
    assert_int_equal(find_program("text", path, sizeof path), -ENOENT);
    assert_string_equal(path, "");
    assert_int_equal(find_program("tool", path, 8), -ENOENT);
    unsetenv("PATH");
    assert_int_equal(find_program("tool", path, sizeof path), -ENOENT);
}

static void test_relative_folders_are_left_out(void **state) {
    (void)state;
    char path[160], name[128];
    snprintf(name, sizeof name, "%s/two", folder);
    assert_int_equal(chdir(name), 0);
    setenv("PATH", ".:../three", 1);
    assert_int_equal(find_program("tool", path, sizeof path), -ENOENT);
    assert_int_equal(chdir("/"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_first_that_can_be_run, make_folders, remove_folders),
        cmocka_unit_test_setup_teardown(test_relative_folders_are_left_out, make_folders, remove_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
