/* Folders whose content other programs made. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

/**
 * Removes a folder and everything in it, however deep, and with permissions that were taken away. Follows no
 * link and leaves what is mounted there. Returns 0, also where there is none, or -errno: why something was
 * left.
 */
int folder_remove(const char *path);

#endif
