#include "classify.h"

void run_table(void *state) {
    struct classify *classify = state;
    const uint8_t *bytes = classify_take_window(classify), *table = classify->table;
    uint8_t *restrict classes = classify->classes;
    size_t n = classify->n;
    for (size_t i = 0; i < n; i++)
        classes[i] = table[bytes[i]];
}

int prepare_table(const struct cs_env *env, void *state) {
    struct classify *classify = state;
    classify->table = cs_array(env, "table", 256, uint8_t);
    for (unsigned byte = 0; byte < 256; byte++)
        classify->table[byte] = classify_byte((uint8_t)byte);
    return 0;
}
