/* What the kinds with state of their file agree on. */
#ifndef TWINS_STATICS_STATE_H
#define TWINS_STATICS_STATE_H

#include "twins.h"

#define TWINS_BLOCKS 4096

struct twins_block {
    struct twins_block *next;
    uint64_t value;
    char rest[32];
};

/** CRC-64 of ECMA-182, bits reversed. */
#define TWINS_POLYNOMIAL 0xc96c5795d7870f42u

#define TWINS_SUMS 16

#endif
