/* A JSON document as a file: whole or not at all. Private to store/. */
#ifndef STORE_JSON_FILE_H
#define STORE_JSON_FILE_H

#include "base/problem.h"

#include <jansson.h>
#include <stdio.h>

#define JSON_FILE_BYTES (256 << 20) /**< of text that is read, after decompression */
#define JSON_FILE_VALUES 2000000    /**< that it may hold; the largest result of record has 270,000 */
#define JSON_DIGEST 72              /**< bytes of "sha256:", 64 hexadecimal digits and NUL */

/**
 * Writes whole or not at all (base/whole_file.h). It is readable for its owner alone: it may hold command
 * lines. Returns 0 or -errno with the problem (folder missing or not writable, disk full). Does not take
 * `json` over.
 */
int json_file_save(const json_t *json, const char *path, struct problem *problem);

/** Writes to a stream and flushes: the same bytes, or on a terminal ASCII alone, so that no character of a
 * file's texts steers it. 0 or -errno. */
int json_file_print(const json_t *json, FILE *stream);

/**
 * Reads a document, plain or gzip-compressed, or the one that the page of a report holds (store/embedded.h);
 * "-" is standard input, "PAGE#2" the second one of a page. Returns 0 and *json, the caller's; or
 * -errno with the problem: unreadable, damaged, not JSON, or -EFBIG above JSON_FILE_BYTES or
 * JSON_FILE_VALUES.
 */
int json_file_load(json_t **json, const char *path, struct problem *problem);

/** The same, with the text as it was read, without compression; *text is the caller's. */
int json_file_load_text(json_t **json, const char *path, char **text, size_t *length,
                        struct problem *problem);

/** Number of documents that a file holds: 1, or those in the page of a report; 1, too, of what cannot be read. */
size_t json_file_results(const char *path);

/**
 * The digest of an object, "sha256:" and 64 hexadecimal digits: of all its members but "digest", written
 * without blanks, keys in order of their bytes, fractions with 17 digits. So it does not depend on how the
 * file is laid out, and on nothing else. Against accidents and quiet edits; it is no signature. 0 or -ENOMEM.
 */
int json_digest(const json_t *object, char digest[JSON_DIGEST]);

#endif
