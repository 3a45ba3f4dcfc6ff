#include "made_measurement.h"

#include <math.h>

static const struct noise steal = {.wall_s = 1, .steal_share = 0.1};

/* Disturbs every replicate from `first` on. */
static void disturb(struct made *made, size_t first, struct noise noise) {
    for (size_t r = 0; r < REPLICATES; r++)
        made->measurement.replicates[r].noise = r >= first ? noise : (struct noise){.wall_s = 1};
}

/* Makes the candidate slower by `factor` in every replicate from `first` on. */
static void slow_down(struct made *made, size_t first, double factor) {
    for (size_t r = first; r < REPLICATES; r++)
        for (size_t round = 0; round < ROUNDS; round++) {
            uint64_t *ticks = &made->measurement.replicates[r].ticks[1][round];
            *ticks = (uint64_t)((double)*ticks * factor);
        }
}

/* What the comparison says of noise; frees the measurement. */
static void conclude_noise(struct made *made, double delta, char text[160]) {
    struct run_settings with_delta = settings;
    struct comparison comparison = {.target = 1.25};
    with_delta.delta = delta;
    assert_int_equal(
        comparison_conclude(&made->measurement, 1, &with_delta, &made->plan, &sample_clock, &comparison), 0);
    memcpy(text, comparison.noise_text, 160);
    comparison_clear(&comparison);
    measurement_clear(&made->measurement);
}

static void noise_that_pairing_cancelled_is_not_named(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    disturb(&made, 0, steal);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "");
}

static void noise_beside_an_open_verdict_is_named(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.03, 1.04, 1);
    disturb(&made, 0, steal);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "steal 10.0 %");
}

static void noise_beside_an_interval_wider_than_delta_is_named(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    disturb(&made, 2, steal);
    conclude_noise(&made, 1e-6, text);
    assert_string_equal(text, "steal 7.5 %");
}

static void no_noise_is_named_beside_an_open_verdict_without_any(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.03, 1.04, 1);
    disturb(&made, REPLICATES, steal);
    slow_down(&made, 4, 1.2);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "");
}

/* One replicate of eight, 2 % off, leaves the interval narrow: it is named for being apart. */
static void a_disturbed_replicate_that_lies_apart_is_named(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    disturb(&made, 7, (struct noise){.wall_s = 1, .throttled_s = 0.25});
    slow_down(&made, 7, 1.02);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "speedup -2 % in 1 of 8 replicates: throttled for 0.25 s by the CPU quota");
}

static void lying_apart_by_less_than_delta_is_not_worth_a_word(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    disturb(&made, 7, steal);
    slow_down(&made, 7, 1.005);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "");
}

static void lying_apart_without_noise_is_not_noise(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    disturb(&made, REPLICATES, steal);
    slow_down(&made, 7, 1.02);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "");
}

/* The quiet replicates scatter as far as the disturbed ones lie off. */
static void scatter_is_not_lying_apart(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    for (size_t r = 0; r < REPLICATES; r++) {
        slow_down(&made, r, r % 2 ? 1 / 1.02 : 1.02);
        made.measurement.replicates[r].noise = r >= 5 ? steal : (struct noise){.wall_s = 1};
    }
    conclude_noise(&made, 0.01, text);
    assert_true(text[0] == '\0' || !strstr(text, "replicates"));
}

/* A clock that rises in one replicate and falls in another drifted in both. */
static void drift_either_way_is_a_disturbance(void **unused) {
    (void)unused;
    struct made made;
    char text[160];
    make(&made, 1.5, 1, 1);
    disturb(&made, 6, (struct noise){.wall_s = 1, .frequency_drift = 0.05});
    made.measurement.replicates[7].noise.frequency_drift = -0.05;
    slow_down(&made, 6, 1.03);
    conclude_noise(&made, 0.05, text);
    assert_string_equal(text, "");
    make(&made, 1.5, 1, 1);
    disturb(&made, 6, (struct noise){.wall_s = 1, .frequency_drift = 0.05});
    made.measurement.replicates[7].noise.frequency_drift = -0.05;
    slow_down(&made, 6, 1.03);
    conclude_noise(&made, 0.01, text);
    assert_string_equal(text, "speedup -2.9 % in 2 of 8 replicates: core frequency +5.0 %");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_that_pairing_cancelled_is_not_named),
        cmocka_unit_test(noise_beside_an_open_verdict_is_named),
        cmocka_unit_test(noise_beside_an_interval_wider_than_delta_is_named),
        cmocka_unit_test(no_noise_is_named_beside_an_open_verdict_without_any),
        cmocka_unit_test(a_disturbed_replicate_that_lies_apart_is_named),
        cmocka_unit_test(lying_apart_by_less_than_delta_is_not_worth_a_word),
        cmocka_unit_test(lying_apart_without_noise_is_not_noise),
        cmocka_unit_test(scatter_is_not_lying_apart),
        cmocka_unit_test(drift_either_way_is_a_disturbance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
