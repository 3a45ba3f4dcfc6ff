/* Types of C and C++ in debug data. */
#ifndef DEBUG_TYPES_H
#define DEBUG_TYPES_H

#include "compile/signature.h"

#include <elfutils/libdw.h>

/**
 * The type that a DIE has (void where it has none). True, or false with what it is in `text`: "a structure (struct
 * point)". Structures of scalars alone have their fields; of others, or by value of classes that C++ passes by a pointer
 * of its own, no inputs are made: false, but *type tells them, and the text of any other
 * type ("" where it has no name).
 */
bool type_read(Dwarf_Die *die, struct scalar_type *type, char *text, size_t size);

#endif
