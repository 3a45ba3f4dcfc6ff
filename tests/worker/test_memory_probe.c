#include "worker/memory_probe.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void sizes_stay_within_limits(void **state) {
    (void)state;
    struct sample_clock clock;
    struct memory_probe probe;
    sample_clock_open(&clock);
    assert_int_equal(memory_probe_measure(0, &clock, &probe), 0);
    assert_int_equal(probe.bytes, MEMORY_PROBE_LEAST);
    assert_true(isfinite(probe.ordered_ns) && probe.ordered_ns > 0);
    assert_true(isfinite(probe.chained_ns) && probe.chained_ns > 0);
    assert_int_equal(memory_probe_measure(100001, &clock, &probe), 0);
    assert_int_equal(probe.bytes, 100001 / 64 * 64);
    assert_true(isfinite(probe.chained_ns) && probe.chained_ns > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_stay_within_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
