/* Sorts by insertion. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint32_t copy[32];
    uint64_t hash = 0;
    for (size_t first = 0; first + 32 <= n; first += 32) {
        memcpy(copy, p + first, sizeof copy);
        for (int i = 1; i < 32; i++) {
            uint32_t value = copy[i];
            int to = i;
            for (; to > 0 && copy[to - 1] > value; to--)
                copy[to] = copy[to - 1];
            copy[to] = value;
        }
        for (int i = 0; i < 32; i++)
            hash = hash * 31 + copy[i];
    }
    return hash;
}
