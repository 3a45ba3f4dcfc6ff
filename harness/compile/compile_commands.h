/*
 * compile_commands.json, in which a build writes down how it compiles each file (JSON Compilation Database Format
 * Specification of Clang's documentation; CMake, Meson, Bear and others write it).
 */
#ifndef COMPILE_COMPILE_COMMANDS_H
#define COMPILE_COMPILE_COMMANDS_H

#include "base/problem.h"
#include "base/words.h"

/** How one file is compiled. Starts zeroed. */
struct compile_command {
    struct words compiler; /**< "ccache" "g++" */
    struct words flags;    /**< what decides about code: see compile_commands_read */
    size_t entries;        /**< of the file; the first is taken */
};

/**
 * Reads how the database compiles `source`, an absolute path without links. Of the flags are left out what says what to
 * write and where (-c, -o, -M…), the source, what turns warnings into errors, and what a loadable module cannot have or
 * countersign decides (-fPIE, -fPIC, -static, -flto). Paths are made absolute by the entry's folder. Returns 0; -ENOENT with
 * the problem where no entry compiles the file; -EINVAL where it is no such database; or another -errno with the problem. Clear
 * it in any case.
 */
int compile_commands_read(const char *database, const char *source, struct compile_command *command,
                          struct problem *problem);

void compile_command_clear(struct compile_command *command);

#endif
