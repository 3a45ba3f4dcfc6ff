/* Making text fit for JSON. */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include <stddef.h>

/**
 * Bytes of the UTF-8 sequence at the start of `text` (RFC 3629: shortest form, no surrogates, at most
 * U+10FFFF), or 0 if there is none within `length`.
 */
size_t utf8_sequence(const char *text, size_t length);

/** Replaces every byte that belongs to no sequence by '?', so that the length stays (text cut inside a
 * character). */
void utf8_repair(char *text, size_t length);

#endif
