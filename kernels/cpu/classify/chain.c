#include "classify.h"

void run_chain(void *state) {
    struct classify *classify = state;
    const uint8_t *bytes = classify_take_window(classify);
    uint8_t *restrict classes = classify->classes;
    size_t n = classify->n;
    for (size_t i = 0; i < n; i++)
        classes[i] = classify_byte(bytes[i]);
}
