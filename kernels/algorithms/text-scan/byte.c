#include "text-scan.h"

static const unsigned char *find(const unsigned char *at, const unsigned char *end) {
    while (at < end && *at != TEXT_BYTE)
        at++;
    return at;
}

static size_t count(const unsigned char *bytes, size_t size) {
    size_t found = 0;
    for (size_t i = 0; i < size; i++)
        found += bytes[i] == TEXT_BYTE;
    return found;
}

void run_byte(void *state) {
    text_scan(state, find, count);
}
