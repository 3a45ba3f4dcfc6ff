/* The comparator is a function that another file might call. */
#include <algorithm>
#include <stddef.h>
#include <stdint.h>

bool less(uint32_t a, uint32_t b);

bool less(uint32_t a, uint32_t b) {
    return a < b;
}

uint64_t f(const uint32_t *p, size_t n) {
    uint32_t copy[64];
    uint64_t hash = 0;
    for (size_t first = 0; first + 64 <= n; first += 64) {
        std::copy(p + first, p + first + 64, copy);
        std::sort(copy, copy + 64, less);
        for (uint32_t value : copy)
            hash = hash * 31 + value;
    }
    return hash;
}
