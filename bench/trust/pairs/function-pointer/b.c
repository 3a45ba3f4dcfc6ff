/* A switch. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t x = 1;
    for (size_t i = 0; i < n; i++)
        switch (i & 3) {
        case 0:
            x += p[i];
            break;
        case 1:
            x ^= p[i];
            break;
        case 2:
            x = x << 7 | (x ^ p[i]) >> 57;
            break;
        default:
            x = x * 3 + p[i];
        }
    return x;
}
