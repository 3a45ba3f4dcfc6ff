/*
 * Counts what code of this process asks of malloc and its like. For a process that measures memory and nothing else:
 * a call takes longer while it is counted.
 */
#ifndef WORKER_ALLOCATIONS_H
#define WORKER_ALLOCATIONS_H

#include <stdint.h>

struct allocations {
    uint64_t calls; /**< of malloc, calloc, realloc, reallocarray, aligned_alloc, posix_memalign, memalign */
    int64_t
        bytes; /**< of blocks taken and not freed, as malloc_usable_size(3) has them; below 0 where older ones
                             were freed */
    int64_t most_bytes; /**< the most that `bytes` was */
};

/**
 * From now on, calls from every object that is loaded, but the program itself, come here first: entries of their
 * global offset tables are written over. Call it again for objects that were loaded since. Memory that code maps
 * by itself, or that an allocator of its own takes, is not seen. 0, or -ENOTSUP where tables of this architecture are
 * not known.
 */
int allocations_watch(void);

/** What was counted until now. */
void allocations_read(struct allocations *allocations);

/** Begins the most bytes anew, with those there are. */
void allocations_forget_most(void);

#endif
