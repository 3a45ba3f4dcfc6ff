#include "base/command.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct command_limits patient = {.time_s = 60};

static int run_shell(const char *script, const struct command_limits *limits, struct command_result *result,
                     struct problem *problem) {
    struct words command = {0};
    assert_int_equal(words_add(&command, "sh"), 0);
    assert_int_equal(words_add(&command, "-c"), 0);
    assert_int_equal(words_add(&command, script), 0);
    int status = command_run(&command, limits, result, problem);
    words_clear(&command);
    return status;
}

static void test_output_and_status(void **state) {
    (void)state;
    struct command_result result;
    struct problem problem;
    assert_int_equal(run_shell("cat; echo out; echo err >&2; exit 3", &patient, &result, &problem), 0);
    assert_int_equal(result.exit_status, 3);
    assert_string_equal(result.out, "out\n");
    assert_int_equal(result.out_size, 4);
    assert_string_equal(result.err, "err\n");
    command_result_clear(&result);
    assert_int_equal(run_shell("kill -SEGV $$", &patient, &result, &problem), 0);
    assert_int_equal(result.exit_status, 128 + SIGSEGV);
    command_result_clear(&result);
}

static void test_cannot_be_run(void **state) {
    (void)state;
    struct words command = {0};
    struct command_result result;
    struct problem problem;
    /* By its path: in a PATH with a folder that one may not search, a bare name ends with EACCES. */
    words_add(&command, "/no-such-folder/no-such-compiler");
    assert_int_equal(command_run(&command, &patient, &result, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "cannot run /no-such-folder/no-such-compiler: No such file"));
    command_result_clear(&result);
    words_clear(&command);
    assert_int_equal(command_run(&command, &patient, &result, &problem), -EINVAL);
    command_result_clear(&result);
}

static void assert_refused(const char *name, int expected, const char *words) {
    struct words command = {0};
    struct command_result result;
    struct problem problem;
    words_add(&command, name);
    assert_int_equal(command_run(&command, &patient, &result, &problem), expected);
    if (!strstr(problem.text, words))
        fail_msg("%s", problem.text);
    command_result_clear(&result);
    words_clear(&command);
}

