#include "host/clock.h"

#include <errno.h>

#define BLOCK 32u /* instructions of a chain without a branch between them */

#if defined(__x86_64__) || defined(__aarch64__)
#define HAVE_CHAINS 1
#else
#define HAVE_CHAINS 0
#endif

#if defined(__x86_64__)
#define ADD "add %[step], %[value]\n\t"
#define MULTIPLY "imul %[step], %[value]\n\t"
#define LOOP_END "dec %[left]\n\tjnz 1b\n\t"
#elif defined(__aarch64__)
#define ADD "add %[value], %[value], %[step]\n\t"
#define MULTIPLY "mul %[value], %[value], %[step]\n\t"
#define LOOP_END "subs %[left], %[left], #1\n\tb.ne 1b\n\t"
#endif

#if HAVE_CHAINS
/* Every instruction needs the result of the one before; the loop's counter runs beside the chain and costs
 * nothing. */
#define RUN_CHAIN(instructions, times)                                                                       \
    do {                                                                                                     \
        uint64_t value = 3, step = 5, left = (times);                                                        \
        __asm__ volatile("1:\n\t" instructions LOOP_END                                                      \
                         : [value] "+r"(value), [left] "+r"(left)                                            \
                         : [step] "r"(step)                                                                  \
                         : "cc");                                                                            \
    } while (0)

static void add_chain(uint64_t blocks) {
    RUN_CHAIN(".rept 32\n\t" ADD ".endr\n\t", blocks);
}

static void multiply_chain(uint64_t blocks) {
    RUN_CHAIN(".rept 32\n\t" MULTIPLY ".endr\n\t", blocks);
}

static void single_adds(uint64_t additions) {
    RUN_CHAIN(ADD, additions);
}

/* Keeps the fastest time of `blocks` blocks in *fastest, in ticks. */
static void time_chain(const struct sample_clock *clock, void (*chain)(uint64_t), uint64_t blocks,
                       uint64_t *fastest) {
    uint64_t start = sample_clock_now(clock);
    chain(blocks);
    uint64_t ticks = sample_clock_now(clock) - start;
    if (ticks < *fastest)
        *fastest = ticks;
}

/* clock_gettime may advance in steps of 40 ns and more: stretches then grow with the step. */
static unsigned stretch_factor(const struct sample_clock *clock) {
    if (clock->tsc)
        return 1;
    uint64_t step = UINT64_MAX;
    for (int i = 0; i < 64; i++) {
        uint64_t before = sample_clock_now(clock), after = sample_clock_now(clock);
        if (after > before && after - before < step)
            step = after - before;
    }
    if (step == UINT64_MAX || step > 320)
        return 64;
    return step < 10 ? 1 : (unsigned)(step / 5);
}

/*
 * Short and long stretches of the same chain: their difference has neither the cost of reading the clock nor
 * that of leaving the loop.
 */
struct stretches {
    uint64_t blocks;
    uint64_t short_ticks, long_ticks;
};

static double ticks_per_instruction(const struct stretches *stretches) {
    if (stretches->long_ticks <= stretches->short_ticks)
        return 0;
    return (double)(stretches->long_ticks - stretches->short_ticks) / (double)(3 * stretches->blocks * BLOCK);
}

static void time_stretches(const struct sample_clock *clock, void (*chain)(uint64_t),
                           struct stretches *stretches) {
    time_chain(clock, chain, stretches->blocks, &stretches->short_ticks);
    time_chain(clock, chain, 4 * stretches->blocks, &stretches->long_ticks);
}
#endif

int core_clock_measure(const struct sample_clock *clock, unsigned repeats, struct core_clock *reading) {
    *reading = (struct core_clock){0};
#if HAVE_CHAINS
    unsigned factor = stretch_factor(clock);
    /* Blocks that make the long stretch about 6000 cycles, 2 us at 3 GHz, with a multiply of 3 cycles. */
    struct stretches adds = {.blocks = 48 * factor, .short_ticks = UINT64_MAX, .long_ticks = UINT64_MAX};
    struct stretches multiplies = {
        .blocks = 16 * factor, .short_ticks = UINT64_MAX, .long_ticks = UINT64_MAX};
    for (unsigned i = 0; i < (repeats ? repeats : 1); i++) {
        time_stretches(clock, add_chain, &adds);
        time_stretches(clock, multiply_chain, &multiplies);
    }
    double add = ticks_per_instruction(&adds), multiply = ticks_per_instruction(&multiplies);
    if (add <= 0 || multiply <= 0)
        return -ENOTSUP;
    reading->cycles_per_tick = 1 / add;
    reading->ghz = clock->ticks_per_ns / add;
    double ratio = multiply / add;
    double whole = ratio < 3.5 ? 3 : ratio < 4.5 ? 4 : 5;
    reading->disagreement = ratio > whole ? ratio / whole - 1 : 1 - ratio / whole;
    return reading->disagreement > 0.02 ? -ENOTSUP : 0;
#else
    (void)clock;
    (void)repeats;
    return -ENOTSUP;
#endif
}

uint64_t core_clock_chain(const struct sample_clock *clock, unsigned additions) {
#if HAVE_CHAINS
    uint64_t start = sample_clock_now(clock);
    if (additions >= BLOCK)
        add_chain(additions / BLOCK);
    if (additions % BLOCK)
        single_adds(additions % BLOCK);
    return sample_clock_now(clock) - start;
#else
    (void)clock;
    (void)additions;
    return 0;
#endif
}
