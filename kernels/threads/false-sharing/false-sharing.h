/* State of the false-sharing kernel: events of several kinds, which threads count each for itself. */
#ifndef FALSE_SHARING_H
#define FALSE_SHARING_H

#include <countersign.h>

/** The counts of all threads, one thread's after another's. */
struct counts {
    uint64_t *of;    /**< count of kind k by thread t: of[t * stride + k] */
    size_t stride;   /**< counts from one thread to the next */
    uint8_t *shared; /**< of each count, by t * kinds + k: 1 if another thread writes to its cache line */
};

struct tally {
    const uint8_t *events; /**< n kinds, below `kinds` */
    size_t n, kinds;
    unsigned threads;
    struct counts side_by_side, padded;
    uint64_t *totals;       /**< kinds: the answer */
    uint64_t shared_stores; /**< increments of counts on a shared line, of all runs */
    uint64_t seed;          /**< for check */
};

/** Of one event. */
#define MOST_KINDS 256

/** Bytes that are one thread's alone: two lines, since some processors fetch lines in pairs. */
#define APART ((size_t)2 * CS_LINE)

/** Of all variants: an increment in memory for each event. */
static inline void count_events(uint64_t *counts, const uint8_t *events, size_t n) {
    for (size_t i = 0; i < n; i++)
        counts[events[i]]++;
}

/** Where the events of thread `t` begin. */
static inline size_t part_start(const struct tally *tally, unsigned t) {
    return tally->n * t / tally->threads;
}

int prepare_counts(const struct cs_env *env, struct tally *tally, struct counts *counts, size_t stride);
void add_up(struct tally *tally, const struct counts *counts);

int prepare_side_by_side(const struct cs_env *env, void *state);
void run_side_by_side(void *state);
int prepare_padded(const struct cs_env *env, void *state);
void run_padded(void *state);
void run_local(void *state);

#endif
