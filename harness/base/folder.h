/* Folders whose content other programs made, and files in them. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

/**
 * Removes a folder and everything in it, however deep, and with permissions that were taken away. Follows no
 * link and leaves what is mounted there. Returns 0, also where there is none, or -errno: why something was
 * left.
 */
int folder_remove(const char *path);

/** Makes a folder and those above it that are not there. Returns 0, also where all are there, or -errno. */
int folder_make(const char *path);

/**
 * Makes the folder `to`, which is there, hold what `from` holds, and no more: files, folders and symbolic links. A file of the
 * same size and time of last change is left as it is, and what has changed is written in its place, so that a large folder costs
 * what was changed in it. Returns 0 or -errno; -ENOTSUP: something else is in `from`.
 */
int folder_mirror(const char *from, const char *to);

/** Copies a file's content and permissions over what is at `to`. Returns 0 or -errno. */
int file_copy(const char *from, const char *to);

#endif
