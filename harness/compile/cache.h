/* The folder in which compiled kernels are kept, and the keys by which they are found again. */
#ifndef COMPILE_CACHE_H
#define COMPILE_CACHE_H

#include "base/hash.h"
#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

/** The key (base/hash.h) of what `key` stands for and what names this machine's processor: what -march=native
 * compiles for. */
uint64_t cache_key_processor(uint64_t key);

/** The same, with what compilers read from the environment. */
uint64_t cache_key_environment(uint64_t key);

/**
 * The folder of the kernel in `folder` (absolute, without links): countersign/NAME-HASH below $XDG_CACHE_HOME
 * or $HOME/.cache; made if need be. Returns 0 or -errno with the problem.
 */
int cache_folder(const char *folder, char *path, size_t size, struct problem *problem);

/** Notes that an entry was used, and removes those of the cache's folder that were not for 30 days. */
void cache_use(const char *entry);
void cache_prune(const char *folder);

/** Removes a file, or a folder and everything in it. */
void cache_remove(const char *path);

#endif
