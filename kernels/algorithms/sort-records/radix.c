#include "sort-records.h"

#include <string.h>

#define DIGITS 256

/* Moves records to where those of their digit go, in the order in which they come. */
static void distribute(const struct record *from, struct record *to, size_t n, unsigned shift,
                       uint32_t *start) {
    for (size_t i = 0; i < n; i++)
        to[start[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

/* Turns counts of digits into where each digit begins. Returns 0 where all records have one digit. */
static int place_digits(uint32_t *count, size_t n) {
    uint32_t sum = 0;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t here = count[digit];
        if (here == n)
            return 0;
        count[digit] = sum;
        sum += here;
    }
    return 1;
}

/*
 * From the lowest byte of the key to the highest, without comparisons; a byte that all keys share is left out. Records
 * of one key keep their order, which is that of their ids.
 */
static void sort(const struct records *records, const struct record *input, struct record *sorted) {
    size_t n = records->n, passes = 0;
    uint32_t count[4][DIGITS] = {0};
    unsigned pass[4];
    for (size_t i = 0; i < n; i++)
        for (unsigned byte = 0; byte < 4; byte++)
            count[byte][input[i].key >> 8 * byte & (DIGITS - 1)]++;
    for (unsigned byte = 0; byte < 4; byte++)
        if (place_digits(count[byte], n))
            pass[passes++] = byte;
    if (passes == 0)
        memcpy(sorted, input, n * sizeof *sorted);
    /* The last pass ends in `sorted`. */
    const struct record *from = input;
    for (size_t i = 0; i < passes; i++) {
        struct record *to = (passes - i) % 2 ? sorted : records->radix_spare;
        distribute(from, to, n, 8 * pass[i], count[pass[i]]);
        from = to;
    }
}

void run_radix(void *state) {
    records_run(state, sort);
}

int prepare_radix(const struct cs_env *env, void *state) {
    struct records *records = state;
    records->radix_spare = cs_array(env, "records between passes", records->n, struct record);
    return 0;
}
