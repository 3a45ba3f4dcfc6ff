/* Names of types in debug data, as C and C++ write them. */
#ifndef DEBUG_TYPE_NAME_H
#define DEBUG_TYPE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <elfutils/libdw.h>

/** Whether a DIE stands in a unit of C. */
bool type_is_of_c(Dwarf_Die *die);

/** "own::inner::" of where a type is declared; empty in C, and where it cannot be told. */
void type_read_scope(Dwarf_Die *die, char *prefix, size_t size);

/**
 * The type that a DIE has, in the language it stands in and without a name: "enum color", "int **",
 * "__typeof__(int (int)) *". False, and an empty text, where it has no name (a lambda's) or a longer one.
 */
bool type_print_name(Dwarf_Die *die, char *text, size_t size);

/** The same of a function's type itself, whatever name a typedef gives it. */
bool type_print_function(Dwarf_Die *function, char *text, size_t size);

/**
 * Makes a name of C++ what a program has: arguments that the library adds by default, and its inner namespaces, go, so
 * that "std::vector<int, std::allocator<int> >" is "std::vector<int>".
 */
void type_shorten_name(char *text);

#endif
