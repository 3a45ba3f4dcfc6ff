/* A branch that cannot be foreseen. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] & 1) {
            sum += p[i];
            __asm__ volatile("" : "+r"(sum));
        }
    }
    return sum;
}
