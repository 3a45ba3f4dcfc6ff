/* Samples of an empty run, taken by the harness's own sampling code, for programs in C++. */
#ifndef BENCH_HARNESS_SAMPLE_H
#define BENCH_HARNESS_SAMPLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Chooses and calibrates the sample clock (about 20 ms). Returns its ticks a nanosecond. Call it first. */
double harness_sample_open(void);

/** Name of the sample clock: "tsc" or "clock_gettime(CLOCK_MONOTONIC_RAW)". */
const char *harness_clock_name(void);

/** The sample clock's ticks now. */
uint64_t harness_clock_now(void);

/** One sample of `runs` runs of a function that does nothing, by the worker's own code; returns the ticks it
 * reads. */
uint64_t harness_sample(uint64_t runs);

/** Two reads of the sample clock and nothing between, `count` times; returns the sum of the differences. */
uint64_t harness_clock_pairs(uint64_t count);

/** The function that does nothing; called through a pointer nobody can see through. */
extern void (*const volatile harness_empty_run)(void *state);

#ifdef __cplusplus
}
#endif

#endif
