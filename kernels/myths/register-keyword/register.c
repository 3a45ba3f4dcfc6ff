#include "register-keyword.h"

void run_register(void *state) {
    register struct words *words = state;
    register const unsigned char *next = words->bytes;
    for (register size_t i = 0; i < words->n; i++) {
        register uint32_t hash = 2166136261u;
        for (register size_t left = words->length; left; left--)
            hash = (hash ^ *next++) * 16777619u;
        words->hashes[i] = hash;
    }
}
