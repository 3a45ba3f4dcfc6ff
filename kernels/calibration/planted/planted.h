/* What the variants of `planted` share: one state, in which each variant finds how much work it does. */
#ifndef PLANTED_H
#define PLANTED_H

#include <stddef.h>
#include <stdint.h>

/** What limits the work, in the order of the choices. */
enum planted_kind {
    PLANTED_CORE,       /**< a chain of multiplications, each waiting for the one before */
    PLANTED_L1,         /**< sums over an array that stays in the first cache */
    PLANTED_L2,         /**< a chase through lines of memory that stay in the second cache */
    PLANTED_DRAM,       /**< a chase through lines of memory, none of them cached */
    PLANTED_BRANCHY,    /**< branches on random bytes, half of them predicted wrong */
    PLANTED_SYSCALL,    /**< calls of the kernel that do next to nothing */
    PLANTED_COPY,       /**< copies of pieces that stay in the first cache */
    PLANTED_ALLOCATION, /**< small blocks allocated, and freed some steps later */
    PLANTED_OPENMP,     /**< the chain of PLANTED_CORE in every thread of a parallel region */
    PLANTED_KINDS
};

/** Differences: none, 0.1, 0.25, 0.5, 1, 2, 3 and 5 %. */
#define PLANTED_SIZES 8

/** Multiplier of the chain: odd, so that it has an inverse modulo 2^64. */
#define PLANTED_MULTIPLIER 0x9e3779b97f4a7c15u

#define PLANTED_GROUP 8    /**< words added in one step: a line */
#define PLANTED_GROUPS 256 /**< in the array: 16 KiB, within any L1 data cache */

#define PLANTED_PIECES 16 /**< places that are copied from and to, in turn */
#define PLANTED_WORDS 128 /**< of a piece: 1 KiB */
/** Blocks that are allocated at any time: few enough that glibc keeps all it got back at hand, in its cache
 * of a thread (seven of a size). */
#define PLANTED_LIVE 4

/** A line of memory of its own; the chase goes through all of them before it comes back. */
struct planted_line {
    const struct planted_line *next;
    char rest[64 - sizeof(void *)];
};

/**
 * Work of one size in one window. A step more begins one step earlier, and all sizes end in the same place:
 * `start` is worked out beforehand so that the answer is the same for every size and wrong for anybody who
 * leaves out a step. Where a run is too short for a whole step more in each, some windows have one: all of
 * them together have as many more as the size says.
 */
struct planted_window {
    uint64_t start; /**< the value or place to begin with */
    size_t more;    /**< steps beyond those of size 0 */
};

/** Pieces; a step copies one to its place in the target. */
struct planted_copy {
    uint64_t source[PLANTED_PIECES][PLANTED_WORDS];
    uint64_t target[PLANTED_PIECES][PLANTED_WORDS];
};

/**
 * One point. Runs take one window of the data after the other, so that neither caches nor branch predictors
 * meet what they saw a run ago; kinds for which that does not matter have one window.
 */
struct planted_state {
    enum planted_kind kind;
    unsigned threads;
    size_t steps;           /**< of a run of size 0 */
    size_t window, windows; /**< of the next run; how many there are */
    size_t last_window;     /**< of the run before */
    uint64_t answer;
    uint64_t steps_done; /**< since setup */
    const uint64_t *words;
    const unsigned char *bytes;
    size_t bytes_stride; /**< bytes from one window to the next */
    size_t bytes_lead;   /**< of the first window's `steps` of size 0: room for the steps more before it */
    const struct planted_line *lines;
    struct planted_copy *copy;
    uint64_t line_mask;  /**< lines - 1 */
    uint64_t multiplier; /**< of the order of lines: next = multiplier * line + addend */
    uint64_t addend;     /**< odd */
    char far[64]; /**< puts every work beyond 127 bytes, so that all variants' instructions are as long */
    struct planted_window *work[PLANTED_SIZES]; /**< of each size, by window */
};

void run_base(void *state);
void run_same(void *state);
void run_plus_0_1(void *state);
void run_plus_0_25(void *state);
void run_plus_0_5(void *state);
void run_plus_1(void *state);
void run_plus_2(void *state);
void run_plus_3(void *state);
void run_plus_5(void *state);

#endif
