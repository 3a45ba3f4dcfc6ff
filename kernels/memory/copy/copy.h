/* State of the copy kernel: a block of bytes is copied to another, which is read after, or not. */
#ifndef COPY_H
#define COPY_H

#include <countersign.h>

struct copy {
    unsigned char *from, *to; /**< `bytes` each */
    size_t bytes;             /**< whole words of eight */
    int read;                 /**< whether the copy is read at once */
    uint64_t key;             /**< for check */
    uint64_t total;           /**< its words added up where it is read, else 0 */
};

/** Reads the copy if this point asks for it: one function for all variants. */
void copy_read(struct copy *copy);

void run_bytes(void *state);
void run_memcpy(void *state);

int support_nontemporal(char *reason, size_t reason_size);
void run_nontemporal(void *state);

#endif
