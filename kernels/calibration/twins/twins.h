/*
 * What the files of `twins` share. A kind of work is
 *     one row of TWINS_KINDS                 its name,
 *     run_NAME in a group's header           the timed text, compiled once in each variant's file,
 *     twins_NAME in the group's source file  inputs, and the answer by another way.
 */
#ifndef TWINS_H
#define TWINS_H

#include <countersign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Every kind: name in C, name as a choice. In the order of the choices. */
#define TWINS_KINDS(KIND)                                                                                    \
    KIND(placement, "placement")                                                                             \
    KIND(copy_far, "copy-far")                                                                               \
    KIND(string, "string")                                                                                   \
    KIND(fill, "fill")                                                                                       \
    KIND(list, "list")                                                                                       \
    KIND(forwarding, "forwarding")                                                                           \
    KIND(dead_code, "dead-code")                                                                             \
    KIND(helper, "helper")                                                                                   \
    KIND(indirect, "indirect")                                                                               \
    KIND(interpreter, "interpreter")                                                                         \
    KIND(sort, "sort")                                                                                       \
    KIND(hash, "hash")                                                                                       \
    KIND(skewed, "skewed")                                                                                   \
    KIND(heap_history, "heap-history")                                                                       \
    KIND(warm_up, "warm-up")                                                                                 \
    KIND(per_thread, "thread-local")                                                                         \
    KIND(atomic, "atomic")                                                                                   \
    KIND(latency, "latency")                                                                                 \
    KIND(division, "division")                                                                               \
    KIND(pread, "pread")                                                                                     \
    KIND(write, "write")                                                                                     \
    KIND(calls, "calls")

enum twins_id {
#define KIND(id, name) TWINS_##id,
    TWINS_KINDS(KIND)
#undef KIND
        TWINS_COUNT
};

struct twins_state;

/** What a kind needs beside its text. */
struct twins_kind {
    size_t steps;      /**< of a run: 5 to 20 us */
    size_t step_bytes; /**< of random input that a step reads */
    size_t windows;    /**< inputs of so many runs before they come again; prime; 0: `start` says */
    /** NULL, or: makes state->own. 0, or -errno as by cs_fail with nothing left behind but arrays. */
    int (*start)(struct twins_state *state, const struct cs_env *env);
    void (*stop)(struct twins_state *state);   /**< NULL, or: undoes what `start` did beside arrays */
    void (*poison)(struct twins_state *state); /**< NULL, or: spoils what a run leaves beside the answer */
    /** The answer of the run over state->last_window, not by the text of the variants. */
    uint64_t (*expect)(const struct twins_state *state);
};

/** One point. */
struct twins_state {
    enum twins_id id;
    const struct twins_kind *kind;
    uint64_t seed;
    size_t bytes; /**< of memory that copy-far goes through, a power of two */
    size_t steps;
    size_t windows;             /**< prime, so that samples of any number of runs meet all of them */
    size_t window, last_window; /**< of the next run, of the run before */
    unsigned char *input;       /**< of all windows, one after the other */
    uint64_t answer;
    uint64_t steps_done; /**< since setup */
    void *own;           /**< what the kind's `start` made */
};

#define KIND(id, name) extern const struct twins_kind twins_##id;
TWINS_KINDS(KIND)
#undef KIND

/** Input of a window; the next window's follows. */
static inline const unsigned char *twins_input(const struct twins_state *state, size_t window) {
    return state->input + window * state->kind->steps * state->kind->step_bytes;
}

static inline uint64_t twins_load64(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint32_t twins_load32(const unsigned char *bytes) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/** Spreads a word over all its bits: the finalizer of SplitMix64, a bijection without a fixed structure. */
static inline uint64_t twins_mix(uint64_t word) {
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

/** The largest prime number up to `most`, at least 1. */
size_t twins_prime_below(size_t most);

void run_base(void *state);
void run_same(void *state);

#endif
