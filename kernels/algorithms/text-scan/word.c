#include "text-scan.h"

#include <string.h>

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes with the first one lowest, whatever the machine's order. */
static uint64_t load_word(const unsigned char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The top bit of each byte that is TEXT_BYTE and no other bit: no carry leaves its byte, so all are right. */
static uint64_t mark(uint64_t word) {
    const uint64_t low = EVERY_BYTE(0x7f);
    uint64_t others = word ^ EVERY_BYTE(TEXT_BYTE);
    return ~(((others & low) + low) | others | low);
}

static const unsigned char *find(const unsigned char *at, const unsigned char *end) {
    for (; end - at >= 8; at += 8) {
        uint64_t marks = mark(load_word(at));
        if (marks)
            return at + __builtin_ctzll(marks) / 8;
    }
    while (at < end && *at != TEXT_BYTE)
        at++;
    return at;
}

static size_t count(const unsigned char *bytes, size_t size) {
    size_t found = 0, i = 0;
    for (; i + 8 <= size; i += 8)
        found += (size_t)__builtin_popcountll(mark(load_word(bytes + i)));
    for (; i < size; i++)
        found += bytes[i] == TEXT_BYTE;
    return found;
}

void run_word(void *state) {
    text_scan(state, find, count);
}
