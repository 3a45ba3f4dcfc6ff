#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that can be read and emptied, or -errno. */
static int open_folder(int parent, const char *name) {
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    struct stat facts;
    if (fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode) &&
        (facts.st_mode & 0700) != 0700)
        fchmodat(parent, name, 0700, 0);
    int folder = openat(parent, name, flags);
    return folder < 0 ? -errno : folder;
}

static bool is_self_or_parent(const char *name) {
    return !strcmp(name, ".") || !strcmp(name, "..");
}

static DIR *list_folder(int parent, const char *name, int *error) {
    int folder = open_folder(parent, name);
    DIR *stream = folder < 0 ? NULL : fdopendir(folder);
    if (!stream) {
        *error = folder < 0 ? -folder : errno;
        if (folder >= 0)
            close(folder);
    }
    return stream;
}

static bool is_gone(int folder, const char *name) {
    return unlinkat(folder, name, 0) == 0 || unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

/* To `top`, under a name of its own in `place`. What is mounted does not move, and is left alone so. */
static bool move_up(int folder, const char *name, int top, unsigned number, char place[32], int *error) {
    int inner = open_folder(folder, name); /* which makes it writable, as what moves must be */
    if (inner >= 0)
        close(inner);
    snprintf(place, 32, ".left-%u", number);
    if (inner >= 0 && renameat(folder, name, top, place) == 0)
        return true;
    *error = inner < 0 ? -inner : errno;
    return false;
}

/*
 * One level: files go, folders that are not empty move to `top`, to be emptied in their turn. So neither the
 * length of a path nor the number of open files grows with the depth. Returns whether anything went.
 */
static bool flatten(int top, const char *name, unsigned *moved, int *error) {
    DIR *stream = list_folder(top, name, error);
    bool progress = false;
    char place[32];
    for (struct dirent *entry; stream && (entry = readdir(stream));)
        if (!is_self_or_parent(entry->d_name))
            progress |= is_gone(dirfd(stream), entry->d_name) ||
                        move_up(dirfd(stream), entry->d_name, top, (*moved)++, place, error);
    if (stream)
        closedir(stream);
    bool gone = unlinkat(top, name, AT_REMOVEDIR) == 0;
    return progress || gone;
}

/* Once over `top`. Returns whether anything went. */
static bool empty_once(int top, unsigned *moved, int *error) {
    DIR *stream = list_folder(top, ".", error);
    bool progress = false;
    char place[32];
    for (struct dirent *entry; stream && (entry = readdir(stream));)
        if (!is_self_or_parent(entry->d_name))
            progress |=
                is_gone(top, entry->d_name) || (move_up(top, entry->d_name, top, (*moved)++, place, error) &&
                                                flatten(top, place, moved, error));
    if (stream)
        closedir(stream);
    return progress;
}

int folder_remove(const char *path) {
    unsigned moved = 0;
    int error = 0, top = open_folder(AT_FDCWD, path);
    if (top == -ENOENT)
        return 0;
    if (top < 0)
        return top;
    while (empty_once(top, &moved, &error))
        error = 0;
    close(top);
    if (rmdir(path) == 0)
        return 0;
    return -(error ? error : errno);
}

int folder_make(const char *path) {
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return -ENAMETOOLONG;
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return mkdir(part, 0777) != 0 && errno != EEXIST ? -errno : 0;
}

int file_copy(const char *from, const char *to) {
    char block[65536];
    struct stat facts;
    FILE *in = fopen(from, "re"), *out = in ? fopen(to, "we") : NULL;
    int status = out && fstat(fileno(in), &facts) == 0 ? 0 : -errno;
    for (size_t got; status == 0 && (got = fread(block, 1, sizeof block, in)) > 0;)
        status = fwrite(block, 1, got, out) == got ? 0 : -errno;
    if (status == 0 && (ferror(in) || fchmod(fileno(out), facts.st_mode & 0777)))
        status = -EIO;
    if (out && fclose(out) && status == 0)
        status = -errno;
    if (in)
        fclose(in);
    return status;
}
