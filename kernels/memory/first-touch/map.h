/* A mapping of its own for each run; MAP_POPULATE is Linux's. */
#ifndef MAP_H
#define MAP_H

#define _GNU_SOURCE
#include "first-touch.h"

#include <stdlib.h>
#include <sys/mman.h>

static inline void use_mapping(struct first_touch *all, int flags) {
    uint32_t *block =
        mmap(NULL, all->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (block == MAP_FAILED)
        abort();
    all->total = first_touch_use(block, all);
    munmap(block, all->bytes);
}

#endif
