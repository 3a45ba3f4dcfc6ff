#include "commands/google_benchmark.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct problem problem;

static int read_sample(const char *entries, struct command_sample *sample) {
    char text[4096];
    int length = snprintf(text, sizeof text, "{\"context\": {}, \"benchmarks\": [%s]}", entries);
    const struct command_output output = {.bytes = text, .size = (size_t)length};
    problem.text[0] = '\0';
    return google_benchmark_sample(NULL, &output, sample, &problem);
}

#define TIMES(real, cpu, unit)                                                                               \
    "\"iterations\": 10, \"real_time\": " real ", \"cpu_time\": " cpu ", \"time_unit\": \"" unit "\""

static void test_an_iteration(void **state) {
    (void)state;
    struct command_sample sample;
    assert_int_equal(read_sample("{\"name\": \"f/8\", \"run_type\": \"iteration\", \"threads\": 2, " TIMES(
                                     "2.5", "2.25", "us") ", \"items_per_second\": 4e5, \"label\": \"x\"}",
                                 &sample),
                     0);
    assert_float_equal(sample.time_ns, 2500, 1e-9);
    assert_float_equal(sample.cpu_ns, 2250, 1e-9);
    assert_int_equal(sample.items, 10);
    assert_true(isnan(sample.latency.p50));
    assert_int_equal(sample.count, 2); /* threads and label are no counters */
    assert_string_equal(sample.names[0], "cpu-time-ns");
    assert_string_equal(sample.names[1], "items_per_second");
    assert_float_equal(sample.values[1], 4e5, 1e-6);
}

static void test_repetitions_are_averaged_and_aggregates_are_not_added(void **state) {
    (void)state;
    struct command_sample sample;
    const char *entries = "{\"name\": \"f\", \"run_name\": \"f\", \"run_type\": \"iteration\", " TIMES(
        "10", "1",
        "ns") "},"
              "{\"name\": \"f\", \"run_name\": \"f\", \"run_type\": \"iteration\", " TIMES(
                  "30", "1",
                  "ns") "},"
                        "{\"name\": \"f_mean\", \"run_name\": \"f\", \"run_type\": \"aggregate\", \"aggregate_name\": "
                        "\"mean\", " TIMES("70", "1", "ns") "}";
    assert_int_equal(read_sample(entries, &sample), 0);
    assert_float_equal(sample.time_ns, 20, 1e-9);
    /* Where a benchmark reports nothing else, their mean. */
    const char *aggregates =
        "{\"name\": \"f_mean\", \"run_name\": \"f\", \"run_type\": \"aggregate\", \"aggregate_name\": "
        "\"mean\", " TIMES(
            "70", "1",
            "ms") "},"
                  "{\"name\": \"f_cv\", \"run_name\": \"f\", \"run_type\": \"aggregate\", \"aggregate_name\": \"cv\", " TIMES(
                      "0.5", "1", "ms") "}";
    assert_int_equal(read_sample(aggregates, &sample), 0);
    assert_float_equal(sample.time_ns, 70e6, 1e-6);
}

static void test_what_json_does_not_have(void **state) {
    (void)state;
    struct command_sample sample;
    const char *entry = "{\"name\": \"f\", " TIMES(
        "5", "-NaN", "ns") ", \"a\": NaN, \"b\": -Infinity, \"c\": Infinity\n, \"d\": 3}";
    assert_int_equal(read_sample(entry, &sample), 0);
    assert_int_equal(sample.count, 2);
    assert_string_equal(sample.names[1], "d");
}

static void assert_refused(const char *entries, const char *words) {
    struct command_sample sample;
    assert_int_equal(read_sample(entries, &sample), -EINVAL);
    assert_string_equal(problem.text, words);
}

static void test_no_sample(void **state) {
    (void)state;
    struct command_sample sample;
    const struct command_output empty = {.bytes = NULL}, other = {.bytes = (char[]){"[1]"}, .size = 3};
    assert_int_equal(google_benchmark_sample(NULL, &empty, &sample, &problem), -EINVAL);
    assert_int_equal(google_benchmark_sample(NULL, &other, &sample, &problem), -EINVAL);
    assert_refused("", "measured nothing");
    assert_refused("{\"name\": \"f\", \"error_occurred\": true, \"error_message\": \"no disk\"}",
                   "reports an error: no disk");
    assert_refused("{\"name\": \"f\", \"skipped\": true, \"skip_message\": \"no GPU\"}", "skips it: no GPU");
    assert_refused("{\"name\": \"f\", " TIMES("0", "0", "ns") "}", "gives no time of an iteration above 0");
    assert_refused("{\"name\": \"f\", " TIMES("1", "1", "fortnight") "}",
                   "gives no time of an iteration above 0");
    assert_refused(
        "{\"name\": \"f\", " TIMES("1", "1", "ns") "}, {\"name\": \"g\", " TIMES("1", "1", "ns") "}",
        "ran two benchmarks for one name: f and g");
}

static void test_more_counters_than_there_is_room_for(void **state) {
    (void)state;
    struct command_sample sample;
    char entry[1024] = "{\"name\": \"f\", " TIMES("1", "1", "ns");
    for (int i = 0; i < 20; i++)
        snprintf(entry + strlen(entry), sizeof entry - strlen(entry), ", \"counter%d\": %d", i, i);
    strcat(entry, "}");
    assert_int_equal(read_sample(entry, &sample), 0);
    assert_int_equal(sample.count, RESULT_APP_COUNTERS);
    assert_string_equal(sample.names[RESULT_APP_COUNTERS - 1], "counter6");
}

static void test_samples_of_other_iterations_are_of_the_first_s(void **state) {
    (void)state;
    struct sample_sums sums = {0};
    struct command_sample sample = {.time_ns = 2.5, .items = 1000};
    assert_int_equal(sample_ticks(&sample, &sums, 2), 5000);
    sample.items = 7;
    assert_int_equal(sample_ticks(&sample, &sums, 2), 5000);
    assert_int_equal(sums.items, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_iteration),
        cmocka_unit_test(test_repetitions_are_averaged_and_aggregates_are_not_added),
        cmocka_unit_test(test_what_json_does_not_have),
        cmocka_unit_test(test_no_sample),
        cmocka_unit_test(test_more_counters_than_there_is_room_for),
        cmocka_unit_test(test_samples_of_other_iterations_are_of_the_first_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
