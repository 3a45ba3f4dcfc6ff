#include "classify.h"

#include <string.h>

/* Two bytes as one index, in the order of memory: nothing is shifted, whatever the byte order. */
void run_pairs(void *state) {
    struct classify *classify = state;
    const uint8_t *bytes = classify_take_window(classify);
    const uint16_t *pairs = classify->pairs;
    uint8_t *restrict classes = classify->classes;
    size_t n = classify->n;
    for (size_t i = 0; i < n; i += 2) {
        uint16_t pair;
        memcpy(&pair, bytes + i, sizeof pair);
        memcpy(classes + i, &pairs[pair], sizeof pair);
    }
}

int prepare_pairs(const struct cs_env *env, void *state) {
    struct classify *classify = state;
    classify->pairs = cs_array(env, "table of pairs", 65536, uint16_t);
    for (unsigned pair = 0; pair < 65536; pair++) {
        uint16_t bytes = (uint16_t)pair;
        uint8_t both[2];
        memcpy(both, &bytes, sizeof both);
        both[0] = classify_byte(both[0]);
        both[1] = classify_byte(both[1]);
        memcpy(&classify->pairs[pair], both, sizeof both);
    }
    return 0;
}
