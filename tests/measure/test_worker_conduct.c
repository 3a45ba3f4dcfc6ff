/* Variants that change the process they share with their rivals, run by the program as a user would. */
#include "run_beside.h"

#include "run/confinement.h"
#include "worker/process_state.h"

#include <unistd.h>

#define LONG_AFTER 20 /* runs: past verification, within sizing */

static void assert_changed(struct fixture *fixture, const char *variant, const char *words) {
    char changed[128];
    snprintf(changed, sizeof changed, "%s leaves the process changed for its rivals", variant);
    assert_refused(fixture, "rude", variant, 0, changed, words);
}

#define CHANGE(test, variant, words)                                                                         \
    static void test(void **state) {                                                                         \
        assert_changed(*state, variant, words);                                                              \
    }

CHANGE(a_rounding_mode_that_stays_is_refused, "rounding", "the FPU mode (control bits 0x")
CHANGE(flushing_denormals_is_refused, "flush", "the FPU mode (control bits 0x")
CHANGE(a_blocked_signal_is_refused, "mask", "the signal mask (SIGUSR1 is blocked)")
CHANGE(another_handler_is_refused, "handler", "the handler of SIGSEGV")
CHANGE(another_directory_is_refused, "directory", "the working directory (/ after)")
CHANGE(another_environment_is_refused, "environment", "the environment")
CHANGE(another_limit_is_refused, "limit", "the limit RLIMIT_NOFILE")
CHANGE(another_nice_value_is_refused, "nice", "the nice value (")
CHANGE(another_umask_is_refused, "directory", " before, 123 after)")
CHANGE(a_running_timer_is_refused, "timer", "a running timer (ITIMER_REAL)")
CHANGE(a_closed_standard_stream_is_refused, "close", "descriptor 2 (standard error is closed)")
CHANGE(a_thread_left_running_is_refused, "thread", "1 thread left running")

static void a_timer_of_timer_create_is_refused(void **state) {
    if (access("/proc/self/timers", R_OK) != 0)
        skip(); /* the kernel does not list them */
    assert_refused(*state, "timers_forks", "made-timer", 0, "made-timer leaves the process changed",
                   "1 running timer of timer_create");
}

/* It may strike anybody, so nobody is blamed by name. */
static void an_alarm_among_timed_runs_leaves_no_claim(void **state) {
    struct fixture *fixture = *state;
    fixture->options.settings.budget_s = 1;
    const struct comparison *comparisons = run_beside(fixture, "timers_forks", "alarm", 400000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(comparisons[i].verdict, VERDICT_INVALID);
        if (!strstr(comparisons[i].reason, "the kernel was ended by SIGALRM during ") &&
            !strstr(comparisons[i].reason, "a running timer (ITIMER_REAL)"))
            fail_msg("%s", comparisons[i].reason);
    }
}

static void a_child_that_returns_is_no_second_worker(void **state) {
    assert_refused(*state, "timers_forks", "double", 0, "double leaves the process changed",
                   "1 child process left behind");
}

static bool lists_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
    return access(path, R_OK) == 0;
}

/* Whose parent has ended and was waited for. */
static void a_daemon_is_a_process_left_behind(void **state) {
    if (!lists_children())
        skip();
    assert_refused(*state, "timers_forks", "daemon", 0, "daemon leaves the process changed",
                   "1 child process left behind");
}

static void a_child_of_the_parent_is_left_behind(void **state) {
    if (!lists_children())
        skip();
    assert_refused(*state, "timers_forks", "sibling", 0, "sibling leaves the process changed",
                   "1 process left behind, made a child of the worker's parent (CLONE_PARENT)");
}

