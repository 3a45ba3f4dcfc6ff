#include "text-scan.h"

#include <string.h>

static const unsigned char *find(const unsigned char *at, const unsigned char *end) {
    const unsigned char *found = memchr(at, TEXT_BYTE, (size_t)(end - at));
    return found ? found : end;
}

static size_t count(const unsigned char *bytes, size_t size) {
    const unsigned char *at = bytes, *end = bytes + size;
    size_t found = 0;
    while ((at = find(at, end)) < end) {
        found++;
        at++;
    }
    return found;
}

void run_library(void *state) {
    text_scan(state, find, count);
}
