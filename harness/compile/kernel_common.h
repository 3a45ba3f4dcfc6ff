/* What all variants of a kernel's folder share, and whether two revisions of the folder have it in common. */
#ifndef COMPILE_KERNEL_COMMON_H
#define COMPILE_KERNEL_COMMON_H

#include "base/problem.h"

#include <stddef.h>

/**
 * Whether variants of both folders fit one state: kernel.c is the same but for its list of variants; so are the headers that
 * it includes by "…", and those that they include, the other sources that define a function which it names, and
 * kernel.cmake. Comments, blanks and prototypes do not count. Returns 1; 0 with what differs in `changed` ("kernel.c"); or
 * -errno with the problem. A folder in C++, or with kernel.sources, counts as changed: its symbols cannot be told apart.
 */
int kernel_common_same(const char *old_folder, const char *new_folder, char *changed, size_t size,
                       struct problem *problem);

#endif
