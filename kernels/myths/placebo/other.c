#include "placebo.h"

/* A chain of multiplications, a load each, and a store behind a branch that is a coin toss: something of everything. */
void run_other(void *state) {
    struct placebo *placebo = state;
    const uint32_t *numbers = placebo_take_window(placebo);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    uint32_t *picked = placebo->picked, odd = 0;
    for (size_t i = 0; i < placebo->n; i++) {
        hash = (hash ^ numbers[i]) * UINT64_C(0x100000001b3);
        if (numbers[i] & 1) {
            picked[odd++] = numbers[i];
            hash ^= hash >> 29;
        }
    }
    placebo->hash = hash;
    placebo->odd = odd;
}
