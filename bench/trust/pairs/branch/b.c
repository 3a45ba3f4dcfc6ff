/* No branch. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += p[i] & -(uint64_t)(p[i] & 1);
        __asm__ volatile("" : "+r"(sum));
    }
    return sum;
}
