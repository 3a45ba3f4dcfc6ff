/* Workers that misbehave in every way a variant can, run by the program as a user would run them. */
#include "measure/runner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MODULES TEST_BUILD "/lib/countersign/test-kernels/"
#define LONG_AFTER 300 /* runs: past verification, within sizing and timing */

struct fixture {
    struct topology *topology;
    struct supervisor supervisor;
    volatile sig_atomic_t interrupted;
    struct module_description module;
    struct case_file file;
    struct plan plan;
    struct run run;
    struct runner_options options;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {""};
    *state = fixture;
    if (topology_open(&fixture->topology, NULL, &problem))
        fail_msg("%s", problem.text);
    fixture->supervisor = (struct supervisor){.program = TEST_BUILD "/lib/countersign/worker",
                                              .topology = fixture->topology,
                                              .interrupted = &fixture->interrupted,
                                              .limits = {256u << 20, 1.0, 64u << 20, 0}};
    if (supervisor_open(&fixture->supervisor, NULL, &problem))
        fail_msg("%s", problem.text);
    fixture->options = (struct runner_options){.settings = {.points = "sweep",
                                                            .budget_s = 0.02,
                                                            .delta = 0.01,
                                                            .confidence = 0.95,
                                                            .looks = 1,
                                                            .replicates = 2,
                                                            .seed = 1,
                                                            .state = "warm",
                                                            .build = "native",
                                                            .counters = true,
                                                            .placebo = true},
                                               .sample_us = 20};
    sample_clock_open(&fixture->run.host.clock);
    struct counter_options counters = {.clock = &fixture->run.host.clock};
    counter_probe(&counters, &fixture->run.counter_plan);
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    char scratch[4096];
    memcpy(scratch, fixture->supervisor.scratch, sizeof scratch);
    supervisor_close(&fixture->supervisor);
    assert_int_not_equal(access(scratch, F_OK), 0);
    plan_clear(&fixture->plan);
    run_clear(&fixture->run);
    topology_close(fixture->topology);
    free(fixture);
    return 0;
}

/* Plans `candidate` against square at after = `after` and runs it. */
static const struct comparison *run_one(struct fixture *fixture, const char *candidate, int64_t after) {
    struct problem problem = {""};
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    if (supervisor_describe(&fixture->supervisor, MODULES "hostile.native.so", &fixture->module, &problem))
        fail_msg("%s", problem.text);
    fixture->file =
        (struct case_file){.name = "hostile", .kernel = "hostile", .candidate_count = 1, .target = 1.25};
    snprintf(fixture->file.candidates[0], RESULT_NAME, "%s", candidate);
    fixture->file.sweep_count = 1;
    snprintf(fixture->file.sweep[0].parameter, RESULT_NAME, "after");
    fixture->file.sweep[0].count = 1;
    fixture->file.sweep[0].values[0].number = after;
    if (plan_add_case(&fixture->plan, &fixture->file, &fixture->module, &options, &problem))
        fail_msg("%s", problem.text);
    if (runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem))
        fail_msg("%s", problem.text);
    assert_true(fixture->run.complete);
    return fixture->run.comparison_count ? &fixture->run.comparisons[0] : NULL;
}

