/* State of the common-elements kernel: pairs of lists of ids, and the ids that are in both. */
#ifndef COMMON_ELEMENTS_H
#define COMMON_ELEMENTS_H

#include <countersign.h>

/** Two lists of n ids each, all of a list different, in no order. */
struct lists {
    uint32_t *first, *second; /**< of all pairs in turn: pair p is n ids from p * n on */
    size_t n;
    size_t pairs;   /**< of one run */
    size_t windows; /**< of `pairs` pairs each, before the first comes again */
    size_t next;    /**< window of the next run */

    uint32_t *common;      /**< answer: for each pair, from p * n on, its common ids in any order */
    uint32_t *found;       /**< answer: how many each pair has */
    size_t common_of_pair; /**< how many each pair does have */
    uint32_t *expected;    /**< for check: the common ids of each pair of each window, ascending */

    uint32_t *slots; /**< hash: open addressing, 2^(32 - slot_shift) slots, LISTS_EMPTY where none is */
    unsigned slot_shift;

    uint32_t *sorted_first, *sorted_second; /**< merge: n ids each */

    uint64_t *bits; /**< bitmap: a bit an id that could be; all 0 between pairs */
    unsigned id_bits;
};

/** No id: ids have 30 bits at the most. */
#define LISTS_EMPTY UINT32_MAX

/** What a variant does with a pair: writes the common ids to `common` and returns how many there are. */
typedef size_t lists_intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                               uint32_t *common);

/**
 * The pairs of this run, which change from run to run. `intersect` is given by name to an inlined function, so
 * that no call through a pointer is left.
 */
__attribute__((always_inline)) static inline void lists_run(struct lists *lists, lists_intersect *intersect) {
    size_t start = cs_window(&lists->next, 1, lists->windows) * lists->pairs * lists->n;
    for (size_t pair = 0; pair < lists->pairs; pair++) {
        size_t at = pair * lists->n;
        lists->found[pair] = (uint32_t)intersect(lists, lists->first + start + at, lists->second + start + at,
                                                 lists->common + at);
    }
}

void run_nested(void *state);
int prepare_hash(const struct cs_env *env, void *state);
void run_hash(void *state);
int prepare_merge(const struct cs_env *env, void *state);
void run_merge(void *state);
int prepare_bitmap(const struct cs_env *env, void *state);
void run_bitmap(void *state);

/** qsort's comparison of ids. */
int lists_compare(const void *left, const void *right);

#endif
