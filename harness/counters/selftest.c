#include "counters/selftest.h"

#include "base/numbers.h"

#include <math.h>
#include <stdio.h>

#define WRONG 0.25
#define OFF 0.02

static const char *const loop_names[SELFTEST_LOOPS] = {
    [SELFTEST_CHAIN] = "dependent additions", [SELFTEST_RANDOM] = "random branches",
    [SELFTEST_CHASE] = "a pointer chase",     [SELFTEST_WALK] = "a linear walk",
    [SELFTEST_FILL] = "a walk of stores",
};

static bool is_known(const struct selftest_reading *reading, int loop) {
    return !isnan(reading->expected_low[loop]) && !isnan(reading->measured[loop]);
}

/* Distance from the expected interval, relative to its nearer end; to the far end where the near one is 0. */
static double error_of(double low, double high, double value) {
    if (value < low)
        return (low - value) / low;
    if (value > high)
        return (value - high) / fmax(high, 1);
    return 0;
}

/* A small negative difference is noise of an event that should hardly happen. */
static double low_side_error(double low, double high, double value) {
    if (value < low && low <= 0)
        return -value / fmax(high, 1);
    return error_of(low, high, value);
}

/* Clocks of 10 MHz to 10 GHz, and 0.01 to 16 instructions a cycle. */
static bool is_implausible(enum counter_event event, double value, double seconds, const char **what) {
    bool clock = event == COUNTER_CYCLES || event == COUNTER_REFERENCE_CYCLES;
    if ((!clock && event != COUNTER_INSTRUCTIONS) || !(seconds > 0))
        return false;
    double low = clock ? 10e6 : 0.01 * 10e6, high = clock ? 10e9 : 16 * 10e9;
    *what = clock ? "a clock between 10 MHz and 10 GHz" : "0.01 to 16 instructions a cycle";
    return value / seconds < low || value / seconds > high;
}

/* Whether every loop that must count something read no difference at all, twice. */
static bool is_stuck(const struct selftest_reading *reading, int *loop) {
    bool any = false;
    for (int i = 0; i < SELFTEST_LOOPS; i++) {
        if (!is_known(reading, i) || !(reading->expected_low[i] > 0))
            continue;
        if (reading->measured[i] != 0 || (!isnan(reading->repeat[i]) && reading->repeat[i] != 0))
            return false;
        *loop = i;
        any = true;
    }
    return any;
}

/* What is wrong with one reading; 0 where nothing is. Fills `reason`. */
static bool is_nonsense(enum counter_event event, const struct selftest_reading *reading, int loop,
                        double value, char *reason, size_t size) {
    double low = reading->expected_low[loop], high = reading->expected_high[loop];
    const char *what;
    if (value < 0 && low_side_error(low, high, value) > OFF) {
        snprintf(reason, size, "counts backwards: %s on %s, expected %s", BRIEF(value, 4), loop_names[loop],
                 BRIEF(fmax(low, 0), 4));
        return true;
    }
    if (low > 0 && is_implausible(event, value, reading->seconds[loop], &what)) {
        snprintf(reason, size, "%s a second on %s is not %s (counted %s, expected %s)",
                 BRIEF(value / reading->seconds[loop], 4), loop_names[loop], what, BRIEF(value, 4),
                 BRIEF(low, 4));
        return true;
    }
    return false;
}

static bool is_unsteady(const struct selftest_reading *reading, int loop, char *reason, size_t size) {
    double first = reading->measured[loop], second = reading->repeat[loop];
    if (isnan(second) || !(reading->expected_low[loop] > 0) ||
        fabs(first - second) <= WRONG * fmax(fabs(first), fabs(second)))
        return false;
    snprintf(reason, size, "the same stretch of %s counted %s and then %s", loop_names[loop], BRIEF(first, 4),
             BRIEF(second, 4));
    return true;
}

struct worst {
    double error, value;
    int loop;
};

static void keep_worst(struct worst *worst, const struct selftest_reading *reading, int loop, double value) {
    if (isnan(value))
        return;
    double error = low_side_error(reading->expected_low[loop], reading->expected_high[loop], value);
    if (error > worst->error || worst->loop < 0)
        *worst = (struct worst){.error = error, .value = value, .loop = loop};
}

static enum counter_trust grade_error(const struct selftest_reading *reading, const struct worst *worst,
                                      char *reason, size_t size) {
    if (worst->error <= OFF)
        return TRUST_TRUSTED;
    double low = reading->expected_low[worst->loop], high = reading->expected_high[worst->loop];
    snprintf(reason, size, "off by %s %% on %s: counted %s, expected %s%s%s", BRIEF(100 * worst->error, 3),
             loop_names[worst->loop], BRIEF(worst->value, 6), BRIEF(low, 6), low == high ? " = " : " to ",
             BRIEF(high, 6));
    return worst->error > WRONG ? TRUST_UNTRUSTED : TRUST_DEGRADED;
}

enum counter_trust selftest_grade(enum counter_event event, const struct selftest_reading *reading,
                                  double *relative_error, char *reason, size_t reason_size) {
    struct worst worst = {.loop = -1};
    bool must_count = false;
    int stuck;
    *relative_error = NAN;
    if (reason_size)
        reason[0] = '\0';
    if (is_stuck(reading, &stuck)) {
        *relative_error = 1;
        snprintf(reason, reason_size, "stuck: no difference on %s of two lengths, expected %s",
                 loop_names[stuck], BRIEF(reading->expected_low[stuck], 6));
        return TRUST_UNTRUSTED;
    }
    for (int loop = 0; loop < SELFTEST_LOOPS; loop++) {
        if (!is_known(reading, loop))
            continue;
        must_count = must_count || reading->expected_low[loop] > 0;
        keep_worst(&worst, reading, loop, reading->measured[loop]);
        keep_worst(&worst, reading, loop, reading->repeat[loop]);
        *relative_error = worst.error;
        if (is_nonsense(event, reading, loop, reading->measured[loop], reason, reason_size) ||
            is_nonsense(event, reading, loop, reading->repeat[loop], reason, reason_size) ||
            is_unsteady(reading, loop, reason, reason_size))
            return TRUST_UNTRUSTED;
    }
    if (!must_count && !(worst.error > OFF)) {
        /* A counter that always reads 0 would pass loops that need not count anything. */
        snprintf(reason, reason_size, "not graded: no loop here must count %s, or it could not be read",
                 counter_event_info[event].name);
        return TRUST_DEGRADED;
    }
    return grade_error(reading, &worst, reason, reason_size);
}
