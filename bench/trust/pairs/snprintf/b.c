/* Digits by hand. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

static void print(char *text, uint32_t value) {
    char digits[16];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        *text++ = digits[--count];
    *text = '\0';
}

uint64_t f(const uint32_t *p, size_t n) {
    char text[16];
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i += 16) {
        print(text, p[i]);
        for (const char *c = text; *c; c++)
            hash = hash * 31 + (unsigned char)*c;
    }
    return hash;
}
