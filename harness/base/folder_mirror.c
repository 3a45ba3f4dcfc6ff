#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The same name below another folder. Returns whether it fits. */
static bool move_name(const FTSENT *entry, const char *root, const char *other, char path[PATH_MAX]) {
    return snprintf(path, PATH_MAX, "%s%s", other, entry->fts_path + strlen(root)) < PATH_MAX;
}

static bool is_file_or_folder(mode_t mode) {
    return S_ISREG(mode) || S_ISDIR(mode);
}

/* What `from` does not have, or has as something else, goes; links are made again. */
static int remove_other(const FTSENT *entry, const char *to, const char *from) {
    char path[PATH_MAX];
    struct stat wanted;
    bool is_folder = entry->fts_info == FTS_DP;
    if (entry->fts_info == FTS_D || entry->fts_level == 0)
        return 0;
    if (!move_name(entry, to, from, path))
        return -ENAMETOOLONG;
    if (lstat(path, &wanted) == 0 && is_file_or_folder(wanted.st_mode) &&
        (wanted.st_mode & S_IFMT) == (entry->fts_statp->st_mode & S_IFMT))
        return 0;
    return (is_folder ? rmdir : unlink)(entry->fts_path) ? -errno : 0;
}

static bool is_as(const struct stat *wanted, const char *path) {
    struct stat there;
    return lstat(path, &there) == 0 && there.st_size == wanted->st_size &&
           there.st_mtim.tv_sec == wanted->st_mtim.tv_sec && there.st_mtim.tv_nsec == wanted->st_mtim.tv_nsec;
}

static int copy_file(const char *from, const struct stat *facts, const char *to) {
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, facts->st_mtim};
    if (is_as(facts, to))
        return 0;
    if (access(to, W_OK) != 0)
        unlink(to); /* one that was not to be written, and was */
    int status = file_copy(from, to);
    return status ? status : utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

static int copy_link(const char *from, const char *to) {
    char target[PATH_MAX];
    ssize_t length = readlink(from, target, sizeof target - 1);
    if (length < 0)
        return -errno;
    target[length] = '\0';
    return symlink(target, to) ? -errno : 0;
}

static int copy_entry(const FTSENT *entry, const char *from, const char *to) {
    char path[PATH_MAX];
    if (!move_name(entry, from, to, path))
        return -ENAMETOOLONG;
    switch (entry->fts_info) {
    case FTS_D:
        return mkdir(path, 0700) && (errno != EEXIST || chmod(path, 0700)) ? -errno : 0;
    case FTS_DP:
        return entry->fts_level && chmod(path, entry->fts_statp->st_mode & 0777) ? -errno : 0;
    case FTS_F:
        return copy_file(entry->fts_path, entry->fts_statp, path);
    case FTS_SL:
    case FTS_SLNONE:
        return copy_link(entry->fts_path, path);
    default:
        return -ENOTSUP;
    }
}

/* Calls `visit` for all below `root`, folders before and after what is in them. Its first failure, or -errno. */
static int walk(const char *root, const char *other,
                int (*visit)(const FTSENT *entry, const char *root, const char *other)) {
    char *const roots[] = {(char *)root, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    int status = tree ? 0 : -errno;
    for (FTSENT *entry; status == 0 && (errno = 0, entry = fts_read(tree));) {
        bool failed = entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS;
        status = failed ? -entry->fts_errno : visit(entry, root, other);
    }
    if (status == 0 && errno)
        status = -errno;
    if (tree)
        fts_close(tree);
    return status;
}

int folder_mirror(const char *from, const char *to) {
    int status = walk(to, from, remove_other);
    return status ? status : walk(from, to, copy_entry);
}
