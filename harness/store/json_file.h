/* A JSON document as a file: whole or not at all. Private to store/. */
#ifndef STORE_JSON_FILE_H
#define STORE_JSON_FILE_H

#include "base/problem.h"

#include <jansson.h>
#include <stdio.h>

/**
 * Writes to a temporary file in the same folder, fsync, rename, fsync of the folder. Returns 0 or -errno with
 * the problem (folder missing or not writable, disk full), and leaves no temporary file behind. Does not take
 * `json` over.
 */
int json_file_save(const json_t *json, const char *path, struct problem *problem);

/** Writes to a stream and flushes: the same bytes. 0 or -errno. */
int json_file_print(const json_t *json, FILE *stream);

#endif