/* Which arm it was is not known. */
static void daemons_among_timed_runs_leave_no_claim(void **state) {
    static const char *const variants[] = {"daemon", "sibling"};
    struct fixture *fixture = *state;
    if (!lists_children())
        skip();
    for (int i = 0; i < 2; i++) {
        fixture->options.settings.budget_s = 1;
        const struct comparison *comparisons = run_beside(fixture, "timers_forks", variants[i], 400000);
        assert_int_equal(comparisons[0].verdict, VERDICT_INVALID);
        assert_non_null(strstr(comparisons[0].reason, " left behind"));
        if (i == 0) {
            assert_int_equal(tear_down(state), 0);
            assert_int_equal(set_up(state), 0);
            fixture = *state;
        }
    }
}

static void a_flood_of_processes_is_ended(void **state) {
    assert_refused(*state, "timers_forks", "multiply", 0, "multiply started more than 512 processes",
                   "in verification");
}

/* Of all threads but the caller's. */
static void threads_left_with_another_rounding_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct cpu_choice choice;
    if (topology_choose(fixture->topology, 2, NULL, &choice, NULL) != 0)
        skip();
    fixture->threads = 2;
#ifdef __clang__ /* its runtime gives threads the caller's mode in each region: KMP_INHERIT_FP_CONTROL */
    assert_valid(run_beside(fixture, "rude_openmp", "rounding", 0));
#else
    assert_refused(fixture, "rude_openmp", "rounding", 0, "rounding leaves the process changed",
                   "the FPU mode of OpenMP thread 1 (control bits 0x");
#endif
}

static void threads_that_undo_their_rounding_are_left_alone(void **state) {
    struct fixture *fixture = *state;
    struct cpu_choice choice;
    if (topology_choose(fixture->topology, 2, NULL, &choice, NULL) != 0)
        skip();
    fixture->threads = 2;
    assert_valid(run_beside(fixture, "rude_openmp", "undone", 0));
}

static void another_affinity_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct cpu_choice choice;
    if (topology_choose(fixture->topology, 2, NULL, &choice, NULL) != 0)
        skip(); /* one CPU alone cannot be left */
    assert_changed(fixture, "affinity", "the CPUs it may run on (1 before,");
}

static void a_change_among_later_runs_is_refused(void **state) {
    assert_refused(*state, "rude", "rounding", LONG_AFTER, "rounding leaves the process changed",
                   "the FPU mode");
}

/* Beyond sizing nobody can tell which; no claim is made then. */
static void assert_no_claim(struct fixture *fixture, const char *variant, const char *words) {
    fixture->options.settings.budget_s = 1;
    const struct comparison *comparisons = run_beside(fixture, "rude", variant, 400000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(comparisons[i].verdict, VERDICT_INVALID);
        if (!strstr(comparisons[i].reason, words))
            fail_msg("%s", comparisons[i].reason);
    }
}

static void a_change_among_timed_runs_leaves_no_claim(void **state) {
    assert_no_claim(*state, "rounding", "which one cannot be told: the FPU mode");
}

static void printing_among_timed_runs_leaves_no_claim(void **state) {
    assert_no_claim(*state, "print", "which one cannot be told: \"the answer is 42\"");
}

static void printing_is_refused_with_what_was_said(void **state) {
    assert_refused(*state, "rude", "print", 0, "print prints in its runs", "\"the answer is 42\"");
}

static void a_flood_of_output_is_ended(void **state) {
    assert_refused(*state, "greedy", "flood", 0, "flood printed more than 16 MiB", "in verification");
}

/* Which variant's runs it was is not known; the first to be blamed would be whoever ran when it was seen. */
static void a_flood_among_timed_runs_leaves_no_claim(void **state) {
    assert_no_claim(*state, "chatter", "the kernel printed more than 16 MiB");
}

static void a_daemon_is_refused_and_ended(void **state) {
    struct fixture *fixture = *state;
    char command[8192];
    if (!lists_children())
        skip();
    const struct comparison *comparisons = run_beside(fixture, "rude", "daemon", 0);
    assert_int_equal(comparisons[0].verdict, VERDICT_INVALID);
    assert_non_null(strstr(comparisons[0].reason, " left behind")); /* 2 where its parent has not ended yet */
    assert_valid(&comparisons[1]);
    snprintf(command, sizeof command, "ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -q '%s'",
             fixture->supervisor.scratch);
    assert_true(system(command) != 0);
}

