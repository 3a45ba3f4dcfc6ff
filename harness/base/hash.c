#include "base/hash.h"

#include <errno.h>
#include <stdio.h>

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

int hash_file(const char *path, uint64_t *key) {
    char block[65536];
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        *key = hash_bytes(*key, block, got);
    int status = ferror(file) ? -EIO : 0;
    fclose(file);
    return status;
}
