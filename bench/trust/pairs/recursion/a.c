/* The greatest common divisor by recursion, which other files may call. */
#include <stddef.h>
#include <stdint.h>

uint32_t divisor(uint32_t a, uint32_t b);

uint32_t divisor(uint32_t a, uint32_t b) {
    return b ? divisor(b, a % b) : a;
}

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i + 1 < n; i += 8)
        sum += divisor(p[i], p[i + 1] & 0xffff);
    return sum;
}
