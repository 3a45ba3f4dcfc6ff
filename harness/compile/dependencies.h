/*
 * What one translation unit is made of: the files that the preprocessor read, and the folders in which
 * another file would have been found in the stead of one of them. While none of these changed, the
 * preprocessor would say the same again, and need not be asked.
 */
#ifndef COMPILE_DEPENDENCIES_H
#define COMPILE_DEPENDENCIES_H

#include "base/words.h"

#include <stdbool.h>
#include <stdint.h>

/** Starts zeroed; clear with dependencies_clear. */
struct dependencies {
    struct words files;   /**< as the preprocessor names them */
    struct words folders; /**< whether they are there or not */
    struct words
        names;      /**< of what was read or asked for, without folders: what might be found in one of them */
    bool uncertain; /**< what was made depends on more: the time of day, a file whose name a macro makes */
};

/**
 * Reads what `COMPILER -v -MD -MF depfile` left, with -E or -c: the rule in `depfile`, and in `said` the folders that are
 * searched, in English. Returns 0; -ENODATA where one of them does not tell; or another -errno.
 */
int dependencies_read(struct dependencies *dependencies, const char *depfile, const char *said);

/** Leaves out a folder and all below it: of the caller's own, in which nothing else is found, and gone the next time. */
void dependencies_leave_out(struct dependencies *dependencies, const char *folder);

/** The time since 1970, before a preprocessor begins. */
uint64_t dependencies_now_ns(void);

/**
 * Notes in the file `path` that a preprocessor which began at `begun_ns` (since 1970) found these, and what
 * it made of them has this key. Writes nothing where that might not be so: where they are uncertain, or one
 * of them changed less than two seconds before, as times of files may be that coarse. Returns 0 or -errno.
 */
int dependencies_save(const struct dependencies *dependencies, const char *path, uint64_t begun_ns,
                      uint64_t key);

/**
 * Whether `path` notes a key and everything is still as it was then: size, times, device and inode of all files, and of
 * all folders, or which of the names are in them. Then true with *key, and files, folders and names appended; else *key
 * is as it was.
 */
bool dependencies_hold(struct dependencies *dependencies, const char *path, uint64_t *key);

void dependencies_clear(struct dependencies *dependencies);

#endif
