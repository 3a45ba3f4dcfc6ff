/* Telling by its hash whether two files give the same machine code. */
#ifndef COMPILE_CODE_HASH_H
#define COMPILE_CODE_HASH_H

#include <stddef.h>
#include <stdint.h>

/**
 * Hash of all that decides what the function does to which a pointer leads, `member` bytes behind `symbol` in the relocatable
 * object at `path`: its section, and whatever sections its relocations lead to, with names only of what the
 * object does not define. So two objects have the same hash where the function and all it calls and reads in
 * its file are the same, wherever they lie. Sections are taken whole: compile with -ffunction-sections, or
 * functions beside it count, too. *bytes is that of the code among it. Returns 0, -ENOENT where the
 * pointer is not set, -ENODATA where there is no such symbol or the file is no ELF file, or a damaged one, or -errno of reading it.
 */
int code_hash_object(const char *path, const char *symbol, size_t member, char hash[17], uint64_t *bytes);

/**
 * Hash of all that the loader maps of a shared library, but for notes (the build's identity): a linked file
 * does not tell what one function depends on. *bytes is that of its code. Returns as code_hash_object.
 */
int code_hash_library(const char *path, char hash[17], uint64_t *bytes);

#endif
