/* Variants that change the process they share with their rivals, run by the program as a user would. */
#include "measure/confinement.h"
#include "measure/process_state.h"
#include "measure/runner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MODULES TEST_BUILD "/lib/countersign/test-kernels/"
#define LONG_AFTER 20 /* runs: past verification, within sizing */

struct fixture {
    struct topology *topology;
    struct supervisor supervisor;
    struct module_description module;
    struct plan plan;
    struct run run;
    struct runner_options options;
    uint32_t threads; /* of parallel kernels; 0: 1 */
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {""};
    *state = fixture;
    if (topology_open(&fixture->topology, NULL, &problem))
        fail_msg("%s", problem.text);
    fixture->supervisor = (struct supervisor){.program = TEST_BUILD "/bin/countersign",
                                              .topology = fixture->topology,
                                              .limits = {256u << 20, 10, 64u << 20, 0}};
    if (supervisor_open(&fixture->supervisor, NULL, &problem))
        fail_msg("%s", problem.text);
    fixture->options = (struct runner_options){.settings = {.points = "sweep",
                                                            .budget_s = 0.01,
                                                            .delta = 0.01,
                                                            .confidence = 0.95,
                                                            .looks = 1,
                                                            .replicates = 2,
                                                            .seed = 1,
                                                            .state = "warm",
                                                            .layout = "fixed",
                                                            .build = "native"},
                                               .sample_us = 5};
    sample_clock_open(&fixture->run.host.clock);
    struct counter_options counters = {.clock = &fixture->run.host.clock};
    counter_probe(&counters, &fixture->run.counter_plan);
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    supervisor_close(&fixture->supervisor);
    plan_clear(&fixture->plan);
    run_clear(&fixture->run);
    topology_close(fixture->topology);
    free(fixture);
    return 0;
}

/*
 * Runs `variant` of a module between two good ones, the baseline against itself at the end: what the others
 * make of it is tested every time.
 */
static const struct comparison *run_beside(struct fixture *fixture, const char *kernel, const char *variant,
                                           int64_t after) {
    struct problem problem = {""};
    char path[4096];
    struct plan_options options = {.points = "sweep",
                                   .allowed_threads = fixture->threads ? fixture->threads : 1};
    snprintf(path, sizeof path, MODULES "%s.native.so", kernel);
    if (runner_describe(&fixture->supervisor, path, &fixture->module, &problem))
        fail_msg("%s", problem.text);
    struct case_file file = {.name = "conduct", .candidate_count = 1, .target = 1.25, .sweep_count = 1};
    snprintf(file.kernel, RESULT_NAME, "%s", kernel);
    snprintf(file.candidates[0], RESULT_NAME, "%s", variant);
    snprintf(file.sweep[0].parameter, RESULT_NAME, "after");
    file.sweep[0].count = 1;
    file.sweep[0].values[0].number = after;
    if (plan_add_case(&fixture->plan, &file, &fixture->module, &options, &problem))
        fail_msg("%s", problem.text);
    /* A second candidate that is the baseline's own function, verified and timed after the first. */
    struct plan_point *point = &fixture->plan.points[0];
    if (fixture->threads)
        assert_int_equal(point->threads, fixture->threads);
    point->variants[point->variant_count++] = point->variants[0];
    if (runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem))
        fail_msg("%s", problem.text);
    assert_true(fixture->run.complete);
    assert_int_equal(fixture->run.comparison_count, 2);
    return fixture->run.comparisons;
}

static void assert_valid(const struct comparison *comparison) {
    if (comparison->verdict == VERDICT_INVALID)
        fail_msg("invalid: %s", comparison->reason);
    assert_false(isnan(comparison->speedup.estimate));
}

/* `variant` is invalid with these words, and the other comparison is good, with all its replicates. */
static void assert_refused(struct fixture *fixture, const char *kernel, const char *variant, int64_t after,
                           const char *first, const char *second) {
    const struct comparison *comparisons = run_beside(fixture, kernel, variant, after);
    const struct measurement *measurement = &fixture->run.measurements[0];
    assert_int_equal(comparisons[0].verdict, VERDICT_INVALID);
    assert_true(isnan(comparisons[0].speedup.estimate));
    if (!strstr(comparisons[0].reason, first) || !strstr(comparisons[0].reason, second))
        fail_msg("'%s' does not say '%s' and '%s'", comparisons[0].reason, first, second);
    assert_valid(&comparisons[1]);
    assert_int_equal(measurement->replicate_count, 2);
    for (size_t i = 0; i < measurement->replicate_count; i++)
        assert_true(measurement->replicates[i].rounds > 0);
}

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
    if (access("/proc/self/task", F_OK) != 0)
        skip();
    snprintf(command, sizeof command, "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
    if (access(command, R_OK) != 0)
        skip(); /* the kernel does not list children */
    const struct comparison *comparisons = run_beside(fixture, "rude", "daemon", 0);
    assert_int_equal(comparisons[0].verdict, VERDICT_INVALID);
    assert_non_null(strstr(comparisons[0].reason, "1 child process left behind"));
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
    assert_refused(*state, "greedy", "map", 0, "map keeps 4.1e+03 bytes", "allocate them in setup");
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
    static const char *const good[] = {"free", "clear", "grow", "join"};
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

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
