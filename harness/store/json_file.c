#include "store/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 17 digits give every double back exactly, so that a file read and written again is the same bytes. */
#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(17))

int json_file_print(const json_t *json, FILE *stream) {
    size_t flags = DUMP_FLAGS | (fileno(stream) >= 0 && isatty(fileno(stream)) ? JSON_ENSURE_ASCII : 0);
    errno = 0; /* isatty sets it for a file */
    if (json_dumpf(json, stream, flags) || fputc('\n', stream) == EOF || fflush(stream))
        return errno ? -errno : -EIO;
    return 0;
}

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

static int save_problem(int error, const char *path, struct problem *problem) {
    return problem_set(problem, -error, "%s: cannot write the result: %s%s", path, strerror(-error),
                       advice(-error));
}

/* A file of its own beside the target: rename is atomic only within a file system. Permissions follow the
 * umask. */
static int open_temporary(const char *folder, const char *name, char **path) {
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        if (asprintf(path, "%s/.%s.%ld-%u.tmp", folder, name, (long)getpid(), attempt) < 0) {
            *path = NULL;
            return -ENOMEM;
        }
        int file = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0)
            return file;
        int error = -errno;
        free(*path);
        *path = NULL;
        if (error != -EEXIST)
            return error;
    }
    return -EEXIST;
}

/* Closes `file` in any case. */
static int write_and_sync(const json_t *json, int file) {
    FILE *stream = fdopen(file, "w");
    if (!stream) {
        int error = -errno;
        close(file);
        return error;
    }
    int error = json_file_print(json, stream);
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

static int replace_file(const json_t *json, const char *path, const char *folder, const char *name) {
    char *temporary = NULL;
    int file = open_temporary(folder, name, &temporary);
    if (file < 0)
        return file;
    int error = write_and_sync(json, file);
    if (!error && rename(temporary, path))
        error = -errno;
    if (error)
        unlink(temporary);
    free(temporary);
    return error ? error : sync_folder(folder);
}

int json_file_save(const json_t *json, const char *path, struct problem *problem) {
    char *for_folder = strdup(path), *for_name = strdup(path);
    int error =
        for_folder && for_name ? replace_file(json, path, dirname(for_folder), basename(for_name)) : -ENOMEM;
    if (error)
        error = save_problem(error, path, problem);
    free(for_folder);
    free(for_name);
    return error;
}
