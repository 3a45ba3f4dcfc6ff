/* State of the top-k kernel: values, and the largest of them. */
#ifndef TOP_K_H
#define TOP_K_H

#include <countersign.h>

struct top {
    uint32_t *values; /**< windows * n */
    size_t n;         /**< values of one run */
    size_t k;         /**< largest ones that are wanted, n at the most */
    size_t windows;   /**< before the first comes again */
    size_t next;      /**< window of the next run */
    uint32_t *answer; /**< the k largest values, in any order */

    uint32_t *expected;    /**< for check: the k largest of each window, ascending */
    uint32_t *sort_copy;   /**< sort: n values */
    uint32_t *select_copy; /**< select: n values */
};

/** The values of this run, which a predictor has not seen lately. */
static inline const uint32_t *top_take_window(struct top *top) {
    return top->values + cs_window(&top->next, 1, top->windows) * top->n;
}

/** Two parts of values: up to `left` none is above the pivot, from `right` on none below it, between are pivots. */
struct top_parts {
    ptrdiff_t left, right;
};

static inline uint32_t top_median(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c < high ? c : high;
}

/**
 * Splits values[low] to values[high] at the median of three (C. A. R. Hoare, "Quicksort", Computer Journal 5, 1962).
 * Not of the outermost, where splits leave former pivots: those halve a part badly. By pointers: of indices compilers
 * keep both.
 */
static inline struct top_parts top_split(uint32_t *values, ptrdiff_t low, ptrdiff_t high) {
    ptrdiff_t quarter = (high - low) / 4;
    uint32_t pivot =
        top_median(values[low + quarter], values[low + (high - low) / 2], values[high - quarter]);
    uint32_t *i = values + low, *j = values + high;
    while (i <= j) {
        while (*i < pivot)
            i++;
        while (*j > pivot)
            j--;
        if (i <= j) {
            uint32_t swap = *i;
            *i++ = *j;
            *j-- = swap;
        }
    }
    return (struct top_parts){j - values, i - values};
}

int prepare_sort(const struct cs_env *env, void *state);
void run_sort(void *state);
void run_heap(void *state);
int prepare_select(const struct cs_env *env, void *state);
void run_select(void *state);

#endif
