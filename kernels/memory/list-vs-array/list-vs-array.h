/* State of the list-vs-array kernel: one sequence of numbers in four layouts, walked a stretch at a time. */
#ifndef LIST_VS_ARRAY_H
#define LIST_VS_ARRAY_H

#include <countersign.h>

/** A node of a list in one block. */
struct node {
    struct node *next;
    uint64_t value;
};

/** A node as malloc gives it: 16 bytes asked for, 32 from one block to the next (glibc). */
struct scattered {
    struct node node;
    uint64_t allocator[2];
};

/** Numbers of a node of the unrolled list: two cache lines with the link and the count. */
#define UNROLLED_VALUES 14
struct unrolled {
    struct unrolled *next;
    size_t count;
    uint64_t values[UNROLLED_VALUES];
};

struct sequence {
    const uint64_t *values; /**< n numbers, for prepare; no run reads them */
    size_t n;
    size_t length; /**< numbers of a stretch, which is what a run walks; n is a whole number of them */
    size_t next;   /**< where the next run's stretch starts */
    const uint32_t
        *shuffle; /**< n places in random order: where nodes lie that were taken and given back for a while */
    uint64_t total; /**< of the last run's stretch */

    /** Of a variant each: where stretches begin, n / length of them, and the numbers of `array`. */
    struct node **scattered, **pooled;
    struct unrolled **unrolled;
    uint64_t *array;
};

/** Number of the stretch that this run walks; another one each time. */
static inline size_t next_stretch(struct sequence *sequence) {
    return cs_window(&sequence->next, sequence->length, sequence->n) / sequence->length;
}

/** The sum of `count` nodes. */
static inline uint64_t walk(const struct node *node, size_t count) {
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += node->value;
        node = node->next;
    }
    return total;
}

void run_list(void *state);
int prepare_list(const struct cs_env *env, void *state);
void run_pooled(void *state);
int prepare_pooled(const struct cs_env *env, void *state);
void run_unrolled(void *state);
int prepare_unrolled(const struct cs_env *env, void *state);
void run_array(void *state);
int prepare_array(const struct cs_env *env, void *state);

#endif
