/* State of the memory-level-parallelism kernel: chains of cache lines, and where walks along them begin. */
#ifndef MEMORY_LEVEL_PARALLELISM_H
#define MEMORY_LEVEL_PARALLELISM_H

#include <countersign.h>

/** One cache line, which says which one is next. */
struct line {
    struct line *next;
    uint64_t rest[7];
};

/** Most chains that are walked at once. */
#define MOST_CHAINS 16

struct walks {
    struct line *lines;         /**< n of them, in one circle of random order */
    size_t n;                   /**< lines */
    uint32_t *circle;           /**< numbers of the lines in the order of the circle, for setup and check */
    unsigned chains;            /**< walks of a run, a power of two */
    size_t hops;                /**< of each walk */
    uint32_t *starts;           /**< places in the circle at which walks begin, WALKS of them */
    struct line **first;        /**< the lines that are there */
    size_t next;                /**< where in `first` the next run's walks are */
    uint32_t ends[MOST_CHAINS]; /**< numbers of the lines that the last run's walks came to */
};

/** Walks before the first one comes again, however many a run takes: enough to come by most of 64 MiB. */
#define WALKS 4096

/** The first lines of this run's walks; other ones each time. */
static inline struct line **next_walks(struct walks *walks) {
    return walks->first + cs_window(&walks->next, walks->chains, WALKS);
}

/** Calls walk(walks, chains) with `chains` as a constant, so that each walk has a register of its own. */
#define WITH_CONSTANT_CHAINS(walks, walk)                                                                    \
    switch ((walks)->chains) {                                                                               \
        WITH_CHAINS(walks, walk, 1)                                                                          \
        WITH_CHAINS(walks, walk, 2)                                                                          \
        WITH_CHAINS(walks, walk, 4)                                                                          \
        WITH_CHAINS(walks, walk, 8)                                                                          \
        WITH_CHAINS(walks, walk, 16)                                                                         \
    }
#define WITH_CHAINS(walks, walk, count)                                                                      \
    case count:                                                                                              \
        walk((walks), count);                                                                                \
        break;

void run_one(void *state);
void run_interleaved(void *state);
void run_prefetched(void *state);

#endif
