/*
 * One loop with four lengths, each in a source file of its own: what countersign, Google Benchmark and
 * hyperfine are to tell apart. The same object files go into a kernel's modules and into two programs.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Even numbers: see CHAIN_FACTOR. */
#define CHAIN_BASE 4000u
#define CHAIN_QUARTER 4010u /* 0.25 % more */
#define CHAIN_ONE 4040u     /* 1 % more */

/* 2^63 - 1, whose square is 1 modulo 2^64: every even number of steps gives the same answer. */
#define CHAIN_FACTOR 0x7fffffffffffffffu

struct chain {
    uint64_t start;
    uint64_t product; /* the answer: start */
};

/* Bound by the core: every multiplication waits for the one before, and memory is not touched. */
static inline void multiply_chain(struct chain *chain, uint64_t steps) {
    uint64_t product = chain->start, factor = CHAIN_FACTOR;
    /* Hides the number, so that all lengths are the same code, and the factor, which is a shift otherwise. */
    __asm__ volatile("" : "+r"(steps), "+r"(factor));
    for (; steps > 0; steps--) {
        product *= factor;
        __asm__ volatile("" : "+r"(product));
    }
    chain->product = product;
}

void run_base(void *state);
void run_again(void *state);
void run_quarter(void *state);
void run_one(void *state);

#ifdef __cplusplus
}
#endif

#endif
