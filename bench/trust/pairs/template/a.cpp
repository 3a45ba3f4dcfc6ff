/* A template's argument is inlined. */
#include <stddef.h>
#include <stdint.h>

struct scramble {
    uint64_t operator()(uint64_t x) const {
        return (x ^ x >> 7) * 0x2545f4914f6cdd1du;
    }
};

template <typename F> static uint64_t fold(const uint32_t *p, size_t n, F step) {
    uint64_t x = 1;
    for (size_t i = 0; i < n; i++)
        x = step(x + p[i]);
    return x;
}

uint64_t f(const uint32_t *p, size_t n) {
    return fold(p, n, scramble());
}
