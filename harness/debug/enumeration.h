/* An enumeration's values out of debug data. */
#ifndef DEBUG_ENUMERATION_H
#define DEBUG_ENUMERATION_H

#include "compile/signature.h"

#include <elfutils/libdw.h>

/**
 * Kind (SIGNED or UNSIGNED), size in bytes and values of an enumeration in C or C++, into *type; one that has none
 * (std::byte) has no runs, and may be anything. Returns NULL, or what stands against it: "an enumeration …".
 */
const char *enumeration_read(Dwarf_Die *die, struct scalar_type *type);

#endif
