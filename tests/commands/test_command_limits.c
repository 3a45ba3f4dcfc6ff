/* What shows that an execution met a limit, and what does not. */
#include "commands/command_limits.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT ((uint64_t)1 << 20)

static void judge(enum execution_end end, int status, size_t output_size, const char *said,
                  const char *folder, char *text, size_t size) {
    struct execution execution = {.end = end, .status = status};
    struct command_output output = {.size = output_size},
                          errors = {.bytes = (char *)said, .size = said ? strlen(said) : 0};
    struct command_ending ending = {
        .execution = &execution, .file_bytes = LIMIT, .folder = folder, .output = &output, .errors = &errors};
    command_limit_met(&ending, text, size);
}

static void assert_met(enum execution_end end, int status, size_t output_size, const char *said,
                       const char *words) {
    char text[384];
    judge(end, status, output_size, said, NULL, text, sizeof text);
    if (!strstr(text, words))
        fail_msg("expected '%s' in '%s'", words, text);
}

static void assert_not_met(int status, size_t output_size, const char *said) {
    char text[384];
    judge(EXECUTION_EXITED, status, output_size, said, NULL, text, sizeof text);
    assert_string_equal(text, "");
}

/* What a duel and a profile of commands say alike, with what the command said last. */
static void ends_are_told_alike_with_their_cause(void **state) {
    (void)state;
    static const struct {
        struct execution execution;
        bool ignore_failure, is_waivable;
        enum arm_fault fault;
        const char *words;
    } cases[] = {{{.end = EXECUTION_EXITED}, false, true, FAULT_NONE, ""},
                 {{.end = EXECUTION_EXITED, .status = 3},
                  false,
                  true,
                  FAULT_EXIT_STATUS,
                  "ended with exit status 3 (--ignore-failure lets it); it said: why"},
                 {{.end = EXECUTION_EXITED, .status = 3},
                  false,
                  false,
                  FAULT_EXIT_STATUS,
                  "ended with exit status 3; it said: why"},
                 {{.end = EXECUTION_EXITED, .status = 3}, true, true, FAULT_NONE, ""},
                 {{.end = EXECUTION_EXITED, .status = 127},
                  true,
                  true,
                  FAULT_LIMIT,
                  "was not run: no such command (exit status 127); it said: why"},
                 {{.end = EXECUTION_SIGNALED, .status = SIGSEGV},
                  true,
                  true,
                  FAULT_CRASHED,
                  "was ended by SIGSEGV; it said: why"},
                 {{.end = EXECUTION_TIMED_OUT},
                  true,
                  true,
                  FAULT_TIMED_OUT,
                  "took longer than 2.5 s (--time-limit); it said: why"},
                 {{.end = EXECUTION_OUT_OF_MEMORY},
                  true,
                  true,
                  FAULT_OUT_OF_MEMORY,
                  "used more memory than the limit of 2 MiB (--memory-limit); it said: why"}};
    const struct command_output output = {.size = 0}, errors = {.bytes = (char[]){"why\n"}, .size = 4};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct command_ending ending = {.execution = &cases[i].execution,
                                              .file_bytes = LIMIT,
                                              .memory_bytes = 2 << 20,
                                              .output = &output,
                                              .errors = &errors,
                                              .time_s = 2.5,
                                              .ignore_failure = cases[i].ignore_failure,
                                              .is_waivable = cases[i].is_waivable};
        char text[384] = "left";
        assert_int_equal(command_end_fault(&ending, text, sizeof text), cases[i].fault);
        assert_string_equal(text, cases[i].words);
    }
}

