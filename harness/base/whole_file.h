/* A file that is there whole or not at all. */
#ifndef BASE_WHOLE_FILE_H
#define BASE_WHOLE_FILE_H

#include "base/problem.h"

#include <stdio.h>
#include <sys/types.h>

/** Writes what belongs into the file. Returns 0 or -errno. */
typedef int (*whole_file_writer)(FILE *stream, const void *data);

/**
 * Writes to a file without a name in the same folder (with one where the file system has none), fsync, gives
 * it its name in one step, fsync of the folder. `mode` as for open, less the umask; `what` it is for the
 * message: "the result". Returns 0 or -errno with the problem (folder missing or not writable, disk full).
 * Leaves no temporary file behind, not even where the program is killed, and removes those that others left.
 */
int whole_file_save(const char *path, mode_t mode, const char *what, whole_file_writer write,
                    const void *data, struct problem *problem);

#endif
