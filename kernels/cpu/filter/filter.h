/* State of the filter kernel: values, of which those below a bound are copied. */
#ifndef FILTER_H
#define FILTER_H

#include <countersign.h>

struct filter {
    uint32_t bound; /**< values below it are kept */
    uint32_t *pool; /**< pool_size values, a whole number of windows */
    size_t pool_size;
    size_t n;       /**< values of one run: a window */
    size_t next;    /**< where in the pool the next run's window starts */
    uint32_t *kept; /**< those below the bound, in their order; room for n + 1 */
    uint64_t count; /**< how many those are */
    size_t share;   /**< how many those are, by setup: the same in every window */
};

/** The values of this run: the window moves on, because a branch predictor learns values that come again. */
static inline const uint32_t *filter_take_window(struct filter *filter) {
    return filter->pool + cs_window(&filter->next, filter->n, filter->pool_size);
}

void run_branch(void *state);
void run_branchless(void *state);

#endif
