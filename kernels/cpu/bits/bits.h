/* State of the bits kernel: words of a bitmap, and how many of their bits are set. */
#ifndef BITS_H
#define BITS_H

#include <countersign.h>

struct bits {
    uint64_t *pool; /**< pool_size words, a whole number of windows */
    size_t pool_size;
    size_t n;       /**< words of one run: a window */
    size_t next;    /**< where in the pool the next run's window starts */
    uint64_t total; /**< bits set in the last run's words */

    uint8_t *table; /**< table: bits set in each of 256 bytes */
};

/** The words of this run: the window moves on, because a branch predictor learns words that come again. */
static inline const uint64_t *bits_take_window(struct bits *bits) {
    return bits->pool + cs_window(&bits->next, bits->n, bits->pool_size);
}

/** A variant of its own for each way to count the bits of one word. */
#define BITS_RUN(run, count)                                                                                 \
    void run(void *state) {                                                                                  \
        struct bits *bits = state;                                                                           \
        const uint64_t *words = bits_take_window(bits);                                                      \
        uint64_t total = 0;                                                                                  \
        size_t n = bits->n;                                                                                  \
        for (size_t i = 0; i < n; i++)                                                                       \
            total += count(words[i]);                                                                        \
        bits->total = total;                                                                                 \
    }

void run_shift(void *state);
void run_clear(void *state);
void run_parallel(void *state);
void run_popcount(void *state);

int prepare_table(const struct cs_env *env, void *state);
void run_table(void *state);

#endif
