/* Made when the program is loaded. */
#include <stddef.h>
#include <stdint.h>

struct table {
    uint32_t values[64];
    table() {
        for (uint32_t i = 0; i < 64; i++)
            values[i] = i * i * 2654435761u;
    }
};

static const table only;

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = sum * 3 + only.values[p[i] & 63];
    return sum;
}
