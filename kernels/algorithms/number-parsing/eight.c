#include "number-parsing.h"

#include <string.h>

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes with the first one lowest, whatever the machine's order. */
static uint64_t load_eight(const char *text) {
    uint64_t chunk;
    memcpy(&chunk, text, sizeof chunk);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    chunk = __builtin_bswap64(chunk);
#endif
    return chunk;
}

/* Eight digits, the first in the lowest byte: neighbours become pairs, pairs fours, fours the number. */
static uint64_t combine(uint64_t digits) {
    const uint64_t pairs = UINT64_C(0x000000ff000000ff);
    digits = digits * 10 + (digits >> 8);
    return ((digits & pairs) * (100 + (UINT64_C(1000000) << 32)) +
            (digits >> 16 & pairs) * (1 + (UINT64_C(10000) << 32))) >>
           32;
}

/* As parse_digits of loop.c. */
static inline struct number_digits parse_digits(const char *text, uint64_t value) {
    static const uint32_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    for (;; text += 8) {
        uint64_t chunk = load_eight(text) ^ EVERY_BYTE('0');
        /* The top bit of each byte that is no digit; above the first of them it may be wrong. */
        uint64_t others = (chunk | (chunk + EVERY_BYTE(0x76))) & EVERY_BYTE(0x80);
        if (others) {
            /* The digits move to the top, zeros before them: a shift by 64 would be undefined. */
            unsigned count = (unsigned)__builtin_ctzll(others) / 8;
            uint64_t last = combine(chunk << 8 << (56 - 8 * count));
            return (struct number_digits){text + count, value * power[count] + last};
        }
        value = value * 100000000 + combine(chunk);
    }
}

static void parse_integers(const char *text, size_t fields, uint64_t *answers) {
    for (size_t i = 0; i < fields; i++) {
        struct number_digits digits = parse_digits(text, 0);
        answers[i] = digits.value;
        text = digits.end + 1;
    }
}

static void parse_decimals(const char *text, size_t fields, double *answers) {
    for (size_t i = 0; i < fields; i++) {
        struct number_digits digits = parse_digits(text, 0);
        const char *point = digits.end;
        if (*point == '.')
            digits = parse_digits(++point, digits.value);
        answers[i] = number_scale(text, digits.value, (size_t)(digits.end - point));
        text = digits.end + 1;
    }
}

void run_eight(void *state) {
    struct numbers *numbers = state;
    const char *text = numbers_take_window(numbers);
    if (numbers->format == FORMAT_INTEGER)
        parse_integers(text, numbers->fields, numbers->integers);
    else
        parse_decimals(text, numbers->fields, numbers->decimals);
}
