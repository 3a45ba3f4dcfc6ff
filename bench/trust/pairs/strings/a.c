/* Counts by memchr, a call for every one that is found. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t f(const char *p, size_t n) {
    uint64_t count = 0;
    const char *end = p + n;
    for (const char *at = p; at < end && (at = memchr(at, 'e', (size_t)(end - at))); at++)
        count++;
    return count;
}