static void signals_and_what_shells_make_of_them(void **state) {
    (void)state;
    assert_met(EXECUTION_SIGNALED, SIGXFSZ, 0, NULL, "beyond the limit of 1 MiB (--file-limit)");
    assert_met(EXECUTION_EXITED, 128 + SIGXFSZ, 0, NULL, "(--file-limit), behind a shell (exit status 153)");
    assert_met(EXECUTION_SIGNALED, SIGXCPU, 0, NULL, "ulimit -t");
    assert_met(EXECUTION_EXITED, 128 + SIGXCPU, 0, NULL, "ulimit -t");
    assert_met(EXECUTION_EXITED, 128 + SIGKILL, 0, NULL, "out of memory");
    assert_met(EXECUTION_EXITED, 128 + SIGSEGV, 0, NULL, "SIGSEGV, behind a shell");
    assert_met(EXECUTION_EXITED, 128 + SIGPIPE, 0, NULL, "SIGPIPE");
    assert_met(EXECUTION_SIGNALED, SIGSEGV, 0, "why\n", "was ended by SIGSEGV; it said: why");
    assert_met(EXECUTION_EXITED, 124, 0, NULL, "time limit of its own");
    assert_met(EXECUTION_EXITED, 126, 0, NULL, "was not run");
    assert_met(EXECUTION_EXITED, 127, 0, NULL, "exit status 127");
    for (int status = 0; status < 124; status++)
        assert_not_met(status, 0, NULL);
    assert_not_met(125, 0, NULL);
    assert_not_met(128, 0, NULL);
    assert_not_met(255, 0, NULL);
}

static void output_that_is_as_large_as_may_be(void **state) {
    (void)state;
    assert_met(EXECUTION_EXITED, 0, LIMIT, NULL, "--file-limit");
    assert_met(EXECUTION_EXITED, 1, LIMIT + 5000, NULL, "--file-limit");
    assert_not_met(0, LIMIT - 1, NULL);
}

static void words_of_calls_that_failed(void **state) {
    (void)state;
    static const char *const met[] = {"dd: error writing 'f': File too large\n",
                                      "x\ncp: write error: No space left on device\nlater\n",
                                      "sh: 1: Cannot fork\n",
                                      "MemoryError\n",
                                      "Killed\n",
                                      "File size limit exceeded (core dumped)\n",
                                      "bash: line 1:  4242 Killed        seq 9000\n",
                                      "sort: write failed: Disk quota exceeded\n",
                                      "Fatal: out of memory.\n",
                                      "x: Too many open files",
                                      "  what():  std::bad_alloc\n"};
    for (size_t i = 0; i < sizeof met / sizeof *met; i++)
        for (int status = 0; status < 2; status++)
            assert_met(EXECUTION_EXITED, status, 0, met[i], "was cut short by ");
    static const char *const quoted[] = {"f.c:3: warning: \"out of memory\" is not translated\n",
                                         "12 tests Killed nobody\nall is well\n", "Unkilled\n",
                                         "retrying: No space left on device, will wait\n", ""};
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++)
        assert_not_met(0, 0, quoted[i]);
}

static void files_that_are_as_large_as_may_be(void **state) {
    (void)state;
    char folder[] = "/var/tmp/countersign-test-XXXXXX", path[64], text[384];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(truncate(path, (off_t)LIMIT - 1), 0);
    judge(EXECUTION_EXITED, 0, 0, NULL, folder, text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(truncate(path, (off_t)LIMIT), 0);
    judge(EXECUTION_EXITED, 0, 0, NULL, folder, text, sizeof text);
    assert_non_null(strstr(text, "--file-limit"));
    unlink(path);
    rmdir(folder);
}

/* Two executions that are cut are not cut alike. */
static void each_execution_has_a_limit_of_its_own(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        assert_true(command_file_limit(LIMIT, i) > LIMIT);
        assert_true(command_file_limit(LIMIT, i) <= LIMIT + 65536);
        for (uint64_t j = 1; j < 32; j++)
            assert_true(command_file_limit(LIMIT, i) != command_file_limit(LIMIT, i + j));
    }
    assert_int_equal(command_file_limit(0, 7), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_told_alike_with_their_cause),
        cmocka_unit_test(signals_and_what_shells_make_of_them),
        cmocka_unit_test(output_that_is_as_large_as_may_be),
        cmocka_unit_test(words_of_calls_that_failed),
        cmocka_unit_test(files_that_are_as_large_as_may_be),
        cmocka_unit_test(each_execution_has_a_limit_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
