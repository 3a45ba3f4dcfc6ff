/* Work of a known length for threads: steps of a generator, each waiting for the one before. */
#ifndef STEPS_H
#define STEPS_H

#include <countersign.h>

#define STEP_MULTIPLY 6364136223846793005u
#define STEP_ADD 1442695040888963407u

/** A step of the generator of Knuth's MMIX. The barrier: clang puts several steps together, which are affine, to one. */
static inline uint64_t do_step(uint64_t x) {
    x = x * STEP_MULTIPLY + STEP_ADD;
    __asm__ volatile("" : "+r"(x));
    return x;
}

/**
 * All steps at once: a step doubled is a step again, with another factor and another addend (F. Brown, "Random
 * number generation with arbitrary strides", Trans. Am. Nucl. Soc. 71, 1994).
 */
static inline uint64_t jump(uint64_t x, uint64_t steps) {
    uint64_t multiply = STEP_MULTIPLY, add = STEP_ADD;
    for (; steps; steps >>= 1) {
        if (steps & 1)
            x = x * multiply + add;
        add *= multiply + 1;
        multiply *= multiply;
    }
    return x;
}

#endif
