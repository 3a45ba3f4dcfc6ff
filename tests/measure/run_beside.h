/* A variant of a test module between two good ones, run by the program as a user would. */
#ifndef TEST_RUN_BESIDE_H
#define TEST_RUN_BESIDE_H

#include "measure/runner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODULES TEST_BUILD "/lib/countersign/test-kernels/"

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
    fixture->supervisor = (struct supervisor){.program = TEST_BUILD "/lib/countersign/worker",
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
    if (supervisor_describe(&fixture->supervisor, path, &fixture->module, &problem))
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
__attribute__((unused)) static void assert_refused(struct fixture *fixture, const char *kernel,
                                                   const char *variant, int64_t after, const char *first,
                                                   const char *second) {
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

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