static void memory_kept_by_every_run_is_refused(void **state) {
    if (process_kept_bytes() == 0)
        skip(); /* a sanitizer keeps what was freed */
    assert_refused(*state, "greedy", "leak", 0, "leak keeps ", "bytes of memory at every run");
}

/* Sizing runs nothing for them; every arm is looked at. */
static void memory_kept_is_refused_in_cold_samples(void **state) {
    struct fixture *fixture = *state;
    if (process_kept_bytes() == 0)
        skip();
    snprintf(fixture->options.settings.state, sizeof fixture->options.settings.state, "cold");
    fixture->run.host.topology.l3_bytes = 1 << 20;
    assert_refused(fixture, "greedy", "leak", 0, "leak keeps ", "bytes of memory at every run");
}

static void pages_kept_by_every_run_are_refused(void **state) {
    if (process_kept_bytes() == 0)
        skip();
    assert_refused(*state, "greedy", "map", 0, "map keeps 4100 bytes", "allocate them in setup");
}

static void descriptors_kept_by_every_run_are_refused(void **state) {
    assert_refused(*state, "greedy", "open", 0, "open leaves 1 descriptors open at every run", "close them");
}

static void an_undefined_instruction_is_named(void **state) {
    assert_refused(*state, "greedy", "undefined", 0, "undefined crashed with SIGILL during verification",
                   "an undefined instruction (ud");
}

static void chance_is_told_from_a_wrong_algorithm(void **state) {
    assert_refused(*state, "greedy", "chance", 0, "chance gives another answer when run again",
                   "on the same input: answer[17]: ");
}

static void good_conduct_is_left_alone(void **state) {
    static const char *const good[] = {"free", "clear", "grow"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (i)
            assert_int_equal(set_up(state), 0);
        assert_valid(run_beside(*state, "greedy", good[i], 0));
        if (i + 1 < sizeof good / sizeof *good)
            tear_down(state);
    }
}

static void files_are_made_in_the_worker_s_folder(void **state) {
    assert_valid(run_beside(*state, "greedy", "stay", 0));
}

static void files_are_not_made_elsewhere(void **state) {
    if (confinement_version() < 0)
        skip();
    assert_valid(run_beside(*state, "greedy", "escape", 0));
}

static void assert_setting(struct fixture *fixture, const char *variant, const char *words) {
    char changed[128];
    snprintf(changed, sizeof changed, "%s leaves the process changed for its rivals", variant);
    assert_refused(fixture, "settings", variant, 0, changed, words);
}

static void other_settings_are_refused(void **state) {
    static const struct {
        const char *variant, *words;
        bool root;
    } settings[] = {
        {"slack", "the timer slack (PR_SET_TIMERSLACK)", false},
        {"pages", "huge pages (PR_SET_THP_DISABLE)", false},
        {"personality", "the personality", false},
#if !defined(__SANITIZE_ADDRESS__)
        {"malloc", "how malloc works (mallopt)", false},
        {"lock", "locked memory (mlockall)", true},
#endif
        {"user", "the user (setuid)", true}
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (settings[i].root && geteuid() != 0)
            continue;
        if (i) {
            tear_down(state);
            set_up(state);
        }
        assert_setting(*state, settings[i].variant, settings[i].words);
    }
}

/* By the next reading of the clock, or where the kernel reads its clock without that counter, as with some
 * hypervisors, by the next look at the settings. */
static void a_clock_that_is_forbidden_is_blamed_on_who_did(void **state) {
#if defined(__x86_64__)
    assert_refused(*state, "settings", "clock", 0, "clock ", "the time stamp counter (PR_SET_TSC)");
#else
    (void)state;
    skip();
#endif
}

