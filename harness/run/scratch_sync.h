/* How long the disk below a folder takes to keep what was written: what variants that call fsync wait for. */
#ifndef RUN_SCRATCH_SYNC_H
#define RUN_SCRATCH_SYNC_H

/**
 * Nanoseconds of a write of 4 KiB over a file in `folder` and the fdatasync after it, the median of some. NAN where that
 * cannot be done. The file is removed.
 */
double scratch_sync_ns(const char *folder);

#endif
