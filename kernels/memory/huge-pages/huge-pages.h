/* State of the huge-pages kernel: numbers, and random places at which they are read. */
#ifndef HUGE_PAGES_H
#define HUGE_PAGES_H

#include <countersign.h>

struct huge_pages {
    size_t n;     /**< numbers */
    size_t reads; /**< of a run */
    uint64_t key;
    uint64_t runs;          /**< so far: each reads at other places */
    uint64_t total;         /**< the answer */
    uint64_t *small, *huge; /**< n numbers each, the same, of the variant with this name */
};

/** Number `i`. */
static inline uint64_t huge_pages_number(const struct huge_pages *all, uint64_t i) {
    return (all->key ^ i) * 0x9e3779b97f4a7c15u;
}

/** Where run `run` begins to draw places. */
static inline uint64_t huge_pages_seed(const struct huge_pages *all, uint64_t run) {
    return all->key + run * 0xd1342543de82ef95u;
}

/** The next place: Knuth's generator (MMIX), of which the upper half is taken. No place waits for a number. */
static inline size_t huge_pages_place(uint64_t *seed, size_t n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((*seed >> 32) * n >> 32);
}

/** The work, the same code for both variants: adds up the numbers at the places of this run. */
void huge_pages_read(struct huge_pages *all, const uint64_t *numbers);

void huge_pages_fill(const struct huge_pages *all, uint64_t *numbers);

/** Bytes of huge pages that the system has for the mapping in which this address lies. */
size_t huge_pages_held(const void *address);

/** Writes how much of the numbers lies in huge pages: all, a part, or none. */
void huge_pages_tell(const struct huge_pages *all, const uint64_t *numbers, char *text, size_t size);

int prepare_small(const struct cs_env *env, void *state);
void run_small(void *state);
void tell_small(void *state, char *text, size_t size);

int support_huge(char *reason, size_t reason_size);
int prepare_huge(const struct cs_env *env, void *state);
void run_huge(void *state);
void tell_huge(void *state, char *text, size_t size);

#endif
