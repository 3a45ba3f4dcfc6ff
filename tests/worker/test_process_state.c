/* What is told of a process that changed, and what is not. */
#include "worker/process_state.h"

#include <fcntl.h>
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct process_state before;

static int read_before(void **state) {
    (void)state;
    return process_state_read(&before);
}

static int clear_before(void **state) {
    (void)state;
    process_state_clear(&before);
    return 0;
}

/* Empty where nothing differs. */
static const char *difference(void) {
    static char text[256];
    struct process_state after;
    assert_int_equal(process_state_read(&after), 0);
    bool differs = process_state_differs(&before, &after, false, text, sizeof text);
    process_state_clear(&after);
    assert_int_equal(differs, text[0] != '\0');
    return text;
}

static void nothing_differs_by_itself(void **state) {
    (void)state;
    assert_string_equal(difference(), "");
}

/* The flags that any inexact operation sets are not the mode. */
static void exceptions_raised_are_no_mode(void **state) {
    (void)state;
    feraiseexcept(FE_INEXACT | FE_DIVBYZERO);
    assert_string_equal(difference(), "");
    feclearexcept(FE_ALL_EXCEPT);
}

static void rounding_is_told_until_it_is_undone(void **state) {
    (void)state;
    fesetround(FE_DOWNWARD);
    const char *text = difference();
    fesetround(FE_TONEAREST);
#if defined(__x86_64__) || defined(__aarch64__)
    assert_non_null(strstr(text, "the FPU mode"));
#else
    (void)text;
#endif
    assert_string_equal(difference(), "");
}

static void three_things_are_told_at_the_most(void **state) {
    (void)state;
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < 5; i++)
        sigaddset(&set, SIGRTMIN + i);
    sigprocmask(SIG_BLOCK, &set, NULL);
    const char *text = difference();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    char last[64];
    snprintf(last, sizeof last, "real-time signal %d is blocked)", SIGRTMIN + 2);
    assert_non_null(strstr(text, last));
    assert_int_equal(strlen(strstr(text, last)), strlen(last));
}

static void words_are_cut_to_their_space(void **state) {
    (void)state;
    struct process_state after;
    char text[16];
    setenv("COUNTERSIGN_TEST", "1", 1);
    assert_int_equal(process_state_read(&after), 0);
    memset(text, '!', sizeof text);
    assert_true(process_state_differs(&before, &after, false, text, 8));
    assert_string_equal(text, "the env");
    assert_int_equal(text[8], '!');
    process_state_clear(&after);
    unsetenv("COUNTERSIGN_TEST");
    assert_string_equal(difference(), "");
}

static void *wait_for_byte(void *pipe_end) {
    char byte;
    return read(*(int *)pipe_end, &byte, 1) == 1 ? NULL : pipe_end;
}

static void threads_count_while_they_run_unless_parallel(void **state) {
    (void)state;
    int ends[2];
    pthread_t thread;
    char text[128];
    struct process_state after;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_byte, &ends[0]), 0);
    assert_string_equal(difference(),
                        "1 thread left running by a variant that is not CS_PARALLEL (duel: --threads N)");
    assert_int_equal(process_state_read(&after), 0);
    assert_false(process_state_differs(&before, &after, true, text, sizeof text));
    process_state_clear(&after);
    assert_int_equal(write(ends[1], "x", 1), 1);
    pthread_join(thread, NULL);
    assert_int_equal(process_state_settle(&before, &after), 0);
    assert_false(process_state_differs(&before, &after, false, text, sizeof text));
    process_state_clear(&after);
    close(ends[0]);
    close(ends[1]);
}

static void children_count_until_they_are_waited_for(void **state) {
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (access(path, R_OK) != 0)
        skip(); /* the kernel does not list them */
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_string_equal(difference(), "1 child process left behind");
    waitpid(pid, NULL, 0);
    assert_string_equal(difference(), "");
}

static void descriptors_are_counted(void **state) {
    (void)state;
    int count = process_descriptors();
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(process_descriptors(), count + 1);
    close(fd);
    assert_int_equal(process_descriptors(), count);
}

static void memory_counts_until_it_is_freed(void **state) {
    (void)state;
    uint64_t kept = process_kept_bytes();
    if (kept == 0)
        skip(); /* a sanitizer keeps what was freed */
    char *volatile small = malloc(40), *volatile large = malloc(8 << 20);
    uint64_t more = process_kept_bytes() - kept;
    assert_true(more >= 40 + (8 << 20) && more < (9 << 20));
    free(small);
    free(large);
    assert_true(process_kept_bytes() < kept + 4096);
}

/* A block from elsewhere is freed into a list that was empty: glibc counts it as in use, as if it were kept. */
static void freed_blocks_do_not_count_once_lists_are_full(void **state) {
    (void)state;
    void *volatile held[32], *volatile one;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        held[i] = malloc(100);
    process_fill_free_lists();
    uint64_t kept = process_kept_bytes();
    one = malloc(100);
    free(one);
    process_fill_free_lists();
    uint64_t after = process_kept_bytes();
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        free(held[i]);
    assert_int_equal(kept, after);
}

#define WITH_BEFORE(test) cmocka_unit_test_setup_teardown(test, read_before, clear_before)

static int test_all(void) {
    const struct CMUnitTest tests[] = {
        WITH_BEFORE(nothing_differs_by_itself),
        WITH_BEFORE(exceptions_raised_are_no_mode),
        WITH_BEFORE(rounding_is_told_until_it_is_undone),
        WITH_BEFORE(three_things_are_told_at_the_most),
        WITH_BEFORE(words_are_cut_to_their_space),
        WITH_BEFORE(threads_count_while_they_run_unless_parallel),
        WITH_BEFORE(children_count_until_they_are_waited_for),
        WITH_BEFORE(descriptors_are_counted),
        WITH_BEFORE(memory_counts_until_it_is_freed),
        WITH_BEFORE(freed_blocks_do_not_count_once_lists_are_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* In a child, whose parent starts nothing else: a runner of tests does, and its children would be taken for what is left behind. */
int main(void) {
    int status;
    pid_t pid = fork();
    if (pid == 0)
        return test_all();
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
