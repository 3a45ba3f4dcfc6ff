/* Keeping a worker's writes in its own folder, by Landlock (Linux 5.13, no privilege needed). */
#ifndef RUN_CONFINEMENT_H
#define RUN_CONFINEMENT_H

#include "host/finding.h"

/**
 * The version of Landlock's interface in the running kernel, 1 or more; -ENOSYS: this build or the kernel has
 * none; -EOPNOTSUPP: the kernel has it switched off.
 */
int confinement_version(void);

/**
 * For the calling process and all that it starts, for good: makes, opens for writing, truncates, renames and
 * removes files below `folder` only, and writes to /dev/null, /dev/zero, /dev/full and its own /proc entries
 * besides; mounts nothing; from version 6 on (Linux 6.12) signals no process that was there before. Reading
 * is not restricted, nor is changing owner, mode or times of files, nor what is open already. Checked by the
 * kernel when a path is looked up, not when an open file is read or written. Gives up the right to gain
 * privileges by exec. Async-signal-safe, for use between fork and exec. Returns 0 or -errno (as
 * confinement_version, or of opening `folder`).
 */
int confine_writes(const char *folder);

/**
 * For the calling process and all that it starts, for good: opens no file below `hidden` for reading, wherever it is
 * mounted, nor any that is made later beside it or beside a folder above it. Not async-signal-safe; with the rest as confine_writes. Returns 0, also
 * where there is no such folder, or -errno, and then everything can be read.
 */
int hide_folder(const char *hidden);

/** Appends a finding for `doctor`: whether workers are confined here, and why not. */
void confinement_findings(struct findings *findings);

#endif
