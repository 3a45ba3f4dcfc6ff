/* Each multiplication waits for the one before. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = hash * 31 + p[i];
    return hash;
}
