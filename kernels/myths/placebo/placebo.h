/* State of the placebo kernel: numbers, and a hash of all of them. */
#ifndef PLACEBO_H
#define PLACEBO_H

#include <countersign.h>

struct placebo {
    uint32_t *pool; /**< pool_size numbers, a whole number of windows */
    size_t pool_size;
    size_t n;    /**< numbers of one run: a window */
    size_t next; /**< where in the pool the next run's window starts */
    uint64_t hash;
    uint32_t odd;     /**< how many numbers are odd */
    uint32_t *picked; /**< those, in their order; room for n */
};

/** The numbers of this run: the window moves on, as in the other kernels. */
static inline const uint32_t *placebo_take_window(struct placebo *placebo) {
    return placebo->pool + cs_window(&placebo->next, placebo->n, placebo->pool_size);
}

void run_one(void *state);
void run_other(void *state);

#endif
