#include "bloom-filter.h"

/* Place of a key's bit: two hashes give all others (A. Kirsch, M. Mitzenmacher, "Less hashing, same performance", 2008). */
static uint64_t place(const struct bloom *bloom, uint64_t key, uint32_t i) {
    return bloom_below((uint32_t)key + i * (uint32_t)(key >> 32 | 1), bloom->spread_bits);
}

static int test(const struct bloom *bloom, uint64_t key) {
    for (uint32_t i = 0; i < BLOOM_HASHES; i++) {
        uint64_t bit = place(bloom, key, i);
        if (!(bloom->spread[bit / 64] >> (bit % 64) & 1))
            return 0;
    }
    return 1;
}

void run_spread(void *state) {
    bloom_run(state, test);
}

int prepare_spread(const struct cs_env *env, void *state) {
    struct bloom *bloom = state;
    bloom->spread_bits = bloom->n * bloom->bits_a_key;
    bloom->spread = cs_array(env, "filter of single bits", bloom->spread_bits / 64 + 1, uint64_t);
    for (size_t index = 0; index < bloom->n; index++)
        for (uint32_t i = 0; i < BLOOM_HASHES; i++) {
            uint64_t bit = place(bloom, bloom_key(bloom, index), i);
            bloom->spread[bit / 64] |= UINT64_C(1) << (bit % 64);
        }
    return 0;
}