static void files_left_in_shared_memory_are_refused_and_removed(void **state) {
    assert_setting(*state, "shared", "1 file left in /dev/shm");
    assert_int_equal(access("/dev/shm/countersign-test-left", F_OK), -1);
}

static void need_two_cpus(struct fixture *fixture) {
    struct cpu_choice choice;
    struct problem problem;
    if (topology_choose(fixture->topology, 2, NULL, &choice, &problem))
        skip();
    fixture->threads = 2;
}

static void fewer_threads_than_asked_for_are_refused(void **state) {
    need_two_cpus(*state);
    /* Beside much other load the threads of the pool may not have come to rest; then nothing is told. */
    for (int tries = 0; tries < 4; tries++) {
        const struct comparison *comparison = run_beside(*state, "rude_openmp", "alone", 0);
        if (comparison->verdict == VERDICT_INVALID)
            break;
        tear_down(state);
        set_up(state);
        need_two_cpus(*state);
    }
    const struct comparison *comparison = ((struct fixture *)*state)->run.comparisons;
    assert_non_null(comparison);
    assert_int_equal(comparison->verdict, VERDICT_INVALID);
    assert_non_null(strstr(comparison->reason, "alone: 1 of 2 threads ran"));
}

static void who_may_use_fewer_threads_does(void **state) {
    need_two_cpus(*state);
    assert_valid(&run_beside(*state, "rude_openmp", "up-to", 0)[0]);
}

/* Set for all of a machine, it would make one thread of two. */
static void limits_on_threads_do_not_reach_the_worker(void **state) {
    need_two_cpus(*state);
    setenv("OMP_THREAD_LIMIT", "1", 1);
    setenv("OMP_MAX_ACTIVE_LEVELS", "0", 1);
    const struct comparison *comparison = &run_beside(*state, "rude_openmp", "undone", 0)[0];
    unsetenv("OMP_THREAD_LIMIT");
    unsetenv("OMP_MAX_ACTIVE_LEVELS");
    assert_valid(comparison);
}

static void threads_that_a_serial_variant_starts_are_refused(void **state) {
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* it starts threads by itself */
#endif
    assert_refused(*state, "greedy", "join", 0, "join starts threads in its runs", "CS_PARALLEL");
    const struct arm *arms = ((struct fixture *)*state)->run.measurements[0].arms;
    assert_int_equal(arms[1].why.cause, CAUSE_STARTS_THREADS);
    assert_int_equal(arms[1].fault, FAULT_CONDUCT);
    assert_int_equal(arms[0].why.cause, CAUSE_NONE);
}

/* Neither the placebo nor a candidate is to blame: without the placebo nothing may be claimed. */
static void assert_outside_of_the_state(struct fixture *fixture, int64_t after, const char *words) {
    fixture->options.settings.placebo = true;
    const struct comparison *comparisons = run_beside(fixture, "globals", "second", after);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(comparisons[i].verdict, VERDICT_INVALID);
        assert_true(isnan(comparisons[i].speedup.estimate));
        if (!strstr(comparisons[i].reason, "first in a second loaded copy of its module (the placebo)") ||
            !strstr(comparisons[i].reason, words) || !strstr(comparisons[i].reason, "file-scope variables"))
            fail_msg("'%s' does not say '%s'", comparisons[i].reason, words);
    }
}

static void state_outside_of_the_state_that_crashes_is_named(void **state) {
    assert_outside_of_the_state(*state, 0, "crashed with SIGSEGV");
}

static void state_outside_of_the_state_that_is_wrong_is_named(void **state) {
    assert_outside_of_the_state(*state, 1, "wrong answer from first: sum[0]: got 0");
    /* The same in values, of each arm. */
    for (size_t arm = 0; arm < 3; arm++) {
        const struct arm *told = &((struct fixture *)*state)->run.measurements[0].arms[arm];
        assert_int_equal(told->fault, FAULT_PLACEBO);
        assert_int_equal(told->why.cause, CAUSE_WRONG_ANSWER);
        assert_true(told->why.placebo);
        assert_string_equal(told->why.variant, "first");
        assert_string_equal(told->why.answer.output, "sum");
        assert_string_equal(told->why.answer.got, "0");
    }
}

