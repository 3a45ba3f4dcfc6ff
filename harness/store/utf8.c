#include "store/utf8.h"

#include <stdbool.h>

static bool continues(unsigned char byte) {
    return (byte & 0xc0) == 0x80;
}

/* The second byte alone decides about overlong forms, surrogates and the end of Unicode (RFC 3629, section
 * 4). */
static bool second_byte_fits(unsigned char first, unsigned char second) {
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return continues(second);
    }
}

size_t utf8_sequence(const char *text, size_t length) {
    const unsigned char *byte = (const unsigned char *)text;
    if (!length)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    size_t bytes = byte[0] >= 0xc2 && byte[0] <= 0xdf   ? 2
                   : byte[0] >= 0xe0 && byte[0] <= 0xef ? 3
                   : byte[0] >= 0xf0 && byte[0] <= 0xf4 ? 4
                                                        : 0;
    if (!bytes || bytes > length || !second_byte_fits(byte[0], byte[1]))
        return 0;
    for (size_t i = 2; i < bytes; i++)
        if (!continues(byte[i]))
            return 0;
    return bytes;
}

void utf8_repair(char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t bytes = utf8_sequence(text + i, length - i);
        if (bytes) {
            i += bytes;
        } else {
            text[i++] = '?';
        }
    }
}
