/* Types of a function that a header declares: of a library whose debug data does not tell them. */
#ifndef DEBUG_HEADER_H
#define DEBUG_HEADER_H

#include "base/command.h"
#include "debug/definitions.h"

/**
 * Finds a function's declaration in what the C preprocessor makes of `header` (a file, or a name as in
 * #include <…>), and reads its types and its parameters' names by compiling it as a definition. `flags` are the compiler's
 * behind $CFLAGS, or NULL. Adds the one definition. Returns 0, or -errno with the problem; -EINVAL: the header does not
 * compile, or does not declare the function. Clear the definitions in any case.
 */
int header_read(struct definitions *definitions, const char *header, const char *function, const char *flags,
                const struct command_limits *limits, struct problem *problem);

#endif
