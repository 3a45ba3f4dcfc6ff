/* A vector that has room. */
#include <stddef.h>
#include <stdint.h>
#include <vector>

uint64_t f(const uint32_t *p, size_t n) {
    std::vector<uint32_t> odd;
    odd.reserve(n);
    for (size_t i = 0; i < n; i++)
        if (p[i] & 1)
            odd.push_back(p[i]);
    uint64_t hash = odd.size();
    for (uint32_t value : odd)
        hash = hash * 31 + value;
    return hash;
}
