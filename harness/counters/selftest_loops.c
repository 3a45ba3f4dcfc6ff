#include "counters/selftest_loops.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINE 64
#define MEBI (1024.0 * 1024.0)

#if defined(__x86_64__)
#define HAVE_LOOPS 1
#define CHAIN_ADD "add %[step], %[value]\n\t"
#define LOOP_END "dec %[left]\n\tjnz 1b\n\t"
#define CHAIN_INSTRUCTIONS 66
#define CHASE_BODY "mov (%[place]), %[place]\n\t"
#define CHASE_INSTRUCTIONS 3
#define WALK_BODY "mov (%[place]), %[loaded]\n\tadd $64, %[place]\n\t"
#define WALK_INSTRUCTIONS 4
#define FILL_BODY "mov %[value], 8(%[place])\n\tadd $64, %[place]\n\t"
/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003); the sign bit decides whether one instruction is skipped. */
#define RANDOM_BODY                                                                                          \
    "mov %[bits], %[shifted]\n\tshl $13, %[shifted]\n\txor %[shifted], %[bits]\n\t"                          \
    "mov %[bits], %[shifted]\n\tshr $7, %[shifted]\n\txor %[shifted], %[bits]\n\t"                           \
    "mov %[bits], %[shifted]\n\tshl $17, %[shifted]\n\txor %[shifted], %[bits]\n\t"                          \
    "test %[bits], %[bits]\n\tjs 2f\n\tinc %[fallen]\n\t2:\n\t"
#define RANDOM_INSTRUCTIONS 13
#elif defined(__aarch64__)
#define HAVE_LOOPS 1
#define CHAIN_ADD "add %[value], %[value], %[step]\n\t"
#define LOOP_END "subs %[left], %[left], #1\n\tb.ne 1b\n\t"
#define CHAIN_INSTRUCTIONS 66
#define CHASE_BODY "ldr %[place], [%[place]]\n\t"
#define CHASE_INSTRUCTIONS 3
#define WALK_BODY "ldr %[loaded], [%[place]]\n\tadd %[place], %[place], #64\n\t"
#define WALK_INSTRUCTIONS 4
#define FILL_BODY "str %[value], [%[place], #8]\n\tadd %[place], %[place], #64\n\t"
#define RANDOM_BODY                                                                                          \
    "eor %[bits], %[bits], %[bits], lsl #13\n\teor %[bits], %[bits], %[bits], lsr #7\n\t"                    \
    "eor %[bits], %[bits], %[bits], lsl #17\n\t"                                                             \
    "tbnz %[bits], #63, 2f\n\tadd %[fallen], %[fallen], #1\n\t2:\n\t"
#define RANDOM_INSTRUCTIONS 6
#else
#define HAVE_LOOPS 0
#endif

#define CHAIN_ADDITIONS 64

bool selftest_available(void) {
    return HAVE_LOOPS;
}

static size_t read_last_cache(unsigned cpu) {
    size_t largest = 0;
    for (int index = 0; index < 8; index++) {
        char path[128];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cache/index%d/size", cpu, index);
        FILE *file = fopen(path, "re");
        if (!file)
            break;
        unsigned long kib = 0;
        if (fscanf(file, "%luK", &kib) == 1 && kib * 1024 > largest)
            largest = kib * 1024;
        fclose(file);
    }
    return largest;
}

/*
 * A linear congruential step modulo a power of two visits every line once (Hull and Dobell, 1962: odd
 * increment, multiplier 1 modulo 4), and filling in address order is as fast as memory.
 */
static void fill_chase(struct selftest_memory *memory) {
    size_t lines = memory->bytes / LINE;
    for (size_t line = 0; line < lines; line++) {
        size_t next = (line * 1664525 + 1013904223) & (lines - 1);
        *(char **)(memory->base + line * LINE) = memory->base + next * LINE;
    }
    memory->cursor = memory->base;
}

