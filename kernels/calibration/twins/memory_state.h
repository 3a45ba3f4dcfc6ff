/* Inputs of the kinds that move memory. */
#ifndef TWINS_MEMORY_STATE_H
#define TWINS_MEMORY_STATE_H

#include "twins.h"

#define TWINS_LINE 64
#define TWINS_PAGE 4096

#define TWINS_PLACED_BYTES 16384

/** `bytes` of memory, half of it copied to the other half. */
struct twins_far {
    unsigned char *from, *to;
};

#define TWINS_MOVED_STEP 1536  /**< input from one piece to the next */
#define TWINS_MOVED_BYTES 2048 /**< room for the longest */

/** 512 to 1535 bytes, as the piece's first two bytes say. */
static inline size_t twins_moved_length(const unsigned char *from) {
    return 512 + twins_load32(from) % 1024;
}

#define TWINS_FILLED_BYTES 8192

/** Where a fill begins, below 4096, and how long it is, 64 to 4095 bytes. */
static inline size_t twins_fill_offset(const unsigned char *step) {
    return twins_load32(step) & 4095;
}
static inline size_t twins_fill_length(const unsigned char *step) {
    return 64 + ((twins_load32(step) >> 12) & 4095) % 4032;
}

#define TWINS_NODES 4096

struct twins_node {
    struct twins_node *next;
    uint64_t value;
    char rest[32];
};

/** In the order in which they were allocated; `next` leads through all of them in an order of its own. */
struct twins_list {
    struct twins_node *nodes[TWINS_NODES];
    uint32_t order[TWINS_NODES]; /**< indexes of nodes, each before the one that is next */
    uint32_t place[TWINS_NODES]; /**< of each node in `order` */
};

#define TWINS_BINS 16

#endif
