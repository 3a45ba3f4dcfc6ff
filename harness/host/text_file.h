/* Reading the small text files of /proc and /sys. */
#ifndef HOST_TEXT_FILE_H
#define HOST_TEXT_FILE_H

#include <stddef.h>

/**
 * Reads a whole file into *text, terminated, to be freed by the caller. Returns 0 or -errno with *text NULL.
 */
int text_file_read(const char *path, char **text);

/** Reads the first line, without its end, cut to `size`. Returns 0, or -errno with the line empty. */
int text_file_line(const char *path, char *line, size_t size);

/** The bytes of the first line "KEY: NUMBER kB", `key` with its colon; NAN where the file or the line is not there. */
double text_file_kib(const char *path, const char *key);

#endif