int selftest_memory_open(unsigned cpu, struct selftest_memory *memory) {
    *memory = (struct selftest_memory){.last_cache_bytes = read_last_cache(cpu)};
    double cache = (double)memory->last_cache_bytes;
    double wanted = cache > 0 ? fmin(fmax(4 * cache, 64 * MEBI), 256 * MEBI) : 256 * MEBI;
    double available = (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 4;
    size_t bytes = 1;
    while (2.0 * (double)bytes <= fmin(wanted, available))
        bytes *= 2;
    char *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    madvise(base, bytes, MADV_NOHUGEPAGE); /* best effort: with huge pages the TLB would hold the chase */
    memory->base = base;
    memory->bytes = bytes;
    fill_chase(memory);
    return 0;
}

void selftest_memory_close(struct selftest_memory *memory) {
    if (memory->bytes)
        munmap(memory->base, memory->bytes);
    memory->bytes = 0;
}

uint64_t selftest_iterations(enum selftest_loop loop, bool is_long) {
    static const uint64_t short_stretch[SELFTEST_LOOPS] = {[SELFTEST_CHAIN] = 10000,
                                                           [SELFTEST_RANDOM] = 20000,
                                                           [SELFTEST_CHASE] = 20000,
                                                           [SELFTEST_WALK] = 50000,
                                                           [SELFTEST_FILL] = 50000};
    return short_stretch[loop] * (is_long ? 3 : 1);
}

#if HAVE_LOOPS
static void run_chain(uint64_t left) {
    uint64_t value = 3, step = 5;
    __asm__ volatile("1:\n\t.rept 64\n\t" CHAIN_ADD ".endr\n\t" LOOP_END
                     : [value] "+r"(value), [left] "+r"(left)
                     : [step] "r"(step)
                     : "cc");
}

/* Returns how often the branch was not taken. The state goes on from call to call: no stretch is learnt. */
static uint64_t run_random(uint64_t left) {
    static uint64_t bits = 88172645463325252u;
    uint64_t shifted = 0, fallen = 0;
    __asm__ volatile("1:\n\t" RANDOM_BODY LOOP_END
                     : [bits] "+r"(bits), [left] "+r"(left), [fallen] "+r"(fallen), [shifted] "+&r"(shifted)
                     :
                     : "cc");
    return fallen;
}

static const void *run_chase(const void *place, uint64_t left) {
    __asm__ volatile("1:\n\t" CHASE_BODY LOOP_END
                     : [place] "+r"(place), [left] "+r"(left)
                     :
                     : "cc", "memory");
    return place;
}

static void run_walk(const char *place, uint64_t left) {
    uint64_t loaded = 0;
    __asm__ volatile("1:\n\t" WALK_BODY LOOP_END
                     : [place] "+r"(place), [left] "+r"(left), [loaded] "+&r"(loaded)
                     :
                     : "cc", "memory");
}

/* Beside the address at the head of each line, which the chase follows. */
static void run_fill(char *place, uint64_t left) {
    __asm__ volatile("1:\n\t" FILL_BODY LOOP_END
                     : [place] "+r"(place), [left] "+r"(left)
                     : [value] "r"((uint64_t)1)
                     : "cc", "memory");
}

struct selftest_work selftest_run(enum selftest_loop loop, uint64_t iterations,
                                  struct selftest_memory *memory) {
    struct selftest_work work = {.iterations = iterations, .branches = iterations};
    switch (loop) {
    case SELFTEST_CHAIN:
        run_chain(iterations);
        work.instructions = iterations * CHAIN_INSTRUCTIONS;
        work.dependent_cycles = iterations * CHAIN_ADDITIONS;
        break;
    case SELFTEST_RANDOM:
        work.instructions = iterations * RANDOM_INSTRUCTIONS + run_random(iterations);
        work.branches = iterations * 2;
        break;
    case SELFTEST_CHASE:
        memory->cursor = run_chase(memory->cursor, iterations);
        work.instructions = iterations * CHASE_INSTRUCTIONS;
        break;
    default: /* a load or a store a line: as many instructions */
        if (loop == SELFTEST_FILL)
            run_fill(memory->base, iterations);
        else
            run_walk(memory->base, iterations);
        work.instructions = iterations * WALK_INSTRUCTIONS;
        break;
    }
    return work;
}
#else
struct selftest_work selftest_run(enum selftest_loop loop, uint64_t iterations,
                                  struct selftest_memory *memory) {
    (void)loop;
    (void)memory;
    return (struct selftest_work){.iterations = iterations};
}
#endif

/* Whether the chase is too big for the second-level TLB: 4096 entries hold any of today's. */
static bool exceeds_tlb(const struct selftest_memory *memory) {
    return memory->bytes / (size_t)sysconf(_SC_PAGESIZE) >= 2 * 4096;
}

/* Misses a step of the random chase: at least, at most. */
static bool chase_limits(enum counter_event event, const struct selftest_memory *memory, double *low,
                         double *high) {
    double cache = (double)memory->last_cache_bytes, bytes = (double)memory->bytes;
    switch (event) {
    case COUNTER_L1D_MISSES: /* above 1: reads of page tables go through it on some CPUs */
        *low = 0.9, *high = 2;
        return true;
    case COUNTER_L2_MISSES: /* above 1: adjacent-line prefetch, page tables */
        *low = 0.85, *high = 2.5;
        return true;
    case COUNTER_LLC_MISSES:
        /* What filling left in the cache is found there. Where its size is not told, at least some steps must
         * miss. */
        *low = cache > 0 ? 0.9 * (1 - cache / bytes) : 0.001;
        *high = 2.5;
        return cache == 0 || bytes >= 2 * cache;
    case COUNTER_DTLB_MISSES:
        *low = 0.5, *high = 1.5;
        return exceeds_tlb(memory);
    default:
        return false;
    }
}

/* Misses a line of the linear walk, which prefetching may hide altogether. */
static bool walk_limits(enum counter_event event, double *low, double *high) {
    *low = 0;
    switch (event) {
    case COUNTER_L1D_MISSES:
        *high = 1.05;
        return true;
    case COUNTER_L2_MISSES:
    case COUNTER_LLC_MISSES: /* 2: some count prefetches and demand separately */
        *high = 2;
        return true;
    case COUNTER_DTLB_MISSES: /* a page holds 64 lines; 4 times that for speculation */
        *high = 4.0 / 64;
        return true;
    default:
        return false;
    }
}

static bool cycle_limits(enum counter_event event, enum selftest_loop loop, const struct selftest_work *work,
                         double seconds, const struct sample_clock *clock, double *low, double *high) {
    if (loop != SELFTEST_CHAIN)
        return false;
    if (event == COUNTER_CYCLES) { /* at most one an instruction: an in-order core that pairs nothing */
        *low = (double)work->dependent_cycles;
        *high = (double)work->instructions;
        return true;
    }
    if (!clock->tsc)
        return false;
    /* It counts at the rate of the TSC, but only while the thread runs in user mode. */
    *high = 1.02 * seconds * clock->ticks_per_ns * 1e9;
    *low = 0.8 * *high;
    return true;
}

/* Whether a loop's steps load (or store) once each; other loops neither load nor store. */
static double accesses(enum counter_event event, enum selftest_loop loop) {
    return event == COUNTER_DATA_READS ? loop == SELFTEST_CHASE || loop == SELFTEST_WALK
                                       : loop == SELFTEST_FILL;
}

void selftest_expect(enum counter_event event, enum selftest_loop loop, const struct selftest_work *work,
                     double seconds, const struct selftest_memory *memory, const struct sample_clock *clock,
                     double *low, double *high) {
    double least = NAN, most = NAN, scale = (double)work->iterations;
    bool known = true;
    switch (event) {
    case COUNTER_INSTRUCTIONS:
        least = most = (double)work->instructions, scale = 1;
        break;
    case COUNTER_BRANCHES:
        least = most = (double)work->branches, scale = 1;
        break;
    case COUNTER_BRANCH_MISSES: /* up to 0.6: some count wrong predictions on a wrong path too */
        least = loop == SELFTEST_RANDOM ? 0.45 : 0;
        most = loop == SELFTEST_RANDOM ? 0.6 : 0.02;
        break;
    case COUNTER_DATA_READS:
    case COUNTER_DATA_WRITES:
        least = accesses(event, loop);
        most = least > 0 ? least : 0.02;
        break;
    case COUNTER_CYCLES:
    case COUNTER_REFERENCE_CYCLES:
        known = cycle_limits(event, loop, work, seconds, clock, &least, &most), scale = 1;
        break;
    default:
        known = loop == SELFTEST_CHASE  ? chase_limits(event, memory, &least, &most)
                : loop == SELFTEST_WALK ? walk_limits(event, &least, &most)
                                        : false;
    }
    *low = known ? least * scale : NAN;
    *high = known ? most * scale : NAN;
}
