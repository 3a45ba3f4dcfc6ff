#include "copy.h"

/* As it is written first. What compilers make of it is not a byte at a time. */
static void copy_bytes(unsigned char *to, const unsigned char *from, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
}

void run_bytes(void *state) {
    struct copy *copy = state;
    copy_bytes(copy->to, copy->from, copy->bytes);
    copy_read(copy);
}
