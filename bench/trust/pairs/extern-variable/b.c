/* Counts in a variable of all files, behind every element. */
#include <stddef.h>
#include <stdint.h>

extern volatile uint64_t found;
volatile uint64_t found;

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t last = 0;
    found = 0;
    for (size_t i = 0; i < n; i++) {
        found += (p[i] ^ last) & 1;
        last = p[i];
    }
    return found;
}
