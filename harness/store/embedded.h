/* Result files inside web pages: gzip-compressed, in base64, each in an element of its own that no browser runs. */
#ifndef STORE_EMBEDDED_H
#define STORE_EMBEDDED_H

#include "base/problem.h"

#include <stddef.h>

/** An element holds one result: this, its number from 1 on, EMBEDDED_START_END, base64 text, EMBEDDED_END. */
#define EMBEDDED_START "<script type=\"application/gzip\" id=\"countersign-result-"
#define EMBEDDED_START_END "\">"
#define EMBEDDED_END "</script>"

/** Compresses a document and writes it as base64, in one line. *base64 is the caller's. 0 or -ENOMEM. */
int embedded_encode(const char *document, size_t length, char **base64);

/** Number of results in a page of `length` bytes that ends with a NUL. */
size_t embedded_count(const char *page, size_t length);

/**
 * Result `number` (from 1 on) of a page that ends with a NUL: its compressed bytes, the caller's. `path` is
 * for the problem. 0, -ENOENT where there is none, -EINVAL where its base64 text is damaged, or -ENOMEM.
 */
int embedded_decode(const char *page, size_t length, size_t number, const char *path, void **bytes,
                    size_t *size, struct problem *problem);

#endif
