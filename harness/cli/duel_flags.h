/* Flags of sources out of their own build (--compile-commands). */
#ifndef CLI_DUEL_FLAGS_H
#define CLI_DUEL_FLAGS_H

#include "compile/generate.h"

/**
 * Fills flags[i] (freed by the caller) with the flags of variant i in the database, for every source, and sets its `alone`; a
 * source that is not in it gets those of the first that is, with a note. $CC and $CXX become the database's compilers, unless
 * they are set. 0 or an exit status after a message.
 */
int duel_flags_of_build(const char *database, struct generate_request *request, char **flags, bool quiet);

#endif
