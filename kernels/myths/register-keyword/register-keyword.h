/* State of the register-keyword kernel: words of a text, hashed. */
#ifndef REGISTER_KEYWORD_H
#define REGISTER_KEYWORD_H

#include <countersign.h>

/** Everything a run reads. */
struct words {
    const unsigned char *bytes; /**< n words of `length` bytes */
    uint32_t *hashes;           /**< the answer: n */
    size_t n, length;
    uint64_t seed; /**< for check */
};

void run_plain(void *state);
void run_register(void *state);

#endif
