/*
 * The functions that an object file or a library defines, and their types, as the compiler's debug data (DWARF) has
 * them.
 */
#ifndef DEBUG_DEFINITIONS_H
#define DEBUG_DEFINITIONS_H

#include "base/problem.h"
#include "compile/signature.h"

#include <stdbool.h>
#include <stddef.h>

/** One function that is defined. */
struct definition {
    struct signature signature; /**< its name is qualified: own::f */
    char refusal[160];          /**< why it cannot be called with inputs that are made, or "" */
    char file[96];              /**< the last part of the file's name that it stands in, or "" */
    char symbol[256];           /**< its name to the linker, "" where that is too long */
    bool external;              /**< not static */
    bool told;                  /**< all its types have a text, though inputs may not be made for them */
};

/** Starts zeroed. */
struct definitions {
    struct definition *items;
    size_t count;
};

/**
 * Reads what `file` defines: not what stands in the system's headers (below /usr/include and /usr/lib), no member
 * functions, no main, and of a library what it exports alone. Returns 0, -ENODATA with the problem where there is no
 * debug data, or another -errno with the problem. Clear it in any case.
 */
int definitions_read(struct definitions *definitions, const char *file, bool library,
                     struct problem *problem);

void definitions_clear(struct definitions *definitions);

/** Whether the function has that name, qualified or not. */
bool definition_is_called(const struct definition *definition, const char *name);

/** "uint64_t f(const uint32_t *p, size_t n)". */
void definition_print(const struct signature *signature, char *text, size_t size);

/** The same without the parameters' names, which files may choose differently. */
void definition_types_print(const struct signature *signature, char *text, size_t size);

#endif
