/* Forms of other tools; what those tools say of them, cli/report asks. */
#include "golden.h"
#include "sample_run.h"

#include <jansson.h>
#include <math.h>

static char *written(int (*report)(const struct run *run, FILE *stream), const struct run *run) {
    struct capture capture;
    assert_int_equal(report(run, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static size_t count(const char *text, const char *piece) {
    size_t found = 0;
    for (; (text = strstr(text, piece)); text += strlen(piece))
        found++;
    return found;
}

/* One measurement of two replicates with three rounds of two arms: 10 and 4 ticks a run, at 2 ticks a ns. */
static void sampled_run(struct run *run) {
    sample_open(run);
    sample_add_placebo(run);
    struct comparison *comparison = &run->comparisons[0];
    snprintf(comparison->case_name, RESULT_NAME, "=1+1|\"<x>");
    sample_number(&comparison->point, "n", 64, "ids");
    struct measurement *measurement = sample_measurement(run, comparison, "no Valgrind");
    measurement->items = 5;
    measurement->replicates = calloc(2, sizeof *measurement->replicates);
    assert_non_null(measurement->replicates);
    measurement->replicate_count = 2;
    run->host.clock.ticks_per_ns = 2;
    for (size_t r = 0; r < 2; r++) {
        struct replicate *replicate = &measurement->replicates[r];
        assert_int_equal(replicate_allocate(replicate, 2, 3, 1), 0);
        replicate->seed = 7 + r;
        for (size_t arm = 0; arm < 2; arm++) {
            replicate->runs[arm] = 100;
            replicate->resources[arm].cpu_share = arm ? NAN : 0.5;
            for (size_t round = 0; round < 3; round++)
                replicate->ticks[arm][round] = arm ? 400 : 1000;
        }
    }
}

static void samples_are_rows(void **state) {
    (void)state;
    struct run run;
    sampled_run(&run);
    char *text = written(report_samples_csv, &run);
    assert_int_equal(count(text, "\r\n"), 1 + 2 * 2 * 3);
    assert_non_null(strstr(text,
                           "run,case,variant,role,point_n,replicate,seed,layout,round,ticks,runs,ns_per_run,"
                           "ns_per_item\r\n"));
    assert_non_null(strstr(text, ",\"'=1+1|\"\"<x>\",")); /* no formula */
    assert_non_null(strstr(text, ",baseline,64,1,7,0,3,1000,100,5,1\r\n"));
    assert_non_null(strstr(text, ",candidate,64,2,8,0,1,400,100,2,0.4\r\n"));
    free(text);
    run_clear(&run);
}

static void repetitions_are_replicates(void **state) {
    (void)state;
    struct run run;
    sampled_run(&run);
    char *text = written(report_google_benchmark, &run);
    json_t *document = json_loads(text, 0, NULL), *benchmarks = json_object_get(document, "benchmarks");
    assert_int_equal(json_array_size(benchmarks), 4);
    json_t *first = json_array_get(benchmarks, 0), *last = json_array_get(benchmarks, 3);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "=1+1|\"<x>/base/n:64");
    assert_true(fabs(json_real_value(json_object_get(first, "real_time")) - 1) < 1e-12);
    assert_true(fabs(json_real_value(json_object_get(first, "cpu_time")) - 0.5) < 1e-12);
    assert_int_equal(json_integer_value(json_object_get(first, "iterations")), 300);
    assert_int_equal(json_integer_value(json_object_get(last, "repetition_index")), 1);
    assert_true(fabs(json_real_value(json_object_get(last, "real_time")) - 0.4) < 1e-12);
    assert_null(json_object_get(last, "cpu_time")); /* not known, and not 0 */
    json_decref(document);
    free(text);
    run_clear(&run);
}

static void metrics_have_labels(void **state) {
    (void)state;
    struct run run;
    sampled_run(&run);
    sample_add_lookup(&run);
    size_t invalid = 0;
    for (size_t i = 0; i < run.comparison_count; i++)
        invalid += run.comparisons[i].verdict == VERDICT_INVALID;
    char *text = written(report_openmetrics, &run);
    assert_non_null(strstr(text, "countersign_speedup_ratio{case=\"=1+1|\\\"<x>\",baseline="));
    assert_int_equal(count(text, "\ncountersign_speedup_ratio{"), run.comparison_count - invalid);
    assert_int_equal(count(text, "\ncountersign_verdict{"), 5 * run.comparison_count);
    assert_int_equal(count(text, "\"} 1\n"), run.comparison_count + 1);
    assert_null(strstr(text, "nan"));
    assert_string_equal(text + strlen(text) - strlen("\n# EOF\n"), "\n# EOF\n");
    free(text);
    run_clear(&run);
}

static void outcomes_are_told_apart(void **state) {
    (void)state;
    struct run run;
    size_t kinds[VERDICT_INCONCLUSIVE + 1] = {0};
    char totals[128];
    sample_rich(&run);
    snprintf(run.comparisons[0].case_name, RESULT_NAME, "a\"<b>&");
    for (size_t i = 0; i < run.comparison_count; i++) {
        run.comparisons[i].mechanism = MECHANISM_NONE;
        kinds[run.comparisons[i].verdict]++;
    }
    assert_true(kinds[VERDICT_INVALID] > 0 && kinds[VERDICT_FASTER] > 0);
    for (size_t i = 0, done = 0; i < run.comparison_count && !done; i++)
        if (run.comparisons[i].verdict == VERDICT_FASTER) {
            run.comparisons[i].mechanism = MECHANISM_UNEXPLAINED;
            done = 1;
        }
    char *text = written(report_junit, &run);
    snprintf(totals, sizeof totals, "tests=\"%zu\" failures=\"1\" errors=\"%zu\" skipped=\"%zu\"",
             run.comparison_count + run.skipped_count, kinds[VERDICT_INVALID],
             kinds[VERDICT_INCONCLUSIVE] + run.skipped_count);
    assert_non_null(strstr(text, totals));
    assert_int_equal(count(text, "<failure "), 1);
    assert_int_equal(count(text, "<error "), kinds[VERDICT_INVALID]);
    assert_int_equal(count(text, "<skipped "), kinds[VERDICT_INCONCLUSIVE] + run.skipped_count);
    assert_int_equal(count(text, "</testcase>"), run.comparison_count + run.skipped_count);
    assert_non_null(strstr(text, "classname=\"a&#34;&#60;b&#62;&#38;\""));
    free(text);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_rows), cmocka_unit_test(repetitions_are_replicates),
        cmocka_unit_test(metrics_have_labels), cmocka_unit_test(outcomes_are_told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
