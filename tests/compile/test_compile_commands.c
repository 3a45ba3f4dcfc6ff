#include "compile/compile_commands.h"

#include <errno.h>
#include <limits.h>
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

static char folder[64], source[PATH_MAX], database[PATH_MAX];
static struct problem problem;

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state) {
    (void)state;
    char made[] = "/tmp/compile-commands-XXXXXX", path[PATH_MAX];
    if (!mkdtemp(made) || !realpath(made, path) || strlen(path) >= sizeof folder)
        return -1;
    strcpy(folder, path);
    snprintf(path, sizeof path, "%s/b", folder);
    mkdir(path, 0700);
    snprintf(source, sizeof source, "%s/f.c", folder);
    snprintf(database, sizeof database, "%s/b/compile_commands.json", folder);
    write_file(source, "int x;\n");
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/b", folder);
    unlink(database);
    unlink(source);
    return rmdir(path) || rmdir(folder);
}

/* Every # in the text is the folder. */
static int read_text(const char *text, struct compile_command *command) {
    char whole[8192] = "";
    for (const char *c = text; *c; c++) {
        size_t length = strlen(whole);
        snprintf(whole + length, sizeof whole - length, "%.*s", *c == '#' ? (int)strlen(folder) : 1,
                 *c == '#' ? folder : c);
    }
    write_file(database, whole);
    *command = (struct compile_command){.entries = 0};
    return compile_commands_read(database, source, command, &problem);
}

static void assert_words(const struct words *words, const char *expected) {
    char whole[2048] = "";
    char *joined = words_join(words);
    for (const char *c = expected; *c; c++) {
        size_t length = strlen(whole);
        snprintf(whole + length, sizeof whole - length, "%.*s", *c == '#' ? (int)strlen(folder) : 1,
                 *c == '#' ? folder : c);
    }
    assert_non_null(joined);
    assert_string_equal(joined, whole);
    free(joined);
}

static void test_a_command_line(void **state) {
    (void)state;
    struct compile_command command;
    assert_int_equal(
        read_text(
            "[{\"directory\": \"#\", \"file\": \"other.c\", \"command\": \"cc -DNOT -c other.c\"},"
            "{\"directory\": \"#/b\", \"file\": \"../f.c\", \"command\": \"ccache /usr/bin/gcc -I../inc "
            "-I /abs -isystem sys -include pre.h @more.rsp -DNAME='a b' -O2 -std=c11 -flto=auto -fPIE -Werror "
            "-Werror=all -Wall -MD -MF f.d -MT f.o -o f.o -c ../f.c\"}]",
            &command),
        0);
    assert_words(&command.compiler, "ccache /usr/bin/gcc");
    assert_words(&command.flags,
                 "-I#/b/../inc -I /abs -isystem #/b/sys -include #/b/pre.h @#/b/more.rsp '-DNAME=a b' -O2 "
                 "-std=c11 -Wall");
    assert_int_equal(command.entries, 1);
    compile_command_clear(&command);
}

static void test_a_list_of_words(void **state) {
    (void)state;
    struct compile_command command;
    assert_int_equal(
        read_text("[{\"directory\": \"#\", \"file\": \"#/b/../f.c\", \"arguments\": [\"bin/clang\", "
                  "\"-DA B\", \"--\", \"f.c\"]}, {\"directory\": \"#\", \"file\": \"f.c\", "
                  "\"arguments\": [\"gcc\", \"-DSECOND\"]}]",
                  &command),
        0);
    assert_words(&command.compiler, "#/bin/clang");
    assert_words(&command.flags, "'-DA B'");
    assert_int_equal(command.entries, 2);
    compile_command_clear(&command);
}

static void assert_refused(const char *text, int error, const char *words) {
    struct compile_command command;
    assert_int_equal(read_text(text, &command), -error);
    assert_non_null(strstr(problem.text, words));
    compile_command_clear(&command);
}

static void test_what_is_no_database(void **state) {
    (void)state;
    assert_refused("[]", ENOENT, "compiles no file");
    assert_refused("[{\"directory\": \"#\", \"file\": \"g.c\", \"command\": \"cc g.c\"}]", ENOENT,
                   "it has 1 entries");
    assert_refused("{}", EINVAL, "expected a list of commands");
    assert_refused("[\n{]", EINVAL, "in line 2");
    assert_refused("[{\"file\": \"f.c\"}]", EINVAL, "entry 1: expected the texts");
    assert_refused("[{\"directory\": \"#\", \"file\": \"f.c\"}]", EINVAL,
                   "entry 1 (f.c): expected \"arguments\"");
    assert_refused("[{\"directory\": \"#\", \"file\": \"f.c\", \"command\": \"cc 'f.c\"}]", EINVAL, "quotes");
    assert_refused("[{\"directory\": \"#\", \"file\": \"f.c\", \"arguments\": [1]}]", EINVAL,
                   "a list of texts");
    struct compile_command command = {.entries = 0};
    assert_int_equal(compile_commands_read("/nonexistent.json", source, &command, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "/nonexistent.json"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_command_line),
        cmocka_unit_test(test_a_list_of_words),
        cmocka_unit_test(test_what_is_no_database),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
