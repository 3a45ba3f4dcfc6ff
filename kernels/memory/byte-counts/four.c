#include "byte-counts.h"

int prepare_four(const struct cs_env *env, void *state) {
    struct byte_counts *input = state;
    input->tables = cs_array(env, "tables", TABLES, struct table);
    return 0;
}

/* Adds up the tables, and leaves them clear for the next run. */
static void add_up(uint32_t *restrict counts, struct table *restrict tables) {
    for (size_t value = 0; value < VALUES; value++) {
        counts[value] = tables[0].counts[value] + tables[1].counts[value] + tables[2].counts[value] +
                        tables[3].counts[value];
        for (size_t table = 0; table < TABLES; table++)
            tables[table].counts[value] = 0;
    }
}

/* Neighbours count in different tables, so that equal ones do not wait for each other. */
void run_four(void *state) {
    struct byte_counts *input = state;
    const unsigned char *bytes = input->bytes;
    struct table *tables = input->tables;
    size_t n = input->n, turns = n / TABLES * TABLES;
#ifdef __clang__
#pragma clang loop unroll(disable)
#endif
    for (size_t i = 0; i < turns; i += TABLES) {
        tables[0].counts[bytes[i]]++;
        tables[1].counts[bytes[i + 1]]++;
        tables[2].counts[bytes[i + 2]]++;
        tables[3].counts[bytes[i + 3]]++;
    }
    for (size_t i = turns; i < n; i++)
        tables[0].counts[bytes[i]]++;
    add_up(input->counts, tables);
    input->runs[VARIANT_FOUR]++;
}
