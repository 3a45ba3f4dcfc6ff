/* What is said of a worker that ended by itself, from what it left. */
#include "run/outcome.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE_ARM 1

static struct worker_outcome outcome;

/* As if it ended so in `phase`, by a signal that its own handler had seen at `address`, or not (0). */
static const char *explain_end(int wait_status, enum worker_phase phase, uint64_t address, int output) {
    static struct worker_page page;
    struct supervisor supervisor = {.limits = {1u << 30, 1, 1u << 20, 0}};
    atomic_store(&page.status.phase, phase);
    atomic_store(&page.status.arm, PAGE_ARM);
    atomic_store(&page.status.signal, address ? wait_status : 0);
    atomic_store(&page.status.fault_address, address);
    atomic_store(&page.status.stack_pointer, 0x7ffd00000000);
    outcome_explain(&supervisor, &page, WORKER_COMPLETED, wait_status, output, &outcome);
    return outcome.reason;
}

static const char *explain(int wait_status, enum worker_phase phase, uint64_t address, const char *said) {
    int output = memfd_create("said", MFD_CLOEXEC);
    assert_true(output >= 0);
    assert_int_equal(write(output, said, strlen(said)), (ssize_t)strlen(said));
    explain_end(wait_status, phase, address, output);
    close(output);
    return outcome.reason;
}

static void an_uncaught_exception_is_named(void **state) {
    (void)state;
    assert_string_equal(
        explain(SIGABRT, PHASE_SETUP, 1,
                "reading\nterminate called after throwing an instance of 'std::out_of_range'\n"
                "  what():  vector::at\n"),
        "crashed with SIGABRT during setup: an uncaught C++ exception, std::out_of_range: "
        "vector::at");
    assert_string_equal(
        explain(SIGABRT, PHASE_SETUP, 1, "terminate called after throwing an instance of 'int'\n"),
        "crashed with SIGABRT during setup: an uncaught C++ exception, int");
}

static void the_last_line_is_told(void **state) {
    (void)state;
    assert_string_equal(explain(SIGABRT, PHASE_VERIFY, 1, "some output\n  free(): invalid pointer\n"),
                        "crashed with SIGABRT during verification; it said: free(): invalid pointer");
}

static void a_full_disk_is_told_whatever_comes_after_it(void **state) {
    (void)state;
    assert_string_equal(
        explain(SIGABRT, PHASE_VERIFY, 1,
                "making\nlog: No space left on device\n"
                "base/1: No space left on device\nnothing was committed\nremoving the folder\n"),
        "crashed with SIGABRT during verification; it said: base/1: No space left on device");
}

static void a_fault_beside_the_stack_is_an_overflow(void **state) {
    (void)state;
    assert_non_null(strstr(explain(SIGSEGV, PHASE_VERIFY, 0x7ffcffffff00, ""), "its stack overflowed"));
    assert_null(strstr(explain(SIGSEGV, PHASE_VERIFY, 8, ""), "stack"));
    assert_non_null(strstr(explain(SIGSEGV, PHASE_VERIFY, 0, ""), "the stack of one of its threads"));
    assert_null(strstr(explain(SIGSEGV, PHASE_START, 0, ""), "stack"));
}

/* Until the timed runs, arms run and are judged one at a time. */
static void a_timer_is_blamed_on_whom_it_was_left_by(void **state) {
    (void)state;
    assert_non_null(strstr(explain(SIGALRM, PHASE_VERIFY, 0, ""), "ended by SIGALRM during verification"));
    assert_int_equal(outcome.arm, PAGE_ARM);
    explain(SIGALRM, PHASE_TIME, 0, "");
    assert_int_equal(outcome.arm, -1);
    assert_int_equal(outcome.end, WORKER_CRASHED);
}

static void an_exit_status_is_told(void **state) {
    (void)state;
    assert_string_equal(explain(3 << 8, PHASE_SETUP, 0, "no such table\n"),
                        "ended the process with exit status 3 during setup; it said: no such table");
    assert_int_equal(outcome.end, WORKER_CRASHED);
}

/* The limit on files holds for what is printed as well, and which of the two was met first is chance. */
static void too_much_output_is_told_whichever_limit_was_met(void **state) {
    (void)state;
    int output = memfd_create("said", MFD_CLOEXEC);
    assert_int_equal(ftruncate(output, OUTCOME_MOST_OUTPUT + 1), 0);
    assert_non_null(strstr(explain_end(SIGXFSZ, PHASE_TIME, 0, output), "printed more than 16 MiB"));
    assert_int_equal(outcome.end, WORKER_PRINTED);
    explain_end(SIGABRT, PHASE_TIME, 0, output);
    assert_int_equal(outcome.end, WORKER_CRASHED);
    close(output);
    assert_non_null(strstr(explain(SIGXFSZ, PHASE_TIME, 0, ""), "wrote a file beyond the limit"));
}

static void a_reason_stands_behind_whom_it_is_of(void **state) {
    (void)state;
    static const struct worker_outcome outcome = {.reason = "hung during timing"};
    char reason[RESULT_REASON];
    outcome_words(&outcome, "hash", reason);
    assert_string_equal(reason, "hash hung during timing");
    outcome_words(&outcome, NULL, reason);
    assert_string_equal(reason, "the kernel hung during timing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_uncaught_exception_is_named),
        cmocka_unit_test(a_reason_stands_behind_whom_it_is_of),
        cmocka_unit_test(the_last_line_is_told),
        cmocka_unit_test(an_exit_status_is_told),
        cmocka_unit_test(too_much_output_is_told_whichever_limit_was_met),
        cmocka_unit_test(a_full_disk_is_told_whatever_comes_after_it),
        cmocka_unit_test(a_fault_beside_the_stack_is_an_overflow),
        cmocka_unit_test(a_timer_is_blamed_on_whom_it_was_left_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
