/* The user's own setup of a duel of functions: its functions, as the compiler sees them behind the baseline's file. */
#ifndef CLI_DUEL_SETUP_H
#define CLI_DUEL_SETUP_H

#include "compile/generate.h"

/**
 * Reads setup->path, with request->variants as they are, into the rest of *setup. Returns 0, or an exit status after a
 * message: which function is missing, or has another shape, and what is expected.
 */
int duel_setup_find(const struct generate_request *request, struct generate_setup *setup);

#endif
