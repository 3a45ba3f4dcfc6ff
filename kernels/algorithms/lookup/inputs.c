#include "inputs.h"

#include <string.h>

/* MurmurHash3's 32-bit finalizer (Appleby, public domain): each step is invertible, so the whole is. */
uint32_t lookup_id(uint32_t key, uint32_t index) {
    uint32_t x = index ^ key;
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    x *= 0xc2b2ae35u;
    x ^= x >> 16;
    return x;
}

/* The multipliers are the inverses of the two above modulo 2^32. */
uint32_t lookup_index(uint32_t key, uint32_t id) {
    uint32_t x = id;
    x ^= x >> 16;
    x *= 0x7ed1b41du;
    x ^= (x >> 13) ^ (x >> 26);
    x *= 0xa5cb9243u;
    x ^= x >> 16;
    return x ^ key;
}

/* Radix sort, 16 bits a pass, of ids in the upper and indices in the lower half; qsort takes a second for
 * millions. */
void lookup_sort(const struct cs_env *env, const struct lookup *lookup, uint32_t *sorted, uint32_t *indices) {
    size_t n = lookup->n;
    uint64_t *pairs = cs_array(env, "ids being sorted", 2 * n, uint64_t), *from = pairs, *to = pairs + n;
    uint32_t *start = cs_array(env, "counts of digits", 65536 + 1, uint32_t);
    for (size_t i = 0; i < n; i++)
        from[i] = (uint64_t)lookup->ids[i] << 32 | i;
    for (unsigned shift = 32; shift < 64; shift += 16) {
        memset(start, 0, (65536 + 1) * sizeof *start);
        for (size_t i = 0; i < n; i++)
            start[(from[i] >> shift & 0xffff) + 1]++;
        for (size_t digit = 0; digit < 65536; digit++)
            start[digit + 1] += start[digit];
        for (size_t i = 0; i < n; i++)
            to[start[from[i] >> shift & 0xffff]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (uint32_t)(from[i] >> 32);
        indices[i] = (uint32_t)from[i];
    }
    cs_free(env, start);
    cs_free(env, pairs);
}

/* An index in [0, n) for the k-th of `hits` hits: one from each of `hits` equal shares of the array. */
static uint32_t draw_stratified(struct cs_random *random, size_t k, size_t hits, size_t n) {
    size_t index = (size_t)(((double)k + cs_random_unit(random)) / (double)hits * (double)n);
    return (uint32_t)(index < n ? index : n - 1);
}

void lookup_draw_queries(struct lookup *lookup, struct cs_random *random, unsigned hit_percent) {
    size_t size = lookup->window_size;
    uint32_t absent = UINT32_MAX - (uint32_t)lookup->n;
    for (size_t start = 0; start < lookup->pool_size; start += size) {
        size_t hits = (start + size) * hit_percent / 100 - start * hit_percent / 100;
        uint32_t *window = lookup->pool + start;
        for (size_t k = 0; k < size; k++) {
            uint32_t index = k < hits ? draw_stratified(random, k, hits, lookup->n)
                                      : (uint32_t)lookup->n + cs_random_below(random, absent);
            window[k] = lookup_id(lookup->key, index);
        }
        cs_random_shuffle(random, window, size);
    }
}
