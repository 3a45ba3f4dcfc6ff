#include "commands/command_server.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* As wrk 4.1, hey 0.1.4 and ab 2.3 print them. */
static const char wrk[] = "Running 2s test @ http://127.0.0.1:8080/\n"
                          "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
                          "    Latency   635.91us    0.89ms  12.92ms   93.69%\n"
                          "    Req/Sec    56.20k     8.07k   62.00k    86.54%\n"
                          "  Latency Distribution\n"
                          "     50%  250.00us\n"
                          "     75%    1.20ms\n"
                          "     99%    2.70s \n"
                          "Requests/sec:  74860.50\n"
                          "Transfer/sec:    606.33MB\n";
static const char hey[] =
    "Latency distribution:\n  50% in 0.0010 secs\n  95% in 0.0020 secs\n  99% in 0.0030 secs\n";
static const char ab[] =
    "Requests per second:    500.00 [#/sec] (mean)\n  50%      1\n 100%      9 (longest request)\n";

static struct problem problem;

static int read_sample(const char *text, const char *rate, struct command_sample *sample) {
    const struct client_words words = {.rate = rate};
    const struct command_output output = {.bytes = (char *)text, .size = strlen(text)};
    return client_sample(&words, &output, sample, &problem);
}

static void test_rates(void **state) {
    (void)state;
    struct command_sample sample;
    assert_int_equal(read_sample(wrk, "Requests/sec:", &sample), 0);
    assert_float_equal(sample.time_ns, 1e9 / 74860.5, 1e-6);
    assert_int_equal(sample.items, 1);
    assert_int_equal(read_sample(ab, "Requests per second:", &sample), 0);
    assert_float_equal(sample.time_ns, 2e6, 1e-6);
    assert_int_equal(read_sample(ab, NULL, &sample), 0);
    assert_true(isnan(sample.time_ns));
}

static void test_latencies(void **state) {
    (void)state;
    struct command_sample sample;
    assert_int_equal(read_sample(wrk, NULL, &sample), 0);
    assert_float_equal(sample.latency.p50, 250e3, 1e-6);
    assert_true(isnan(sample.latency.p95));
    assert_float_equal(sample.latency.p99, 2.7e9, 1e-3);
    assert_true(isnan(sample.latency.max));
    assert_int_equal(read_sample(hey, NULL, &sample), 0);
    assert_float_equal(sample.latency.p95, 2e6, 1e-3);
    assert_int_equal(read_sample(ab, NULL, &sample), 0);
    assert_true(isnan(sample.latency.p50)); /* of no unit */
}

static void assert_refused(const char *text, const char *words) {
    struct command_sample sample;
    assert_int_equal(read_sample(text, "rate:", &sample), -EINVAL);
    assert_string_equal(problem.text, words);
}

static void test_no_rate(void **state) {
    (void)state;
    assert_refused("", "did not print 'rate:' (--rate)");
    assert_refused("rate: none\n", "printed no number above 0 behind 'rate:'");
    assert_refused("rate: 0\n", "printed no number above 0 behind 'rate:'");
    assert_refused("rate: inf\n", "printed no number above 0 behind 'rate:'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_no_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
