#include "copy.h"

#include <string.h>

static uint64_t add_words(const unsigned char *block, size_t bytes) {
    uint64_t total = 0, word;
    for (size_t i = 0; i < bytes; i += sizeof word) {
        memcpy(&word, block + i, sizeof word);
        total += word;
    }
    return total;
}

void copy_read(struct copy *copy) {
    copy->total = copy->read ? add_words(copy->to, copy->bytes) : 0;
}
