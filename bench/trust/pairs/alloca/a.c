/* A buffer on the stack, as long as it must be. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t *sums = __builtin_alloca((n + 1) * sizeof *sums);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sums[i] = sum += p[i];
    for (size_t i = n; i-- > 1;)
        sum = (sum ^ sums[i - 1]) * 5;
    return sum;
}
