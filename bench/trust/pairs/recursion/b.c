/* By a loop. */
#include <stddef.h>
#include <stdint.h>

static uint32_t divisor(uint32_t a, uint32_t b) {
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i + 1 < n; i += 8)
        sum += divisor(p[i], p[i + 1] & 0xffff);
    return sum;
}
