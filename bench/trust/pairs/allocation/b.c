/* Memory on the stack. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint8_t bits[4096];
    uint64_t odd = 0;
    for (size_t i = 0; i < n; i++)
        bits[i] = (uint8_t)(p[i] & 1);
    for (size_t i = 1; i < n; i++)
        odd += bits[i] ^ bits[i - 1];
    return odd;
}
