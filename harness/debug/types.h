/* Types of C and C++ in debug data. */
#ifndef DEBUG_TYPES_H
#define DEBUG_TYPES_H

#include "compile/signature.h"

#include <elfutils/libdw.h>

/**
 * The type that a DIE has (void where it has none). True, or false with what it is in `text`: "a structure (struct
 * point)". A pointer or a reference to a structure is no type of which inputs are made: false, but *type tells it.
 */
bool type_read(Dwarf_Die *die, struct scalar_type *type, char *text, size_t size);

#endif