/* Plans one comparison of a module of the kernel `idle` and runs it. */
static const struct comparison *run_idle_of(struct fixture *fixture, const char *module, const char *baseline,
                                            const char *candidate, const char *parameter, int64_t value) {
    struct problem problem = {""};
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    if (supervisor_describe(&fixture->supervisor, module, &fixture->module, &problem))
        fail_msg("%s", problem.text);
    fixture->file =
        (struct case_file){.name = "idle", .kernel = "idle", .candidate_count = 1, .sweep_count = 1};
    snprintf(fixture->file.baseline, RESULT_NAME, "%s", baseline);
    snprintf(fixture->file.candidates[0], RESULT_NAME, "%s", candidate);
    snprintf(fixture->file.sweep[0].parameter, RESULT_NAME, "%s", parameter);
    fixture->file.sweep[0].count = 1;
    fixture->file.sweep[0].values[0].number = value;
    if (plan_add_case(&fixture->plan, &fixture->file, &fixture->module, &options, &problem))
        fail_msg("%s", problem.text);
    if (runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(fixture->run.comparison_count, 1);
    return &fixture->run.comparisons[0];
}

static const struct comparison *run_idle(struct fixture *fixture, const char *baseline, const char *candidate,
                                         const char *parameter, int64_t value) {
    return run_idle_of(fixture, MODULES "idle.native.so", baseline, candidate, parameter, value);
}

static void assert_invalid(const struct comparison *comparison, const char *first, const char *second) {
    assert_non_null(comparison);
    assert_int_equal(comparison->verdict, VERDICT_INVALID);
    assert_true(isnan(comparison->speedup.estimate));
    if (!strstr(comparison->reason, first) || !strstr(comparison->reason, second))
        fail_msg("'%s' does not say '%s' and '%s'", comparison->reason, first, second);
}

static void a_good_variant_is_verified_and_measured(void **state) {
    struct fixture *fixture = *state;
    const struct comparison *comparison = run_one(fixture, "slow", 0);
    const struct measurement *measurement = &fixture->run.measurements[0];
    assert_int_equal(comparison->verified, VERIFIED_YES);
    assert_true(comparison->verdict != VERDICT_INVALID);
    assert_true(comparison->speedup.low <= comparison->speedup.estimate);
    assert_true(comparison->speedup.estimate <= comparison->speedup.high);
    assert_int_equal(measurement->arm_count, 3);
    assert_int_equal(measurement->arms[2].role, ARM_PLACEBO);
    assert_int_equal(measurement->replicate_count, 2);
    assert_true(measurement->replicates[0].seed != measurement->replicates[1].seed);
    assert_int_equal(measurement->replicates[0].threads[0].cpu, measurement->replicates[1].threads[0].cpu);
    assert_true(measurement->replicates[0].threads[0].cpu >= 0);
    for (size_t arm = 0; arm < 3; arm++)
        for (size_t round = 0; round < measurement->replicates[1].rounds; round++)
            assert_true(measurement->replicates[1].ticks[arm][round] > 0);
    /* The kernel counts what it does: twice as much, exactly. */
    const struct counter_result *squares = &comparison->counters[comparison->counter_count - 1];
    assert_string_equal(squares->name, "squares");
    assert_int_equal(squares->source, SOURCE_APP);
    assert_true(squares->baseline == 1 && squares->candidate == 2 && squares->ratio.estimate == 2);
}

/* The kernel's own counts tell in which replicates was counted: four for each second of the budget. */
static size_t count_observed(struct fixture *fixture, double budget_s, unsigned replicates) {
    const struct measurement *measurement;
    size_t observed = 0;
    fixture->options.settings.budget_s = budget_s;
    fixture->options.settings.replicates = replicates;
    run_one(fixture, "slow", 0);
    measurement = &fixture->run.measurements[0];
    assert_int_equal(measurement->replicate_count, replicates);
    while (observed < replicates && !isnan(measurement->replicates[observed].app[1][0]))
        observed++;
    for (size_t r = observed; r < replicates; r++)
        assert_true(isnan(measurement->replicates[r].app[1][0]));
    return observed;
}

static void a_short_budget_counts_in_four_replicates(void **state) {
    assert_int_equal(count_observed(*state, 0.1, 6), 4);
}

static void more_budget_counts_in_more_replicates(void **state) {
    assert_int_equal(count_observed(*state, 1.5, 8), 6);
}

static void no_budget_counts_in_more_than_eight_replicates(void **state) {
    assert_int_equal(count_observed(*state, 2.5, 10), 8);
}

/* How many of four replicates traced the system calls of a candidate of the kernel `sockets`. */
static size_t count_traced(struct fixture *fixture, const char *candidate) {
    const struct counter_plan_entry *entry = &fixture->run.counter_plan.entries[COUNTER_SYSTEM_CALLS];
    struct problem problem = {""};
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    size_t traced = 0;
    if (entry->source == SOURCE_NONE || entry->set != COUNTER_NO_SET)
        skip(); /* no tracer, or none is needed */
    fixture->options.settings.replicates = 4;
    if (supervisor_describe(&fixture->supervisor, MODULES "sockets.native.so", &fixture->module, &problem))
        fail_msg("%s", problem.text);
    fixture->file = (struct case_file){.name = "sockets", .kernel = "sockets", .candidate_count = 1};
    snprintf(fixture->file.candidates[0], RESULT_NAME, "%s", candidate);
    if (plan_add_case(&fixture->plan, &fixture->file, &fixture->module, &options, &problem) ||
        runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(fixture->run.measurements[0].replicate_count, 4);
    for (size_t r = 0; r < 4; r++) {
        const struct replicate *replicate = &fixture->run.measurements[0].replicates[r];
        assert_int_equal(isnan(replicate->counters[0][COUNTER_SYSTEM_CALLS]),
                         isnan(replicate->counters[1][COUNTER_SYSTEM_CALLS]));
        assert_false(isnan(replicate->resources[1].cpu_share)); /* observed it was */
        traced += !isnan(replicate->counters[1][COUNTER_SYSTEM_CALLS]);
    }
    return traced;
}

static void calls_that_agree_are_traced_in_two_replicates(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(count_traced(fixture, "batched"), 2);
    const struct comparison *comparison = &fixture->run.comparisons[0];
    for (size_t i = 0; i < comparison->counter_count; i++)
        if (!strcmp(comparison->counters[i].name, "system-calls")) {
            assert_true(comparison->counters[i].candidate == 2.0 / 32);
            assert_true(comparison->counters[i].candidate_interval.high == 2.0 / 32);
            return;
        }
    fail_msg("no system calls were told");
}

static void calls_that_differ_are_traced_in_all_replicates(void **state) {
    assert_int_equal(count_traced(*state, "mixed"), 4);
}

static void the_same_function_twice_is_named(void **state) {
    assert_true(run_one(*state, "same", 0)->identical_code);
}

static void other_code_is_not_called_identical(void **state) {
    assert_false(run_one(*state, "slow", 0)->identical_code);
}

static void a_wrong_answer_names_index_got_and_expected(void **state) {
    const struct comparison *comparison = run_one(*state, "wrong", 0);
    assert_invalid(comparison, "wrong answer from wrong: answer[17]: got ", "expected ");
    assert_int_equal(comparison->verified, VERIFIED_WRONG);
}

static void doing_nothing_is_a_wrong_answer(void **state) {
    assert_invalid(run_one(*state, "idle", 0), "wrong answer from idle: answer[0]", "expected");
}

static void turning_wrong_after_verification_is_found(void **state) {
    assert_invalid(run_one(*state, "wrong", LONG_AFTER), "wrong answer from wrong", "answer[17]");
}

static void turning_idle_after_verification_is_found(void **state) {
    assert_invalid(run_one(*state, "idle", LONG_AFTER), "wrong answer from idle", "answer[");
}

static void a_crash_names_signal_and_address(void **state) {
    assert_invalid(run_one(*state, "crash", 0), "crash crashed with SIGSEGV at address 0x0",
                   "during verification");
}

static void a_late_crash_is_placed(void **state) {
    assert_invalid(run_one(*state, "crash", LONG_AFTER), "SIGSEGV", "during sizing");
}

static void an_abort_brings_its_last_words(void **state) {
    assert_invalid(run_one(*state, "abort", 0), "SIGABRT", "the heap is on fire");
}

static void a_hang_is_ended(void **state) {
    assert_invalid(run_one(*state, "hang", 0), "hang hung during verification", "no progress for 1 s");
}

static void an_exit_is_not_an_end(void **state) {
    assert_invalid(run_one(*state, "exit", 0), "exit ended the process with exit status 7", "verification");
}

static void eating_memory_meets_the_limit(void **state) {
    struct fixture *fixture = *state;
    fixture->supervisor.limits.stall_s = 30; /* touching it all takes a while on a busy machine */
    assert_invalid(run_one(fixture, "eat", 0), "out of memory", "0.25 GiB");
}

static void children_left_behind_are_ended(void **state) {
    struct fixture *fixture = *state;
    assert_non_null(run_one(fixture, "fork", 0));
    /* Dying takes a moment; a child that lives still has the worker's folder as its working directory. */
    char command[8192];
    snprintf(command, sizeof command, "ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -q '%s'",
             fixture->supervisor.scratch);
    int alive = 0;
    for (int tries = 0; tries < 100 && (alive = system(command) == 0); tries++)
        usleep(50000);
    assert_false(alive);
}

static void an_unsupported_variant_is_skipped_with_its_reason(void **state) {
    struct fixture *fixture = *state;
    assert_null(run_one(fixture, "never", 0));
    assert_int_equal(fixture->run.skipped_count, 1);
    assert_string_equal(fixture->run.skipped[0].variant, "never");
    assert_string_equal(fixture->run.skipped[0].reason, "needs a processor from the future");
}

static void a_failing_setup_invalidates_the_point(void **state) {
    struct fixture *fixture = *state;
    fixture->file.sweep_count = 0;
    struct problem problem = {""};
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    assert_int_equal(
        supervisor_describe(&fixture->supervisor, MODULES "hostile.native.so", &fixture->module, &problem),
        0);
    struct case_file file = {
        .name = "x", .kernel = "hostile", .candidate_count = 1, .candidates = {"slow"}, .sweep_count = 1};
    snprintf(file.sweep[0].parameter, RESULT_NAME, "setup-fails");
    file.sweep[0].count = 1;
    file.sweep[0].values[0].number = 1;
    assert_int_equal(plan_add_case(&fixture->plan, &file, &fixture->module, &options, &problem), 0);
    assert_int_equal(
        runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem), 0);
    assert_invalid(&fixture->run.comparisons[0], "setup: No space left on device", "asked to fail");
}

static void work_left_to_the_outputs_is_refused(void **state) {
    struct fixture *fixture = *state;
    assert_invalid(run_idle(fixture, "square", "later", "runs", 1), "later does no work in its runs",
                   "4096 items");
    assert_int_equal(fixture->run.measurements[0].replicate_count, 1); /* nothing is left to compare */
    assert_null(fixture->run.measurements[0].replicates[0].ticks[1]);
    assert_non_null(fixture->run.measurements[0].replicates[0].ticks[2]);
}

static void work_done_after_a_reset_alone_is_refused(void **state) {
    assert_invalid(run_idle(*state, "square", "when-reset", "runs", 1), "when-reset does no work in its runs",
                   "empty function");
}

static void ceasing_to_work_among_the_timed_runs_is_refused(void **state) {
    struct fixture *fixture = *state;
    fixture->options.settings.budget_s =
        0.4; /* many times 4000 runs, on slow machines too, of which sizing takes less */
    assert_invalid(run_idle(fixture, "square", "when-reset", "runs", 4000),
                   "when-reset does no work in its runs", "empty function");
}

static void idle_runs_are_refused_in_every_state(void **state) {
    struct fixture *fixture = *state;
    snprintf(fixture->options.settings.state, sizeof fixture->options.settings.state, "cold");
    assert_invalid(run_idle(fixture, "square", "later", "runs", 1), "later does no work in its runs", "");
}

/* A quarter of a MiB, beyond what the clock's own cost hides. */
static void idle_runs_are_refused_though_each_is_reset(void **state) {
    const char *module = MODULES "idle_each.native.so";
    assert_invalid(run_idle_of(*state, module, "square", "later", "n", 65536),
                   "later does no work in its runs", "65536 items");
}

static void runs_that_work_are_not_refused_though_each_is_reset(void **state) {
    const char *module = MODULES "idle_each.native.so";
    assert_true(run_idle_of(*state, module, "square", "when-reset", "n", 65536)->verdict != VERDICT_INVALID);
}

static void an_idle_baseline_leaves_nothing_to_compare_with(void **state) {
    assert_invalid(run_idle(*state, "later", "square", "runs", 1), "later does no work in its runs", "");
}

/*
 * The variant knows its first run by the time since the last one, which whatever else runs may lengthen: once in a few
 * where the cores are free, once in many where others use them too.
 */
static void time_that_does_not_grow_with_the_work_is_refused(void **state) {
    const struct comparison *comparison = run_idle(*state, "square", "first", "runs", 1);
    for (int tries = 1; tries < 100 && comparison->verdict != VERDICT_INVALID; tries++) {
        tear_down(state);
        set_up(state);
        comparison = run_idle(*state, "square", "first", "runs", 1);
    }
    assert_invalid(comparison, "first takes no longer for more work", "in each run");
}

/* One item's answer takes no longer than an empty call on any machine. */
static void a_short_run_is_no_idle_one(void **state) {
    struct fixture *fixture = *state;
    assert_true(run_idle(fixture, "square", "again", "n", 1)->verdict != VERDICT_INVALID);
    assert_int_equal(fixture->run.measurements[0].items, 1);
}

static void one_bad_variant_leaves_the_others(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    assert_int_equal(
        supervisor_describe(&fixture->supervisor, MODULES "hostile.native.so", &fixture->module, &problem),
        0);
    struct case_file file = {.name = "x",
                             .kernel = "hostile",
                             .candidate_count = 4,
                             .candidates = {"crash", "slow", "wrong", "same"},
                             .target = 1.25};
    assert_int_equal(plan_add_case(&fixture->plan, &file, &fixture->module, &options, &problem), 0);
    assert_int_equal(
        runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem), 0);
    const struct comparison *comparisons = fixture->run.comparisons;
    assert_int_equal(fixture->run.comparison_count, 4);
    assert_invalid(&comparisons[0], "crash crashed", "SIGSEGV");
    assert_int_equal(comparisons[1].verified, VERIFIED_YES);
    assert_false(isnan(comparisons[1].speedup.estimate));
    assert_invalid(&comparisons[2], "wrong answer", "answer[17]");
    assert_false(isnan(comparisons[3].speedup.estimate));
}

