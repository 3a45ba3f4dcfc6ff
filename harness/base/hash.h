/* A key of anything: FNV-1a, 64 bits (Fowler, Noll and Vo, "The FNV Non-Cryptographic Hash Algorithm", IETF
 * draft). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/** The key of nothing, to begin with. */
#define HASH_START 0xcbf29ce484222325u

/** The key of what `key` stands for and `size` bytes behind it. */
uint64_t hash_bytes(uint64_t key, const void *data, size_t size);

/** The same of a text and its end, so that "ab","c" and "a","bc" differ. */
uint64_t hash_text(uint64_t key, const char *text);

/** Continues *key by a file's content. Returns 0 or -errno. */
int hash_file(const char *path, uint64_t *key);

#endif
