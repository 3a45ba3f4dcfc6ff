#include "host/clock.h"

#include "base/numbers.h"
#include "host/proc_text.h"
#include "host/text_file.h"

#include <stdio.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define CALIBRATION_NS 20000000u
#define LONGEST_CALIBRATION_NS 1000000000u
#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/"

static uint64_t clock_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t monotonic_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

#if defined(__x86_64__)
/* AMD64 manual vol. 3, CPUID 80000007H; Intel SDM vol. 3, "Invariant TSC". */
static bool tsc_is_invariant(void) {
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(0x80000007u, &eax, &ebx, &ecx, &edx) && (edx & 1u << 8);
}

/* Fills the reason where the TSC cannot be used; leaves it empty otherwise. */
static void examine_tsc(struct sample_clock *clock) {
    char current[32], available[128];
    if (!tsc_is_invariant()) {
        snprintf(clock->reason, sizeof clock->reason,
                 "the CPU does not promise an invariant TSC (CPUID 80000007H EDX bit 8 is clear)");
        return;
    }
    text_file_line(CLOCKSOURCE "current_clocksource", current, sizeof current);
    text_file_line(CLOCKSOURCE "available_clocksource", available, sizeof available);
    if (clocksource_rejects_tsc(current, available))
        snprintf(clock->reason, sizeof clock->reason,
                 "the kernel found the TSC unstable: it keeps time with %s and does not offer tsc", current);
}

/* A TSC value and the nanosecond it was read at; of several tries, the one least disturbed in between. */
struct simultaneous {
    uint64_t ticks, ns;
};

static struct simultaneous read_both(const struct sample_clock *clock) {
    struct simultaneous best = {0};
    uint64_t narrowest = UINT64_MAX;
    for (int i = 0; i < 16; i++) {
        uint64_t before = sample_clock_now(clock);
        uint64_t ns = clock_ns(CLOCK_MONOTONIC_RAW);
        uint64_t after = sample_clock_now(clock);
        if (after - before < narrowest) {
            narrowest = after - before;
            best = (struct simultaneous){before + narrowest / 2, ns};
        }
    }
    return best;
}

/* The first reading of a calibration to come; ns is 0 where there is none. */
static struct simultaneous anticipated;

/* The machine may have been suspended within a longer stretch, which the clocks count differently. */
static bool is_recent(const struct simultaneous *reading) {
    return reading->ns && clock_ns(CLOCK_MONOTONIC_RAW) - reading->ns < LONGEST_CALIBRATION_NS;
}

static double calibrate(const struct sample_clock *clock) {
    struct simultaneous first = is_recent(&anticipated) ? anticipated : read_both(clock);
    uint64_t elapsed_ns = clock_ns(CLOCK_MONOTONIC_RAW) - first.ns;
    if (elapsed_ns < CALIBRATION_NS)
        nanosleep(&(struct timespec){.tv_nsec = (long)(CALIBRATION_NS - elapsed_ns)}, NULL);
    struct simultaneous last = read_both(clock);
    return last.ns > first.ns ? (double)(last.ticks - first.ticks) / (double)(last.ns - first.ns) : 0;
}
#endif

void sample_clock_anticipate(void) {
#if defined(__x86_64__)
    if (!is_recent(&anticipated) && tsc_is_invariant())
        anticipated = read_both(&(struct sample_clock){.tsc = true});
#endif
}

void sample_clock_open(struct sample_clock *clock) {
    *clock = (struct sample_clock){.ticks_per_ns = 1};
#if defined(__x86_64__)
    examine_tsc(clock);
    if (!clock->reason[0]) {
        clock->tsc = true;
        clock->ticks_per_ns = calibrate(clock);
        /* No TSC has been slower than 100 MHz or faster than 10 GHz: what reads so does not count time. */
        if (clock->ticks_per_ns > 0.1 && clock->ticks_per_ns < 10) {
            snprintf(clock->name, sizeof clock->name, "tsc");
            return;
        }
        snprintf(clock->reason, sizeof clock->reason,
                 "the TSC advances by %s ticks a nanosecond, which is no time",
                 BRIEF(clock->ticks_per_ns, 4));
        clock->tsc = false;
        clock->ticks_per_ns = 1;
    }
#else
    snprintf(clock->reason, sizeof clock->reason, "the TSC is a counter of x86-64 processors alone");
#endif
    snprintf(clock->name, sizeof clock->name, "clock_gettime(CLOCK_MONOTONIC_RAW)");
}
