/* An object file of nothing but room: what stands behind it in a link begins so many bytes further on. */
#ifndef COMPILE_LINK_PAD_H
#define COMPILE_LINK_PAD_H

#include <stdbool.h>
#include <stdint.h>

/** Sections that are moved, each by itself. */
enum link_section {
    LINK_TEXT,
    LINK_RODATA,
    LINK_RELRO, /**< constants with addresses in them, .data.rel.ro */
    LINK_DATA,
    LINK_BSS,
    LINK_TLS, /**< thread-local bss */
    LINK_SECTIONS
};

/**
 * Whether the object at `path` has thread-local data; false where it cannot be read. Room is made for it only
 * then, as a loader has little to give away.
 */
bool link_pad_wants_tls(const char *path);

/**
 * Writes an ELF object to `path` for the machine that the object `like` is for, with bytes[section] bytes in
 * each section. Returns 0 or -errno: -ENOTSUP where `like` is no 64-bit ELF object of this machine's byte
 * order.
 */
int link_pad_write(const char *path, const char *like, const uint32_t bytes[LINK_SECTIONS]);

#endif
