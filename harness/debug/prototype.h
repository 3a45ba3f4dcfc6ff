/* Types of functions by asking the compiler: of a source, and of a prototype. */
#ifndef DEBUG_PROTOTYPE_H
#define DEBUG_PROTOTYPE_H

#include "base/command.h"
#include "debug/definitions.h"

/**
 * Compiles a source (absolute path; `flags` behind all others, or NULL) as kernels are compiled, without optimization,
 * and reads what it defines; or has it from the user's cache, while the compiler, its flags and all files that it read
 * are the same. `own`: NULL, or the folder that was made for the source, which was generated and is known by its text.
 * Returns 0, or -errno with the problem; -EINVAL: the compiler's errors are in it. Clear
 * the definitions in any case.
 */
int definitions_compile(struct definitions *definitions, const char *source, bool cxx, const char *flags,
                        const char *own, const struct command_limits *limits, struct problem *problem);

/**
 * Reads "uint64_t own::f(const uint32_t *p, size_t n)" by compiling it as the definition of a function that is never
 * called. Types of stdint.h, stddef.h, stdbool.h and sys/types.h are known. Returns 0, or -errno with the problem;
 * -EINVAL: the compiler does not understand it, or inputs cannot be made for what it takes.
 */
int prototype_read(struct signature *signature, const char *text, bool cxx,
                   const struct command_limits *limits, struct problem *problem);

#endif