static void an_interrupted_run_keeps_what_was_complete(void **state) {
    struct fixture *fixture = *state;
    fixture->interrupted = 1;
    struct problem problem = {""};
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    fixture->interrupted = 0;
    assert_int_equal(
        supervisor_describe(&fixture->supervisor, MODULES "hostile.native.so", &fixture->module, &problem),
        0);
    struct case_file file = {.name = "x", .kernel = "hostile", .candidate_count = 1, .candidates = {"hang"}};
    assert_int_equal(plan_add_case(&fixture->plan, &file, &fixture->module, &options, &problem), 0);
    fixture->supervisor.limits.stall_s = 1000;
    fixture->interrupted = 1;
    assert_int_equal(
        runner_run(&fixture->supervisor, &fixture->plan, &fixture->options, &fixture->run, &problem), 0);
    assert_false(fixture->run.complete);
    assert_int_equal(fixture->run.comparison_count, 0);
}

static void a_module_that_dies_on_load_is_one_error(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    assert_int_equal(supervisor_describe(&fixture->supervisor, MODULES "dies_on_load.native.so",
                                         &fixture->module, &problem),
                     -ELIBBAD);
    assert_non_null(strstr(problem.text, "crashed with SIGABRT during loading"));
}

static void a_program_that_is_no_worker_is_one_error(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    snprintf(fixture->supervisor.program, sizeof fixture->supervisor.program, "/nowhere/worker");
    assert_true(supervisor_describe(&fixture->supervisor, MODULES "hostile.native.so", &fixture->module,
                                    &problem) < 0);
    assert_non_null(strstr(problem.text, "/nowhere/worker"));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* idle.c as a module with what its links are made of. */
static void build_linkable(const char *folder) {
    char command[2048];
    snprintf(
        command, sizeof command,
        "cd %s && cc -O1 -fPIC -ftls-model=initial-exec -I%s/include -c -o 0.o %s/tests/worker/modules/idle.c && "
        "cc -shared -o m.so 0.o && %s/cmake/link-recipe m.link 0.o -- cc -- -fno-lto",
        folder, TEST_BUILD, TEST_SOURCE, TEST_SOURCE);
    assert_int_equal(system(command), 0);
}

/* Of a link under way there are pads, until it is waited for. Number 0 is the module itself. */
static bool is_begun(const struct fixture *fixture, int link) {
    char path[4200];
    snprintf(path, sizeof path, "%s/links-0/%04d-pad00.o", fixture->supervisor.scratch, link);
    return link == 0 || access(path, F_OK) == 0;
}

static void links_begun_ahead_are_those_of_the_first_replicates(void **state) {
    enum { REPLICATES = 12 };
    struct fixture *fixture = *state;
    struct run_settings *settings = &fixture->options.settings;
    struct links_ahead ahead = {0};
    char folder[] = "/tmp/countersign-ahead-XXXXXX", module[64], command[64];
    bool begun[REPLICATES + 1];
    assert_non_null(mkdtemp(folder));
    build_linkable(folder);
    snprintf(module, sizeof module, "%s/m.so", folder);
    snprintf(settings->layout, sizeof settings->layout, "random");
    settings->replicates = REPLICATES;
    fixture->options.ahead = &ahead;
    runner_anticipate(&fixture->options, &fixture->supervisor, module);
    for (int link = 0; link <= REPLICATES; link++)
        begun[link] = is_begun(fixture, link);
    run_idle_of(fixture, module, "square", "again", "runs", 1);
    assert_null(ahead.links);
    const struct measurement *measurement = &fixture->run.measurements[0];
    assert_int_equal(measurement->replicate_count, REPLICATES);
    for (size_t r = 1; r < REPLICATES; r++) {
        assert_true(r > 2 || begun[measurement->replicates[r - 1].layout]);
        assert_true(begun[measurement->replicates[r - 1].layout] >=
                        begun[measurement->replicates[r].layout] ||
                    measurement->replicates[r].layout == 0);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_good_variant_is_verified_and_measured),
        WITH_FIXTURE(a_short_budget_counts_in_four_replicates),
        WITH_FIXTURE(more_budget_counts_in_more_replicates),
        WITH_FIXTURE(no_budget_counts_in_more_than_eight_replicates),
        WITH_FIXTURE(calls_that_agree_are_traced_in_two_replicates),
        WITH_FIXTURE(calls_that_differ_are_traced_in_all_replicates),
        WITH_FIXTURE(the_same_function_twice_is_named),
        WITH_FIXTURE(other_code_is_not_called_identical),
        WITH_FIXTURE(a_wrong_answer_names_index_got_and_expected),
        WITH_FIXTURE(doing_nothing_is_a_wrong_answer),
        WITH_FIXTURE(turning_wrong_after_verification_is_found),
        WITH_FIXTURE(turning_idle_after_verification_is_found),
        WITH_FIXTURE(a_crash_names_signal_and_address),
        WITH_FIXTURE(a_late_crash_is_placed),
        WITH_FIXTURE(an_abort_brings_its_last_words),
        WITH_FIXTURE(a_hang_is_ended),
        WITH_FIXTURE(an_exit_is_not_an_end),
        WITH_FIXTURE(eating_memory_meets_the_limit),
        WITH_FIXTURE(children_left_behind_are_ended),
        WITH_FIXTURE(an_unsupported_variant_is_skipped_with_its_reason),
        WITH_FIXTURE(a_failing_setup_invalidates_the_point),
        WITH_FIXTURE(work_left_to_the_outputs_is_refused),
        WITH_FIXTURE(work_done_after_a_reset_alone_is_refused),
        WITH_FIXTURE(ceasing_to_work_among_the_timed_runs_is_refused),
        WITH_FIXTURE(idle_runs_are_refused_in_every_state),
        WITH_FIXTURE(idle_runs_are_refused_though_each_is_reset),
        WITH_FIXTURE(runs_that_work_are_not_refused_though_each_is_reset),
        WITH_FIXTURE(an_idle_baseline_leaves_nothing_to_compare_with),
        WITH_FIXTURE(time_that_does_not_grow_with_the_work_is_refused),
        WITH_FIXTURE(a_short_run_is_no_idle_one),
        WITH_FIXTURE(one_bad_variant_leaves_the_others),
        WITH_FIXTURE(an_interrupted_run_keeps_what_was_complete),
        WITH_FIXTURE(links_begun_ahead_are_those_of_the_first_replicates),
        WITH_FIXTURE(a_module_that_dies_on_load_is_one_error),
        WITH_FIXTURE(a_program_that_is_no_worker_is_one_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
