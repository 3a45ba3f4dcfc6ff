#include "bloom-filter.h"

/* The word is chosen by the upper half of the key, bits in it by six bits each of the lower. */
static uint64_t word(const struct bloom *bloom, uint64_t key) {
    return bloom_below((uint32_t)(key >> 32), bloom->blocked_words);
}

static uint64_t mask(uint64_t key) {
    uint64_t bits = 0;
    for (int i = 0; i < BLOOM_HASHES; i++)
        bits |= UINT64_C(1) << (key >> (6 * i) & 63);
    return bits;
}

static int test(const struct bloom *bloom, uint64_t key) {
    uint64_t bits = mask(key);
    return (bloom->blocked[word(bloom, key)] & bits) == bits;
}

void run_blocked(void *state) {
    bloom_run(state, test);
}

int prepare_blocked(const struct cs_env *env, void *state) {
    struct bloom *bloom = state;
    bloom->blocked_words = bloom->n * bloom->bits_a_key / 64 + 1;
    bloom->blocked = cs_array(env, "filter of words", bloom->blocked_words, uint64_t);
    for (size_t index = 0; index < bloom->n; index++) {
        uint64_t key = bloom_key(bloom, index);
        bloom->blocked[word(bloom, key)] |= mask(key);
    }
    return 0;
}
