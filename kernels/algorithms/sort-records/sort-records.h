/* State of the sort-records kernel: records, and where they are sorted to. */
#ifndef SORT_RECORDS_H
#define SORT_RECORDS_H

#include <countersign.h>

/** Sorted by key, and records of one key by id. The value is what moves along. */
struct record {
    uint32_t key, id;
    uint64_t value;
};

/** A run sorts `lists` lists of n records each, from `input` to `sorted`. Ids of a list are 0, 1, 2, …, n - 1. */
struct records {
    struct record *input; /**< windows * lists * n */
    size_t n;
    size_t lists;
    size_t windows; /**< before the first comes again */
    size_t next;    /**< window of the next run */
    struct record *sorted;

    struct record *merge_spare; /**< inlined: n records */
    struct record *radix_spare; /**< radix: n records */
};

/** How a variant sorts one list: from `input` to `sorted`, with what the state has for it. */
typedef void records_sort(const struct records *records, const struct record *input, struct record *sorted);

/**
 * The lists of this run, which change from run to run. `sort` is given by name to an inlined function, so that no
 * call through a pointer is left.
 */
__attribute__((always_inline)) static inline void records_run(struct records *records, records_sort *sort) {
    const struct record *input =
        records->input + cs_window(&records->next, 1, records->windows) * records->lists * records->n;
    for (size_t list = 0; list < records->lists; list++)
        sort(records, input + list * records->n, records->sorted + list * records->n);
}

void run_callback(void *state);
int prepare_inlined(const struct cs_env *env, void *state);
void run_inlined(void *state);
int prepare_radix(const struct cs_env *env, void *state);
void run_radix(void *state);

#endif
