#include "host/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void check_reading(const struct sample_clock *clock) {
    struct core_clock reading;
    int status = core_clock_measure(clock, 64, &reading);
    print_message("%s: %.3f GHz, chains %.2f %% apart, status %d\n", clock->name, reading.ghz,
                  100 * reading.disagreement, status);
    assert_true(status == 0 || status == -ENOTSUP);
    if (status == 0) {
        assert_true(reading.ghz > 0.1 && reading.ghz < 10);
        assert_true(reading.disagreement >= 0 && reading.disagreement <= 0.02);
        double product = reading.cycles_per_tick * clock->ticks_per_ns;
        assert_true(product > 0.999 * reading.ghz && product < 1.001 * reading.ghz);
    } else if (reading.ghz > 0) {
        assert_true(reading.disagreement > 0.02);
    }
}

static void core_clock_is_sane(void **state) {
    (void)state;
    struct sample_clock clock;
    sample_clock_open(&clock);
    check_reading(&clock);
}

static void core_clock_works_without_tsc(void **state) {
    (void)state;
    struct sample_clock clock = {.ticks_per_ns = 1, .name = "clock_gettime(CLOCK_MONOTONIC_RAW)"};
    check_reading(&clock);
}

static void chain_of_any_length_ends(void **state) {
    (void)state;
    struct sample_clock clock;
    sample_clock_open(&clock);
    const unsigned lengths[] = {0, 1, 31, 32, 33, 1000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint64_t before = sample_clock_now(&clock);
        uint64_t ticks = core_clock_chain(&clock, lengths[i]);
        assert_true(ticks <= sample_clock_now(&clock) - before);
    }
#if defined(__x86_64__) || defined(__aarch64__)
    /* A hundred million dependent additions cannot take less than 10 ms on any core below 10 GHz. */
    assert_true((double)core_clock_chain(&clock, 100000000) / clock.ticks_per_ns > 1e7);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_clock_is_sane),
        cmocka_unit_test(core_clock_works_without_tsc),
        cmocka_unit_test(chain_of_any_length_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
