/* State of the sorted-search-batch kernel: sorted keys, and a batch of queries. */
#ifndef SORTED_SEARCH_BATCH_H
#define SORTED_SEARCH_BATCH_H

#include <countersign.h>

/** The answer to a query is how many keys are below it. */
struct searches {
    uint32_t *keys; /**< n keys, ascending */
    size_t n;
    uint32_t *pool; /**< pool_size queries, a whole number of batches */
    size_t pool_size;
    size_t batch;      /**< queries of one run */
    size_t next;       /**< where in the pool the next run's batch starts */
    uint32_t *answers; /**< of the last run's batch */
    uint32_t stride;   /**< key i is in [i * stride, (i + 1) * stride) */

    uint64_t *unsorted, *spare; /**< sorted: a batch of queries, each with its place in the batch */
};

/** The queries of this run; other ones each time, so that no run finds the keys that the one before it read. */
static inline const uint32_t *searches_take_batch(struct searches *searches) {
    return searches->pool + cs_window(&searches->next, searches->batch, searches->pool_size);
}

void run_single(void *state);
void run_interleaved(void *state);
int prepare_sorted(const struct cs_env *env, void *state);
void run_sorted(void *state);

#endif