static void a_kernel_is_told_its_cpus(void **state) {
    assert_valid(&run_beside(*state, "settings", "bound", 0)[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_rounding_mode_that_stays_is_refused),
        WITH_FIXTURE(flushing_denormals_is_refused),
        WITH_FIXTURE(a_blocked_signal_is_refused),
        WITH_FIXTURE(another_handler_is_refused),
        WITH_FIXTURE(another_directory_is_refused),
        WITH_FIXTURE(another_environment_is_refused),
        WITH_FIXTURE(another_limit_is_refused),
        WITH_FIXTURE(another_nice_value_is_refused),
        WITH_FIXTURE(another_umask_is_refused),
        WITH_FIXTURE(a_running_timer_is_refused),
        WITH_FIXTURE(a_timer_of_timer_create_is_refused),
        WITH_FIXTURE(an_alarm_among_timed_runs_leaves_no_claim),
        WITH_FIXTURE(a_child_that_returns_is_no_second_worker),
        WITH_FIXTURE(a_daemon_is_a_process_left_behind),
        WITH_FIXTURE(a_child_of_the_parent_is_left_behind),
        WITH_FIXTURE(daemons_among_timed_runs_leave_no_claim),
        WITH_FIXTURE(a_flood_of_processes_is_ended),
        WITH_FIXTURE(threads_left_with_another_rounding_are_refused),
        WITH_FIXTURE(threads_that_undo_their_rounding_are_left_alone),
        WITH_FIXTURE(a_closed_standard_stream_is_refused),
        WITH_FIXTURE(a_thread_left_running_is_refused),
        WITH_FIXTURE(another_affinity_is_refused),
        WITH_FIXTURE(a_change_among_later_runs_is_refused),
        WITH_FIXTURE(a_change_among_timed_runs_leaves_no_claim),
        WITH_FIXTURE(printing_among_timed_runs_leaves_no_claim),
        WITH_FIXTURE(printing_is_refused_with_what_was_said),
        WITH_FIXTURE(a_flood_of_output_is_ended),
        WITH_FIXTURE(a_flood_among_timed_runs_leaves_no_claim),
        WITH_FIXTURE(a_daemon_is_refused_and_ended),
        WITH_FIXTURE(memory_kept_by_every_run_is_refused),
        WITH_FIXTURE(memory_kept_is_refused_in_cold_samples),
        WITH_FIXTURE(pages_kept_by_every_run_are_refused),
        WITH_FIXTURE(descriptors_kept_by_every_run_are_refused),
        WITH_FIXTURE(an_undefined_instruction_is_named),
        WITH_FIXTURE(chance_is_told_from_a_wrong_algorithm),
        WITH_FIXTURE(good_conduct_is_left_alone),
        WITH_FIXTURE(files_are_made_in_the_worker_s_folder),
        WITH_FIXTURE(files_are_not_made_elsewhere),
        WITH_FIXTURE(other_settings_are_refused),
        WITH_FIXTURE(a_clock_that_is_forbidden_is_blamed_on_who_did),
        WITH_FIXTURE(files_left_in_shared_memory_are_refused_and_removed),
        WITH_FIXTURE(fewer_threads_than_asked_for_are_refused),
        WITH_FIXTURE(who_may_use_fewer_threads_does),
        WITH_FIXTURE(a_kernel_is_told_its_cpus),
        WITH_FIXTURE(limits_on_threads_do_not_reach_the_worker),
        WITH_FIXTURE(threads_that_a_serial_variant_starts_are_refused),
        WITH_FIXTURE(state_outside_of_the_state_that_crashes_is_named),
        WITH_FIXTURE(state_outside_of_the_state_that_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
