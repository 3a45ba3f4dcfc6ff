/*
 * Three loops, each compiled twice: first.c and second.c hold the same code, each function at the start of a
 * page, so that no variant can win and a table that says so is wrong. moved.c has one loop some bytes further
 * on, where the address alone may make a difference: predictors and decoders look at the low bits.
 */
#ifndef TWINS_LOOPS_H
#define TWINS_LOOPS_H

#include <stddef.h>
#include <stdint.h>

/* Odd, so that its powers never become 0: the golden ratio in 64 bits. */
#define TWINS_MULTIPLIER 0x9e3779b97f4a7c15u

/* Shared by all variants, so that they read the same addresses. */
struct twins {
    uint32_t *values; /* count of them, a multiple of n */
    size_t n, count;
    size_t position;                                  /* where the next run of branches begins */
    uint64_t start;                                   /* odd */
    uint64_t product, sum, balance;                   /* the answers */
    uint64_t right_product, right_sum, right_balance; /* by setup, for check */
};

/* Bound by the core: every multiplication waits for the one before, and memory is not touched. */
static inline void multiply_chain(struct twins *twins) {
    uint64_t product = twins->start;
    for (size_t i = twins->n; i > 0; i--) {
        product *= TWINS_MULTIPLIER;
        __asm__ volatile("" : "+r"(product)); /* a power may not be found in fewer steps */
    }
    twins->product = product;
}

/* Bound by the caches. */
static inline void add_values(struct twins *twins) {
    uint64_t sum = 0;
    for (size_t i = 0; i < twins->n; i++)
        sum += twins->values[i];
    twins->sum = sum;
}

/*
 * Bound by branches that nobody can predict: predictors learn even ten thousand random bits that come again
 * and again, so every run takes the next n of many values. The empty statements keep the branches branches.
 */
static inline void balance_values(struct twins *twins) {
    const uint32_t *values = twins->values + twins->position;
    uint64_t balance = 0;
    for (size_t i = 0; i < twins->n; i++) {
        uint64_t value = values[i];
        if (value & 1) {
            balance += value;
            __asm__ volatile("" : "+r"(balance));
        } else {
            balance -= value;
            __asm__ volatile("" : "+r"(balance) : "r"(value));
        }
    }
    twins->position = twins->position + twins->n < twins->count ? twins->position + twins->n : 0;
    twins->balance = balance;
}

#define TWINS_PAGE __attribute__((aligned(4096)))

TWINS_PAGE void run_chain(void *state);
TWINS_PAGE void run_sum(void *state);
TWINS_PAGE void run_branches(void *state);
TWINS_PAGE void run_chain_again(void *state);
TWINS_PAGE void run_sum_again(void *state);
TWINS_PAGE void run_branches_again(void *state);
TWINS_PAGE void run_branches_moved(void *state);

#endif
