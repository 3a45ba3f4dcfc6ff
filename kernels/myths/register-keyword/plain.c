#include "register-keyword.h"

/* FNV-1a (Fowler, Noll and Vo) of each word. */
void run_plain(void *state) {
    struct words *words = state;
    const unsigned char *next = words->bytes;
    for (size_t i = 0; i < words->n; i++) {
        uint32_t hash = 2166136261u;
        for (size_t left = words->length; left; left--)
            hash = (hash ^ *next++) * 16777619u;
        words->hashes[i] = hash;
    }
}
