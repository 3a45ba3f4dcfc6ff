/* Counts by a loop. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t f(const char *p, size_t n) {
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += p[i] == 'e';
    return count;
}
