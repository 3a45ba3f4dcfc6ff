/*
 * Scratch folders, and who owns what several programs share. An owner holds the lock of a file in the folder;
 * it is free once the owner is gone, however it went. A process number says nothing: it means another
 * process, or none, in another container or on another machine.
 */
#ifndef BASE_SCRATCH_H
#define BASE_SCRATCH_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>

#define CLAIM_FILE "countersign.lock" /**< in a folder that has an owner */

/**
 * Claims a folder for this program, until it ends or the descriptor that is returned is closed. It is closed
 * by exec, but not by fork: what was forked keeps the claim. Returns it or -errno: -EBUSY somebody else has
 * it.
 */
int claim_take(const char *folder);

/**
 * Whether the folder was claimed by a program that is gone; one without a claim was not. Another machine's
 * lock may not be seen here: there, what was not renewed for three days is abandoned. If so, *claim is the
 * descriptor of a claim of one's own, to be closed when the folder is gone.
 */
bool claim_is_abandoned(const char *folder, int *claim);

/** Notes that the owner is alive; at least once a day. */
void claim_renew(int claim);

/**
 * Makes a folder of this program's own below `base` (NULL: $TMPDIR if set, else /var/tmp, which is on a disk
 * where /tmp often is not), its absolute path in `path`, and removes those whose owners are gone. Returns its
 * claim, to be given to scratch_close, or -errno with the problem and `path` empty.
 */
int scratch_open(char *path, size_t size, const char *base, struct problem *problem);

/** Removes the folder and gives it up; `path` becomes empty. Does nothing where it is. */
void scratch_close(char *path, int claim);

#endif
