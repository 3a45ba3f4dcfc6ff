/*
 * Loops whose instructions a cycle follow from the code. A chain of dependent instructions cannot run faster
 * than their latency: one cycle for an addition of registers, three for a 64-bit multiplication on x86-64
 * (AMD, "Software Optimization Guide" of each Zen; Intel, "Optimization Reference Manual"; measured by
 * Abel and Reineke, "uops.info", ASPLOS 2019). What else is done meanwhile is free as long as the core is
 * wide enough, so every step of the chain takes the same time whatever stands beside it.
 */
#ifndef CHAINS_H
#define CHAINS_H

#include <stddef.h>
#include <stdint.h>

/* Steps of the chain in one block, without a branch between them; bench/ipc.py reckons with it. */
#define CHAINS_STEPS "32"
#define CHAINS_STEP_COUNT 32

/* Shared by all variants. */
struct chains {
    size_t blocks;
    uint64_t start, step;              /* of every chain; step is odd */
    uint64_t sum, product;             /* the answers: where the first chain ends */
    uint64_t right_sum, right_product; /* by setup, for check */
};

#if defined(__x86_64__)
#define CHAINS_ADD(to) "add %[step], %[" to "]\n\t"
#define CHAINS_MULTIPLY(to) "imul %[step], %[" to "]\n\t"
#define CHAINS_NOP "nop\n\t"
#define CHAINS_LOOP_END "dec %[left]\n\tjnz 1b\n\t"
#elif defined(__aarch64__)
#define CHAINS_ADD(to) "add %[" to "], %[" to "], %[step]\n\t"
#define CHAINS_MULTIPLY(to) "mul %[" to "], %[" to "], %[step]\n\t"
#define CHAINS_NOP "nop\n\t"
#define CHAINS_LOOP_END "subs %[left], %[left], #1\n\tb.ne 1b\n\t"
#else /* nothing is known: the kernel says that it is not supported */
#define CHAINS_ADD(to) ""
#define CHAINS_MULTIPLY(to) ""
#define CHAINS_NOP ""
#define CHAINS_LOOP_END ""
#endif

/*
 * Repeats `step`, one step of every chain, for all blocks: two instructions more a block. `first` is the
 * chain whose end is the answer; b to i are there for others. Written in assembly, because a compiler folds
 * additions into one, and a core folds additions of a constant.
 */
#define CHAINS_RUN(chains, step_code, answer)                                                                \
    do {                                                                                                     \
        uint64_t first_ = (chains)->start, step_ = (chains)->step, left_ = (chains)->blocks;                 \
        uint64_t b_ = first_, c_ = first_, d_ = first_, e_ = first_;                                         \
        uint64_t f_ = first_, g_ = first_, h_ = first_, i_ = first_;                                         \
        __asm__ volatile("1:\n\t.rept " CHAINS_STEPS "\n\t" step_code ".endr\n\t" CHAINS_LOOP_END            \
                         : [first] "+r"(first_), [b] "+r"(b_), [c] "+r"(c_), [d] "+r"(d_), [e] "+r"(e_),     \
                           [f] "+r"(f_), [g] "+r"(g_), [h] "+r"(h_), [i] "+r"(i_), [left] "+r"(left_)        \
                         : [step] "r"(step_)                                                                 \
                         : "cc");                                                                            \
        *(answer) = first_;                                                                                  \
    } while (0)

/** Additions: 1, 2 and 3 chains, and more than a core can do in a cycle. */
void run_add(void *state);
void run_add_2(void *state);
void run_add_3(void *state);
void run_add_9(void *state);
/** One chain of additions, and 15 instructions that do nothing beside each. */
void run_add_nops(void *state);
/** Multiplications: 1 and 2 chains; 1 with 2, 5 and 8 chains of additions beside it. */
void run_multiply(void *state);
void run_multiply_2(void *state);
void run_multiply_add_2(void *state);
void run_multiply_add_5(void *state);
void run_multiply_add_8(void *state);

#endif
