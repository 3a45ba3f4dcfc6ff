#include "common-elements.h"

static size_t intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                        uint32_t *common) {
    size_t n = lists->n, found = 0;
    uint64_t *bits = lists->bits;
    for (size_t i = 0; i < n; i++)
        bits[second[i] / 64] |= UINT64_C(1) << (second[i] % 64);
    /* Written whether it is common or not: which it is cannot be foretold. */
    for (size_t i = 0; i < n; i++) {
        common[found] = first[i];
        found += bits[first[i] / 64] >> (first[i] % 64) & 1;
    }
    /* Only what was set is cleared: the whole is as long as there could be ids. */
    for (size_t i = 0; i < n; i++)
        bits[second[i] / 64] = 0;
    return found;
}

void run_bitmap(void *state) {
    lists_run(state, intersect);
}

int prepare_bitmap(const struct cs_env *env, void *state) {
    struct lists *lists = state;
    lists->bits = cs_array(env, "bitmap", ((size_t)1 << lists->id_bits) / 64, uint64_t);
    return 0;
}
