/*
 * What a compiler told of a source's functions, kept in the user's cache: while the compiler, its command, and all files
 * that it read are the same, it would tell the same again.
 */
#ifndef DEBUG_DEFINITIONS_CACHE_H
#define DEBUG_DEFINITIONS_CACHE_H

#include "debug/definitions.h"

#include <stdint.h>

/** Where the definitions of one command and compiler are kept. */
struct definitions_cache {
    char uses[4300];  /* what they depend on (compile/dependencies.h), and the key of: */
    char types[4300]; /* the definitions */
};

/**
 * The place for `key` (base/hash.h: of the command, the compiler's version, and the content of a source that is not known
 * by its path). This program's own file is part of the place: another build may read debug data otherwise. Returns 0 or
 * -errno, where there is no cache.
 */
int definitions_cache_find(struct definitions_cache *cache, uint64_t key);

/** Whether they are kept, whole, and nothing they depend on has changed. Then they are in `definitions`, which was zeroed. */
bool definitions_cache_load(const struct definitions_cache *cache, struct definitions *definitions);

/**
 * Keeps definitions that a compiler found which began at `begun_ns` (since 1970), ran with -v -MD -MF `depfile` and said
 * `said`. What lies in `own`, a folder made for this once, is nothing that they depend on. What cannot be kept is not: it
 * is compiled again.
 */
void definitions_cache_save(const struct definitions_cache *cache, const struct definitions *definitions,
                            const char *depfile, const char *said, const char *own, uint64_t begun_ns);

#endif
