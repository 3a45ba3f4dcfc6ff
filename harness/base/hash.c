#include "base/hash.h"

#include <string.h>

uint64_t hash_bytes(uint64_t key, const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        key = (key ^ bytes[i]) * 0x100000001b3u;
    return key;
}

uint64_t hash_text(uint64_t key, const char *text) {
    return hash_bytes(key, text, strlen(text) + 1);
}
