/* The helper is static. */
#include <stddef.h>
#include <stdint.h>

static uint64_t mix(uint64_t x, uint32_t y) {
    x = (x ^ y) * 0x9e3779b97f4a7c15u;
    return x ^ x >> 29;
}

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t x = 1;
    for (size_t i = 0; i < n; i++)
        x = mix(x, p[i]);
    return x;
}
