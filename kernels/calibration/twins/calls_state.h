/* Files of the kinds that call the kernel. */
#ifndef TWINS_CALLS_STATE_H
#define TWINS_CALLS_STATE_H

#include "twins.h"

#include <sys/types.h>

#define TWINS_FILE_PAGE 4096
#define TWINS_FILE_PAGES 16 /**< 64 KiB, which stays in memory */

struct twins_file {
    int descriptor;
    unsigned char content[TWINS_FILE_PAGES * TWINS_FILE_PAGE]; /**< of the file, as it was made */
};

static inline off_t twins_page_of(unsigned char byte) {
    return (off_t)(byte % TWINS_FILE_PAGES * TWINS_FILE_PAGE);
}

/** What a call reads: nothing in half of them, 64 bytes in three of eight, a page in one of eight. */
static inline size_t twins_call_bytes(unsigned char byte) {
    size_t call = byte >> 5;
    return call < 4 ? 0 : call < 7 ? 64 : TWINS_FILE_PAGE;
}

#endif
