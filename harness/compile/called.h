/*
 * The functions that variants call out of the user's files, as kernel.sources names them: which file lacks
 * one, and what their machine code is.
 */
#ifndef COMPILE_CALLED_H
#define COMPILE_CALLED_H

#include "base/command.h"
#include "base/problem.h"
#include "base/words.h"
#include "compile/source_rules.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Checks that every library exports the function that is called. Returns 0, or -ENOEXEC with the problem:
 * which one does not, and which functions it exports, the nearest names first. What cannot be asked (no
 * binutils) is no error here. nm is $NM, or nm.
 */
int called_check_libraries(const struct source_rules *rules, const struct command_limits *limits,
                           struct problem *problem);

/**
 * Whether a source could not be compiled, or its object not be linked, because the user's file lacks the
 * function. `compile` is the compiler's command up to what it shall do; `object` what was made of the source,
 * or NULL where that failed; `scratch` the beginning of names for files, which are removed. Then true, with
 * the problem: what lacks what, and what the file defines. False leaves the problem alone.
 */
bool called_is_missing(const struct source_call *call, const struct words *compile, const char *object,
                       const char *scratch, const struct command_limits *limits, struct problem *problem);

/** Continues a key by the machine code of all libraries. */
uint64_t called_key(const struct source_rules *rules, uint64_t key);

/**
 * Writes `file`: "VARIANT HASH BYTES" a line for every call whose code can be told (code_hash.h). The objects
 * are those of the sources, in their order. Returns 0 or -errno with the problem.
 */
int called_write(const struct source_rules *rules, const struct words *sources, const struct words *objects,
                 const char *file, struct problem *problem);

#endif
