#include "host/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void clock_names_itself_and_its_reason(void **state) {
    (void)state;
    struct sample_clock clock;
    sample_clock_open(&clock);
    if (clock.tsc) {
        assert_string_equal(clock.name, "tsc");
        assert_string_equal(clock.reason, "");
        assert_true(clock.ticks_per_ns > 0.1 && clock.ticks_per_ns < 10);
    } else {
        assert_string_equal(clock.name, "clock_gettime(CLOCK_MONOTONIC_RAW)");
        assert_true(clock.reason[0] != '\0');
        assert_true(clock.ticks_per_ns == 1);
    }
}

/*
 * The two clocks bracket each other; only an unsound calibration can break the order, however late a read is.
 */
static void ticks_agree_with_raw_time(void **state) {
    (void)state;
    struct sample_clock clock;
    struct sample_clock raw = {.ticks_per_ns = 1};
    sample_clock_open(&clock);
    struct timespec pause = {.tv_nsec = 100000000};
    uint64_t outer_start = sample_clock_now(&raw);
    uint64_t start = sample_clock_now(&clock);
    uint64_t inner_start = sample_clock_now(&raw);
    nanosleep(&pause, NULL);
    uint64_t inner_end = sample_clock_now(&raw);
    uint64_t end = sample_clock_now(&clock);
    uint64_t outer_end = sample_clock_now(&raw);
    double elapsed = (double)(end - start) / clock.ticks_per_ns;
    assert_true(elapsed > 0.99 * (double)(inner_end - inner_start));
    assert_true(elapsed < 1.01 * (double)(outer_end - outer_start));
}

/* No calibration is shorter, and a longer one finds the same rate. */
static void an_anticipated_clock_has_the_same_rate(void **state) {
    (void)state;
    struct sample_clock alone, anticipated;
    sample_clock_open(&alone);
    for (int pause_ms = 0; pause_ms <= 40; pause_ms += 20) {
        uint64_t begin = monotonic_ns();
        sample_clock_anticipate();
        nanosleep(&(struct timespec){.tv_nsec = pause_ms * 1000000}, NULL);
        sample_clock_open(&anticipated);
        if (alone.tsc && pause_ms == 0) /* later, what was begun then is long enough */
            assert_true(monotonic_ns() - begin > 19000000u);
        assert_int_equal(anticipated.tsc, alone.tsc);
        assert_true(anticipated.ticks_per_ns > 0.99 * alone.ticks_per_ns);
        assert_true(anticipated.ticks_per_ns < 1.01 * alone.ticks_per_ns);
    }
}

static void readings_never_fall(void **state) {
    (void)state;
    struct sample_clock clock;
    sample_clock_open(&clock);
    uint64_t ticks = sample_clock_now(&clock), ns = monotonic_ns();
    for (int i = 0; i < 10000; i++) {
        uint64_t ticks_now = sample_clock_now(&clock), ns_now = monotonic_ns();
        assert_true(ticks_now >= ticks);
        assert_true(ns_now >= ns);
        ticks = ticks_now;
        ns = ns_now;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_names_itself_and_its_reason),
        cmocka_unit_test(ticks_agree_with_raw_time),
        cmocka_unit_test(an_anticipated_clock_has_the_same_rate),
        cmocka_unit_test(readings_never_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
