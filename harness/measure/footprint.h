/* The memory of a worker and of all that it started. */
#ifndef MEASURE_FOOTPRINT_H
#define MEASURE_FOOTPRINT_H

/**
 * Bytes of memory that the children of the calling process, and theirs in turn, hold together: what each has
 * for itself, and once what they share: memory files, files in /dev/shm and shared anonymous memory, mapped
 * or only open. Pages that a fork left in common are told apart only where the sum would exceed `limit`, as
 * that takes long. 0 where the system lists no children (CONFIG_PROC_CHILDREN).
 */
double footprint_bytes(double limit);

#endif
