/* A virtual function is called. */
#include <stddef.h>
#include <stdint.h>

struct base {
    virtual ~base() {
    }
    virtual uint64_t step(uint64_t x) const = 0;
};

struct scramble : base {
    uint64_t step(uint64_t x) const override {
        return (x ^ x >> 7) * 0x2545f4914f6cdd1du;
    }
};

static scramble instance;
base *volatile chosen = &instance;

uint64_t f(const uint32_t *p, size_t n) {
    const base *object = chosen;
    uint64_t x = 1;
    for (size_t i = 0; i < n; i++)
        x = object->step(x + p[i]);
    return x;
}
