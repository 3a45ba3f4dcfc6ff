/* Sorts by qsort and a callback. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

uint64_t f(const uint32_t *p, size_t n) {
    uint32_t copy[32];
    uint64_t hash = 0;
    for (size_t first = 0; first + 32 <= n; first += 32) {
        memcpy(copy, p + first, sizeof copy);
        qsort(copy, 32, sizeof *copy, compare);
        for (int i = 0; i < 32; i++)
            hash = hash * 31 + copy[i];
    }
    return hash;
}
