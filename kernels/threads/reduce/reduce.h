/* What the variants of `reduce` share: the state of a point and the function that `map` applies. */
#ifndef REDUCE_H
#define REDUCE_H

#include <stddef.h>
#include <stdint.h>

/** The operation of a point, in the order of its choices. */
enum reduce_op {
    REDUCE_SUM, /**< total = sum of x[i], modulo 2^64: exact, so the order of the additions is free */
    REDUCE_MAP  /**< y[i] = mix(x[i]) */
};

/** One point. */
struct reduce_state {
    enum reduce_op op;
    size_t n;
    unsigned threads;
    uint64_t seed;
    const uint64_t *x; /**< n random words */
    uint64_t *y;       /**< n words, answer of REDUCE_MAP; NULL for REDUCE_SUM */
    uint64_t total;    /**< answer of REDUCE_SUM */
};

#define MIX_FIRST 0xbf58476d1ce4e5b9u
#define MIX_SECOND 0x94d049bb133111ebu

/**
 * A bijection of the 64-bit words that costs some arithmetic an element: the finalizer of SplitMix64 (Steele,
 * Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
 */
static inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * MIX_FIRST;
    z = (z ^ (z >> 27)) * MIX_SECOND;
    return z ^ (z >> 31);
}

/** One thread. */
void run_serial(void *state);
/** OpenMP, static schedule, state->threads threads at every n. */
void run_openmp(void *state);
/** OpenMP from 65,536 elements on, one thread below. */
void run_guarded(void *state);

#endif
