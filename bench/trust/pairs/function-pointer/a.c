/* Calls through a table of functions. */
#include <stddef.h>
#include <stdint.h>

static uint64_t add(uint64_t x, uint32_t y) {
    return x + y;
}
static uint64_t flip(uint64_t x, uint32_t y) {
    return x ^ y;
}
static uint64_t turn(uint64_t x, uint32_t y) {
    return x << 7 | (x ^ y) >> 57;
}
static uint64_t grow(uint64_t x, uint32_t y) {
    return x * 3 + y;
}

static uint64_t (*const steps[])(uint64_t, uint32_t) = {add, flip, turn, grow};

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t x = 1;
    for (size_t i = 0; i < n; i++)
        x = steps[i & 3](x, p[i]);
    return x;
}
