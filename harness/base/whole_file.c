#include "base/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LEFT_S 60 /* that a file without a lock is left: it may just be made */

static const char *advice(int error) {
    switch (error) {
    case ENOENT:
        return "; the folder does not exist, create it first";
    case ENOTDIR:
        return "; a part of the path is not a folder";
    case EACCES:
    case EPERM:
        return "; the folder is not writable for this user, choose another one";
    case EROFS:
        return "; the file system is read-only, choose another folder";
    case ENOSPC:
        return "; free some space or choose a folder on another disk";
    case EDQUOT:
        return "; this user's disk quota is used up, free some space or choose a folder on another disk";
    case EFBIG:
        return "; the file is larger than this process may write (ulimit -f) or than the file system allows";
    case EISDIR:
        return "; name a file, not a folder";
    default:
        return "";
    }
}

/* What is written, and how. */
struct content {
    whole_file_writer write;
    const void *data;
    mode_t mode;
};

/* What a program that was killed left behind where files cannot be without a name; it would hold the lock
 * otherwise. */
static void remove_left(const char *folder) {
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        struct stat facts;
        if (fnmatch(".?*.[0-9]*-[0-9]*.tmp", entry->d_name, 0) != 0)
            continue;
        int file = openat(dirfd(stream), entry->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        if (file >= 0 && fstat(file, &facts) == 0 && difftime(time(NULL), facts.st_mtime) > LEFT_S &&
            flock(file, LOCK_EX | LOCK_NB) == 0)
            unlinkat(dirfd(stream), entry->d_name, 0);
        if (file >= 0)
            close(file);
    }
    if (stream)
        closedir(stream);
}

/* Tries `act` with names beside the target, until one is free: rename is atomic only within a file system. */
static int with_name(const char *folder, const char *name, int (*act)(const char *path, int argument),
                     int argument, char **path) {
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        if (asprintf(path, "%s/.%s.%ld-%u.tmp", folder, name, (long)getpid(), attempt) < 0) {
            *path = NULL;
            return -ENOMEM;
        }
        int result = act(*path, argument);
        if (result >= 0)
            return result;
        free(*path);
        *path = NULL;
        if (result != -EEXIST)
            return result;
    }
    return -EEXIST;
}

static int make_named(const char *path, int mode) {
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (file < 0)
        return -errno;
    flock(file, LOCK_EX | LOCK_NB);
    return file;
}

static int link_unnamed(const char *path, int file) {
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

static int write_and_sync(const struct content *content, int file) {
    int copy = fcntl(file, F_DUPFD_CLOEXEC, 0);
    FILE *stream = copy < 0 ? NULL : fdopen(copy, "w");
    if (!stream) {
        int error = -errno;
        if (copy >= 0)
            close(copy);
        return error;
    }
    int error = content->write(stream, content->data);
    if (!error && fflush(stream))
        error = -errno;
    if (!error && fsync(file))
        error = -errno;
    if (fclose(stream) && !error)
        error = -errno;
    return error;
}

/* Makes the rename itself durable. Some file systems cannot sync a folder; the file is whole there all the
 * same. */
static int sync_folder(const char *folder) {
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return errno == EACCES ? 0 : -errno;
    int error = fsync(file) && errno != EINVAL && errno != ENOTSUP ? -errno : 0;
    close(file);
    return error;
}

static int rename_or_remove(char *temporary, const char *path) {
    int error = rename(temporary, path) ? -errno : 0;
    if (error)
        unlink(temporary);
    return error;
}

/* By a file without a name until it is whole: nothing stays of it where the program is killed. */
static int replace_by_unnamed(const struct content *content, const char *path, const char *folder,
                              const char *name) {
    char *temporary = NULL;
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, content->mode);
    if (file < 0)
        return -EOPNOTSUPP;
    int error = write_and_sync(content, file);
    if (!error) {
        error = link_unnamed(path, file);
        if (error == -EEXIST) { /* a link replaces nothing */
            error = with_name(folder, name, link_unnamed, file, &temporary);
            error = error ? error : rename_or_remove(temporary, path);
        } else if (error)
            error = -EOPNOTSUPP;
    }
    free(temporary);
    close(file);
    return error;
}

static int replace_by_named(const struct content *content, const char *path, const char *folder,
                            const char *name) {
    char *temporary = NULL;
    int file = with_name(folder, name, make_named, (int)content->mode, &temporary);
    if (file < 0)
        return file;
    int error = write_and_sync(content, file);
    if (error)
        unlink(temporary);
    else
        error = rename_or_remove(temporary, path);
    free(temporary);
    close(file);
    return error;
}

static int replace_file(const struct content *content, const char *path, const char *folder,
                        const char *name) {
    remove_left(folder);
    int error = replace_by_unnamed(content, path, folder, name);
    if (error == -EOPNOTSUPP)
        error = replace_by_named(content, path, folder, name);
    return error ? error : sync_folder(folder);
}

int whole_file_save(const char *path, mode_t mode, const char *what, whole_file_writer write,
                    const void *data, struct problem *problem) {
    struct content content = {write, data, mode};
    char *for_folder = strdup(path), *for_name = strdup(path);
    int error = for_folder && for_name ? replace_file(&content, path, dirname(for_folder), basename(for_name))
                                       : -ENOMEM;
    if (error)
        error = problem_set(problem, -error, "%s: cannot write %s: %s%s", path, what, strerror(-error),
                            advice(-error));
    free(for_folder);
    free(for_name);
    return error;
}
