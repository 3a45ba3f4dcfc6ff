/* State of the byte-counts kernel: bytes, and how often each value occurs. */
#ifndef BYTE_COUNTS_H
#define BYTE_COUNTS_H

#include <countersign.h>

#define VALUES 256
#define TABLES 4

/** Of the variants, by their order in the descriptor. */
enum { VARIANT_ONE, VARIANT_FOUR, VARIANTS };

struct table {
    uint32_t counts[VALUES];
};

/** Everything a run reads. */
struct byte_counts {
    unsigned char *bytes; /**< n */
    size_t n;
    uint32_t *counts;                 /**< the answer: VALUES */
    struct table *tables;             /**< four: TABLES of them */
    uint64_t runs[VARIANTS];          /**< since setup */
    uint64_t longest_chain[VARIANTS]; /**< of one run: most increments that one counter gets */
    uint64_t seed;                    /**< for check */
    uint32_t skewed;                  /**< for check: percent of the bytes that are the frequent value */
};

void run_one(void *state);
void run_four(void *state);
int prepare_four(const struct cs_env *env, void *state);

#endif
