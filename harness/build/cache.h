/* The folder in which compiled kernels are kept, and the keys by which they are found again. */
#ifndef BUILD_CACHE_H
#define BUILD_CACHE_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

/** A key under way: FNV-1a, 64 bits. */
#define CACHE_KEY_START 0xcbf29ce484222325u
uint64_t cache_key(uint64_t key, const void *data, size_t size);

/** The same of a text and its end, so that "ab","c" and "a","bc" differ. */
uint64_t cache_key_text(uint64_t key, const char *text);

/** The same of what names this machine's processor: what -march=native compiles for. */
uint64_t cache_key_processor(uint64_t key);

/**
 * The folder of the kernel in `folder` (absolute, without links): countersign/NAME-HASH below $XDG_CACHE_HOME
 * or $HOME/.cache; made if need be. Returns 0 or -errno with the problem.
 */
int cache_folder(const char *folder, char *path, size_t size, struct problem *problem);

/** Notes that an entry was used, and removes those of the cache's folder that were not for 30 days. */
void cache_use(const char *entry);
void cache_prune(const char *folder);

/** Removes a folder and everything in it. */
void cache_remove(const char *path);

#endif
