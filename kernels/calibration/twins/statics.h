/* Timed text of the kinds with state of their file: what one variant keeps, the other does not see. */
#include "statics_state.h"

#include <stdatomic.h>
#include <stdlib.h>

static struct twins_block *grown[TWINS_BLOCKS];

/*
 * A list on the heap, built at the first call among blocks that are freed again in random order. Where its
 * nodes lie depends on what the heap was used for before, the other variant's list included.
 */
static __attribute__((noinline)) int grow_list(uint64_t seed) {
    struct cs_random random = cs_random_seed(seed);
    void *between[TWINS_BLOCKS];
    uint32_t order[TWINS_BLOCKS];
    int whole = 1;
    for (uint32_t i = 0; i < TWINS_BLOCKS; i++) {
        order[i] = i;
        between[i] = malloc(sizeof **grown);
        grown[i] = malloc(sizeof **grown);
        whole = whole && between[i] && grown[i];
    }
    for (uint32_t i = 0; whole && i < TWINS_BLOCKS; i++)
        *grown[i] = (struct twins_block){.next = grown[(i + 1) % TWINS_BLOCKS], .value = twins_mix(i + 1)};
    cs_random_shuffle(&random, order, TWINS_BLOCKS);
    for (size_t i = 0; i < TWINS_BLOCKS; i++)
        free(between[order[i]]);
    return whole;
}

/* When the module is unloaded. */
static __attribute__((destructor)) void free_list(void) {
    for (size_t i = 0; i < TWINS_BLOCKS; i++)
        free(grown[i]);
}

TIMED run_heap_history(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    if (!grown[0] && !grow_list(state->seed))
        return 0;
    const struct twins_block *block = grown[twins_load32(input) % TWINS_BLOCKS];
    for (size_t i = 0; i < steps; i++, block = block->next)
        total = (total << 1 | total >> 63) + block->value;
    return total;
}

static uint64_t table_of_checksums[256];

/* At the first call, as many libraries do. */
static __attribute__((noinline)) void fill_table_of_checksums(void) {
    for (uint64_t byte = 0; byte < 256; byte++) {
        uint64_t rest = byte;
        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (TWINS_POLYNOMIAL & -(rest & 1));
        table_of_checksums[byte] = rest;
    }
}

TIMED run_warm_up(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t rest = ~UINT64_C(0);
    (void)state;
    if (!table_of_checksums[1])
        fill_table_of_checksums();
    for (size_t i = 0; i < steps; i++)
        rest = table_of_checksums[(rest ^ input[i]) & 255] ^ rest >> 8;
    return ~rest;
}

/* Counts of each byte, in four tables so that equal neighbours do not wait for each other. */
TIMED run_per_thread(const struct twins_state *state, const unsigned char *input, size_t steps) {
    static _Thread_local uint32_t counts[4][256];
    uint64_t total = 0;
    (void)state;
    memset(counts, 0, sizeof counts);
    size_t i = 0;
    for (; i + 4 <= steps; i += 4) {
        counts[0][input[i]]++;
        counts[1][input[i + 1]]++;
        counts[2][input[i + 2]]++;
        counts[3][input[i + 3]]++;
    }
    for (; i < steps; i++)
        counts[0][input[i]]++;
    for (uint64_t byte = 0; byte < 256; byte++)
        total += (byte * byte + 1) * (counts[0][byte] + counts[1][byte] + counts[2][byte] + counts[3][byte]);
    return total;
}

TIMED run_atomic(const struct twins_state *state, const unsigned char *input, size_t steps) {
    static _Atomic uint64_t sums[TWINS_SUMS];
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < TWINS_SUMS; i++)
        atomic_store(&sums[i], 0);
    for (size_t i = 0; i < steps; i++)
        atomic_fetch_add(&sums[input[i] % TWINS_SUMS], input[i] + 1u);
    for (size_t i = 0; i < TWINS_SUMS; i++)
        total += (2 * i + 1) * atomic_load(&sums[i]);
    return total;
}
