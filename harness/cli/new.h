/* What the ways to make a folder of one's own share. */
#ifndef CLI_NEW_H
#define CLI_NEW_H

#include "cli/cli.h"

/** Reads a whole file, to be freed. 0 or -errno with the problem. */
int new_read(const char *path, char **text, struct problem *problem);

/** Writes a new file; one that is there is an error. 0 or -errno with the problem. */
int new_write(const char *path, const char *text, struct problem *problem);

/**
 * Copies the case `from` (a name, or a folder with a slash) into the folder `to` with the sources of its kernel, case
 * and kernel named `name`: from the same folder, where a kernel lies there, else from those of the program. The recorded
 * table of the lesson is not copied, since the copy was not measured. 0 or -errno with the problem.
 */
int new_copy_case(const struct paths *paths, const char *from, const char *to, const char *name,
                  struct problem *problem);

#endif
