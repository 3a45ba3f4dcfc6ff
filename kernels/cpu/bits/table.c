#include "bits.h"

/* A byte at a time; the table is read through the state, as a program's would be through a pointer. */
static inline unsigned count(const uint8_t *table, uint64_t word) {
    unsigned count = 0;
    for (unsigned shift = 0; shift < 64; shift += 8)
        count += table[word >> shift & 0xff];
    return count;
}

void run_table(void *state) {
    struct bits *bits = state;
    const uint64_t *words = bits_take_window(bits);
    const uint8_t *table = bits->table;
    uint64_t total = 0;
    size_t n = bits->n;
    for (size_t i = 0; i < n; i++)
        total += count(table, words[i]);
    bits->total = total;
}

int prepare_table(const struct cs_env *env, void *state) {
    struct bits *bits = state;
    bits->table = cs_array(env, "table", 256, uint8_t);
    for (unsigned byte = 1; byte < 256; byte++)
        bits->table[byte] = (uint8_t)(bits->table[byte / 2] + byte % 2);
    return 0;
}
