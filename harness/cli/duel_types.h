/* Which function of the files of a duel is called, and its types. */
#ifndef CLI_DUEL_TYPES_H
#define CLI_DUEL_TYPES_H

#include "compile/generate.h"

/** What the user said of it; NULL: nothing. */
struct duel_types_request {
    const char *call;     /**< the prototype */
    const char *function; /**< the name alone, or with its parameters' types: "own::f(const int *, size_t)" */
    const char *include;  /**< a header that declares it, out of which libraries' types are read */
    const char *flags;    /**< of the compiler, for that header */
    bool for_setup;       /**< inputs are made by a setup: any types will do that have a name */
};

/**
 * Finds the function that all of request->variants define: by the prototype, or else by what compilers and debug data
 * say. For a setup, structures of which files have different ones are `closed`. Sets `symbol` (of `size` bytes) to its
 * name in libraries, "" where that is the signature's. 0 or an exit status after a message.
 */
int duel_find_types(const struct generate_request *request, const struct duel_types_request *wanted,
                    struct signature *signature, char *symbol, size_t size);

#endif
