/* Programs that are started by their absolute path. */
#ifndef BASE_FIND_PROGRAM_H
#define BASE_FIND_PROGRAM_H

#include <stddef.h>

/**
 * The first executable `name` in $PATH, absolute folders alone, since who starts it may work in another one.
 * Returns 0, or -ENOENT with `path` empty.
 */
int find_program(const char *name, char *path, size_t size);

#endif
