/* The program that a command names: whether it can be run at all, and what runs it. */
#ifndef PROFILE_PROGRAM_H
#define PROFILE_PROGRAM_H

#include "base/problem.h"

#include <stdbool.h>

struct program {
    char path[4096];       /**< as it is found, from the working folder */
    char interpreter[256]; /**< of a script, with its first argument; empty: it is an ELF executable */
};

/**
 * Finds `name`, in $PATH unless it has a slash, and looks at its first bytes. Returns 0, or -errno with the problem: not
 * there, a folder, not executable, neither an ELF executable of this machine nor a script.
 */
int program_find(const char *name, struct program *program, struct problem *problem);

/** Whether the file at `path` may be executed, begins as an ELF file or a script, and is not a library by its name. */
bool program_is_executable(const char *path);

#endif
