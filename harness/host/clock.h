/* The clock that samples are timed with, and the core clock calibrated against it. */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include "base/problem.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** The sample clock. Ticks are what samples are recorded in; ticks_per_ns turns them into time. */
struct sample_clock {
    bool tsc;            /**< true: the processor's time stamp counter; false: clock_gettime, 1 tick = 1 ns */
    double ticks_per_ns; /**< measured against CLOCK_MONOTONIC_RAW; exactly 1 for clock_gettime */
    char name[48];       /**< "tsc" or "clock_gettime(CLOCK_MONOTONIC_RAW)" */
    char reason[128];    /**< why not the TSC, where it is not used; else empty */
};

/**
 * Chooses the clock: the TSC where CPUID says that it is invariant and the kernel has not rejected it
 * (current_clocksource other than tsc is fine under a hypervisor: kvm-clock is built on it), else
 * clock_gettime. Calibrates for 20 ms, or for as long as it was anticipated. Never fails: there is always clock_gettime.
 */
void sample_clock_open(struct sample_clock *clock);

/**
 * Begins the next calibration now, so that sample_clock_open waits for that much less: it is as long, or longer. Does
 * nothing where one was begun less than a second ago; one that is older is begun anew when the clock is opened.
 */
void sample_clock_anticipate(void);

/**
 * Ticks now, ordered after all earlier instructions and before all later ones (Intel, "How to Benchmark Code
 * Execution Times", 2010; AMD64 manual vol. 3, RDTSC).
 */
static inline uint64_t sample_clock_now(const struct sample_clock *clock) {
#if defined(__x86_64__)
    if (clock->tsc) {
        /* Not <x86intrin.h>: its 50,000 lines took half of the time to compile the harness. */
        __builtin_ia32_lfence();
        uint64_t ticks = __builtin_ia32_rdtsc();
        __builtin_ia32_lfence();
        return ticks;
    }
#else
    (void)clock;
#endif
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/** Monotonic nanoseconds for scheduling and time limits, not for samples. */
uint64_t monotonic_ns(void);

/** Core clock seen on the calling thread's core. */
struct core_clock {
    double cycles_per_tick; /**< core cycles a sample-clock tick; 0 where not known */
    double ghz;             /**< core frequency */
    double disagreement;    /**< of the chains: multiply / add, from the nearest whole number, as a share */
};

/**
 * Times two dependent chains no core can shorten, register adds (1 cycle) and 64-bit multiplies (3 cycles on
 * most x86-64 cores, 5 on Intel's efficiency cores, 3..5 on Arm): the adds give the clock, and the multiplies
 * check it, since their ratio must be a whole number from 3 to 5. Each is the fastest of `repeats` (1..64)
 * stretches of about 2 us (longer where the sample clock is coarse), less a short stretch for the cost of
 * reading the clock. Add-immediates are not used: Golden Cove folds them at rename and would show four times
 * the frequency. Returns 0, or -ENOTSUP where the ratio is off by more than 2 % (the reading is still
 * filled), where the clock does not advance and on other architectures (the reading is zeros).
 */
int core_clock_measure(const struct sample_clock *clock, unsigned repeats, struct core_clock *reading);

/**
 * One short chain (register adds, `additions` cycles), for reading the core clock between samples: returns
 * its ticks. Cost at 3 GHz: additions / 3 ns. 0 on architectures other than x86-64 and aarch64.
 */
uint64_t core_clock_chain(const struct sample_clock *clock, unsigned additions);

#endif
