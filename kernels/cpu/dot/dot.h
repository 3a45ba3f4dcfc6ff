/* State of the dot kernel: two arrays of doubles, and their dot product. */
#ifndef DOT_H
#define DOT_H

#include <countersign.h>

/** Everything a run reads. Elements are whole numbers below 2^10, so that every order of addition is exact. */
struct dot {
    double *x, *y; /**< n elements each */
    size_t n;
    double product;
    uint64_t seed; /**< for check */
};

/**
 * Keeps an accumulator in a scalar register of its own. Compilers put several accumulators into the lanes of
 * a vector, which changes the number of instructions as well as the number of chains; this case asks about the
 * chains alone.
 */
#if defined(__x86_64__) || defined(__i386__)
#define KEEP_SCALAR(accumulator) __asm__("" : "+x"(accumulator))
#elif defined(__aarch64__)
#define KEEP_SCALAR(accumulator) __asm__("" : "+w"(accumulator))
#else
#define KEEP_SCALAR(accumulator) __asm__("" : "+m"(accumulator))
#endif

/** One element's product on an accumulator; `x` and `y` are the arrays. */
#define ADD_PRODUCT(accumulator, i)                                                                          \
    do {                                                                                                     \
        (accumulator) += x[i] * y[i];                                                                        \
        KEEP_SCALAR(accumulator);                                                                            \
    } while (0)

void run_one(void *state);
void run_unrolled(void *state);
void run_two(void *state);
void run_four(void *state);
void run_eight(void *state);
void run_sixteen(void *state);
void run_reassociated(void *state);
void run_vectors(void *state);

#endif
