#include "worker/worker_context.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Values i of 0..count-1 in another order: quantile p of them is p (count - 1), whatever the count. */
static struct arm_latency summarize(size_t count) {
    static double ns[1001];
    for (size_t i = 0; i < count; i++)
        ns[i] = (double)(i * 17 % count);
    return worker_summarize_latencies(ns, count);
}

static void quantiles_are_those_of_all_other_tables(void **state) {
    (void)state;
    struct arm_latency latency = summarize(1001);
    assert_true(latency.p50 == 500 && latency.p95 == 950 && latency.p99 == 990 && latency.max == 1000);
    latency = summarize(100);
    assert_true(latency.p50 == 49.5 && fabs(latency.p95 - 94.05) < 1e-9 && fabs(latency.p99 - 98.01) < 1e-9);
    assert_true(latency.max == 99);
}

/* The 99th percentile of ten is their maximum under another name. */
static void few_items_have_no_tail(void **state) {
    (void)state;
    struct arm_latency latency = summarize(99);
    assert_true(isnan(latency.p99) && latency.p95 > 90 && latency.max == 98);
    latency = summarize(19);
    assert_true(isnan(latency.p95) && latency.p50 == 9 && latency.max == 18);
    latency = summarize(0);
    assert_true(isnan(latency.p50) && isnan(latency.max));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_all_other_tables),
        cmocka_unit_test(few_items_have_no_tail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
