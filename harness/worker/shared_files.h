/*
 * Files in /dev/shm that a run left behind. Other programs of the same user make files there too (browsers, tests,
 * sound servers), and theirs are neither blamed on a run nor removed.
 */
#ifndef WORKER_SHARED_FILES_H
#define WORKER_SHARED_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SHARED_FILES_FOLDER "/dev/shm"
#define SHARED_FILES_MAX 256

/** The user's own files there, by hashes of their names. */
struct shared_files {
    uint64_t names[SHARED_FILES_MAX];
    size_t count; /**< more than SHARED_FILES_MAX: too many to compare */
};

void shared_files_read(struct shared_files *files);

/**
 * How many files `after` has that `before` had not, that are still there, and that no other process has open or
 * mapped. 0 where there are too many to compare.
 */
size_t shared_files_left(const struct shared_files *before, const struct shared_files *after);

/** Removes what shared_files_left would count now. */
void shared_files_remove(const struct shared_files *before);

/** Removes libomp's registration of a process, which only exit() takes back: of one that was killed, or ended by _exit(). */
void shared_files_forget_openmp(pid_t pid);

#endif
