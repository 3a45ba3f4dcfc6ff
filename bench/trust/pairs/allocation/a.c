/* Takes memory and gives it back in each call. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint8_t *bits = malloc(n);
    if (!bits)
        return 0;
    uint64_t odd = 0;
    for (size_t i = 0; i < n; i++)
        bits[i] = (uint8_t)(p[i] & 1);
    for (size_t i = 1; i < n; i++)
        odd += bits[i] ^ bits[i - 1];
    free(bits);
    return odd;
}