/* execvp says "Permission denied" where any folder of PATH has something of that name that is no program. */
static void test_cause_that_a_program_cannot_be_run(void **state) {
    (void)state;
    char folder[] = "/tmp/test-command-XXXXXX", path[64], old[4096];
    const char *before = getenv("PATH");
    snprintf(old, sizeof old, "%s", before ? before : "");
    assert_non_null(mkdtemp(folder));
    setenv("PATH", folder, 1);
    snprintf(path, sizeof path, "%s/gcc-99", folder);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_refused("gcc-99", -ENOENT, "cannot run gcc-99: there is no such program in PATH");
    rmdir(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("#!/no-such-interpreter\n", file);
    fclose(file);
    assert_int_equal(chmod(path, 0644), 0);
    assert_refused("gcc-99", -EACCES, "/gcc-99: Permission denied");
    assert_int_equal(chmod(path, 0755), 0);
    assert_refused("gcc-99", -ENOENT, "the interpreter that");
    unlink(path);
    rmdir(folder);
    setenv("PATH", old, 1);
}

/* A grandchild that outlived the command would hold the pipe open: reading its end proves that it is gone. */
static void assert_group_ended(const struct command_limits *limits, int expected) {
    int life[2];
    char script[128], byte;
    struct command_result result;
    struct problem problem;
    assert_int_equal(pipe(life), 0);
    snprintf(script, sizeof script, "sleep 1000 & sleep 1000; echo %d", life[1]);
    assert_int_equal(run_shell(script, limits, &result, &problem), expected);
    command_result_clear(&result);
    close(life[1]);
    assert_int_equal(read(life[0], &byte, 1), 0);
    close(life[0]);
}

static void test_time_limit_ends_the_group(void **state) {
    (void)state;
    assert_group_ended(&(struct command_limits){.time_s = 0.1}, -ETIMEDOUT);
}

static void test_interruption_ends_the_group(void **state) {
    (void)state;
    static const volatile sig_atomic_t interrupted = SIGINT;
    assert_group_ended(&(struct command_limits){.time_s = 60, .interrupted = &interrupted}, -EINTR);
}

/* However short it is: a build is many of them. */
static void test_interruption_is_told_of_a_command_that_is_done(void **state) {
    (void)state;
    static const volatile sig_atomic_t interrupted = SIGINT;
    const struct command_limits limits = {.time_s = 60, .interrupted = &interrupted};
    struct command_result result;
    struct problem problem;
    assert_int_equal(run_shell(":", &limits, &result, &problem), -EINTR);
    assert_non_null(strstr(problem.text, "interrupted"));
    command_result_clear(&result);
}

static void begin_shell(struct command_begun *begun, const char *script) {
    struct problem problem;
    struct words command = {0};
    assert_int_equal(words_add(&command, "sh") | words_add(&command, "-c") | words_add(&command, script), 0);
    if (command_begin(begun, &command, &problem))
        fail_msg("%s", problem.text);
    words_clear(&command);
}

/* Each waits for what the other does. */
static void test_side_by_side(void **state) {
    (void)state;
    char folder[] = "/tmp/test-command-XXXXXX", script[256], expected[8];
    struct command_begun begun[2];
    struct problem problem;
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(
            script, sizeof script,
            "cd %s; mkdir %d; until rmdir %d 2>/dev/null; do sleep 0.01; done; echo %d; echo err >&2; exit %d",
            folder, i, !i, i, i + 3);
        begin_shell(&begun[i], script);
    }
    for (int i = 0; i < 2; i++) {
        struct command_result result;
        if (command_end(&begun[i], "sh", &patient, &result, &problem))
            fail_msg("%s", problem.text);
        assert_int_equal(begun[i].child.pid, 0);
        assert_int_equal(result.exit_status, i + 3);
        snprintf(expected, sizeof expected, "%d\n", i);
        assert_string_equal(result.out, expected);
        assert_string_equal(result.err, "err\n");
        command_result_clear(&result);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void test_begun_is_ended(void **state) {
    (void)state;
    static const volatile sig_atomic_t told = 1;
    static const struct command_limits limits[] = {{0.1, NULL}, {60, &told}};
    static const int expected[] = {-ETIMEDOUT, -EINTR};
    struct command_begun begun;
    struct command_result result;
    struct problem problem;
    for (int i = 0; i < 2; i++) {
        begin_shell(&begun, "sleep 1000 & wait");
        assert_int_equal(command_end(&begun, "a tool", &limits[i], &result, &problem), expected[i]);
        assert_non_null(strstr(problem.text, "a tool: "));
        assert_null(result.out);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    begin_shell(&begun, ":"); /* done by itself, and yet not taken */
    assert_true(child_has_ended(&begun.child, 60000));
    assert_int_equal(command_end(&begun, "a tool", &limits[1], &result, &problem), -EINTR);
    command_result_clear(&result);
}

static void test_cannot_be_begun(void **state) {
    (void)state;
    struct words command = {0};
    struct command_begun begun;
    struct problem problem;
    assert_int_equal(command_begin(&begun, &command, &problem), -EINVAL);
    assert_int_equal(words_add(&command, "/no-such-folder/no-such-linker"), 0);
    assert_int_equal(command_begin(&begun, &command, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "cannot run /no-such-folder/no-such-linker: No such file"));
    assert_int_equal(begun.child.pid, 0);
    words_clear(&command);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_output_and_status),
                                       cmocka_unit_test(test_cannot_be_run),
                                       cmocka_unit_test(test_cause_that_a_program_cannot_be_run),
                                       cmocka_unit_test(test_time_limit_ends_the_group),
                                       cmocka_unit_test(test_interruption_ends_the_group),
                                       cmocka_unit_test(test_interruption_is_told_of_a_command_that_is_done),
                                       cmocka_unit_test(test_side_by_side),
                                       cmocka_unit_test(test_begun_is_ended),
                                       cmocka_unit_test(test_cannot_be_begun)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
