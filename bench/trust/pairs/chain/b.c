/* Two steps at once, the same remainder. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t hash = 0;
    size_t i = 0;
    for (; i + 2 <= n; i += 2)
        hash = hash * 961 + ((uint64_t)p[i] * 31 + p[i + 1]);
    for (; i < n; i++)
        hash = hash * 31 + p[i];
    return hash;
}
