/*
 * Calls of a function as a program made them: the sample that is kept of them, and the file that it is written to. What the
 * file looks like, docs/DUEL.md tells ("Recorded inputs").
 */
#ifndef RECORD_RECORDING_H
#define RECORD_RECORDING_H

#include "base/problem.h"
#include "compile/signature.h"
#include "countersign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDING_TEXT 1500

/** Elements of an array that was a null pointer. */
#define RECORDING_NULL UINT64_MAX

/** One call that is kept. */
struct recorded_call {
    uint64_t number; /**< among all calls, from 0 on */
    uint64_t priority;
    size_t size;
    unsigned char *bytes; /**< parameter by parameter: see recording_layout */
};

/**
 * A sample of calls in which each call is with the same probability, whenever it comes and however large it is: every
 * call draws a priority, and those below a threshold are kept. The threshold falls as the limits are met.
 */
struct recording {
    struct recorded_call *calls; /* a heap: the largest priority first */
    size_t count, room;
    uint64_t bytes;
    uint64_t most_bytes, most_calls;
    uint64_t seen;                  /**< calls that were made */
    uint64_t too_large, unreadable; /**< of these, those that were left out whatever they drew */
    uint64_t threshold;
    struct cs_random random;
};

/** Starts one; `seed` decides what is drawn. Clear it in the end. */
void recording_start(struct recording *recording, uint64_t most_bytes, uint64_t most_calls, uint64_t seed);

/** Counts a call, and draws its priority. Returns whether it is kept: then recording_keep is to follow. */
bool recording_draw(struct recording *recording, uint64_t *priority);

/** Keeps the call that was drawn last. Takes `bytes` over (from malloc), in any case. Returns 0 or -ENOMEM. */
int recording_keep(struct recording *recording, uint64_t priority, unsigned char *bytes, size_t size);

void recording_clear(struct recording *recording);

/** What a file tells of its calls. */
struct recording_facts {
    char function[2 * SIGNATURE_NAME];
    char types[RECORDING_TEXT];   /**< "size_t f(const uint32_t *p, size_t n)" */
    char program[RECORDING_TEXT]; /**< command line */
    uint64_t layout;              /**< recording_layout of its function */
    uint64_t seen, saved, too_large, unreadable, seed;
    uint64_t bytes;  /**< of all calls, behind the head */
    uint64_t digest; /**< hash_bytes of them, on top of that of the head */
    uint64_t offset; /**< where they begin in the file */
};

/**
 * A key of how bytes of a call are read: each value takes its size; each pointer a count of elements of 8 bytes, which is
 * RECORDING_NULL for null, and the elements.
 */
uint64_t recording_layout(const struct signature *signature);

/**
 * Sorts the calls by their numbers, and writes them. `facts` has function, types, program, layout and seed; the rest is
 * filled. Returns 0 or -errno with the problem.
 */
int recording_save(struct recording *recording, struct recording_facts *facts, const char *path,
                   struct problem *problem);

/**
 * Reads the head of a file, and checks its bytes: that all are there, and are those that were written. Returns 0,
 * -EINVAL with the problem where it is no recording or a damaged one, or another -errno with the problem.
 */
int recording_read(const char *path, struct recording_facts *facts, struct problem *problem);

/**
 * Whether these calls are ones of a function. Returns 0, or -EINVAL with the problem, which names both.
 */
int recording_fits(const struct recording_facts *facts, const struct signature *signature, const char *path,
                   struct problem *problem);

#endif
