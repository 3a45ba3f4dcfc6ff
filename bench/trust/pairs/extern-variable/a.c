/* Counts in a local variable. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t found = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        found += (p[i] ^ last) & 1;
        last = p[i];
    }
    return found;
}
