#include "lookup.h"

/*
 * All eight ids of a bucket are compared, by vectors and without a branch, and the place of the one that matches is what is
 * left. gcc 12 would unroll the loop first, and then see no loop to vectorize.
 */
static uint32_t place_in(const struct lookup_bucket *bucket, uint32_t id) {
    uint32_t place = 0;
#ifndef __clang__
#pragma GCC unroll 1
#endif
    for (size_t i = 0; i < LOOKUP_BUCKET; i++)
        place |= bucket->places[i] & -(uint32_t)(bucket->ids[i] == id);
    return place;
}

/*
 * One bucket is looked at, but for those that are full and do not have the id. Found or not there is one branch, which hardly
 * ever goes the other way: by arithmetic, as compilers make two of `||`, and of `|` as well. No place, less 1, is LOOKUP_NONE.
 */
static uint32_t find(const struct lookup_bucket *buckets, unsigned shift, uint32_t id) {
    size_t mask = SIZE_MAX >> shift;
    for (size_t i = lookup_home_slot(id, shift);; i = (i + 1) & mask) {
        uint64_t place = place_in(&buckets[i], id), last = buckets[i].places[LOOKUP_BUCKET - 1];
        uint64_t not_full = (last - 1) >> 32; /* 0, or all ones where the last slot is empty */
        if (place | not_full)
            return (uint32_t)place - 1;
    }
}

void run_buckets(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup->buckets, lookup->bucket_shift, queries[i]);
}

int prepare_buckets(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    unsigned bits = 1;
    while (((size_t)LOOKUP_BUCKET << bits) < 2 * lookup->n)
        bits++;
    lookup->bucket_shift = 64 - bits;
    size_t mask = SIZE_MAX >> lookup->bucket_shift;
    lookup->buckets = cs_array(env, "buckets", mask + 1, struct lookup_bucket);
    for (size_t i = 0; i < lookup->n; i++) {
        size_t at = lookup_home_slot(lookup->ids[i], lookup->bucket_shift), slot = 0;
        while (lookup->buckets[at].places[LOOKUP_BUCKET - 1])
            at = (at + 1) & mask;
        while (lookup->buckets[at].places[slot])
            slot++;
        lookup->buckets[at].ids[slot] = lookup->ids[i];
        lookup->buckets[at].places[slot] = (uint32_t)i + 1;
    }
    return 0;
}
