#include "run/confinement.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<linux/landlock.h>) && defined(SYS_landlock_create_ruleset)
#include <linux/landlock.h>

/* Of versions later than the oldest header that this is built with (linux/landlock.h of Linux 6.12). */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1u << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1u << 14)
#endif
#define SCOPE_SIGNAL (1u << 1)

/* struct landlock_ruleset_attr as of version 6; an older kernel is given the size that it knows. */
struct ruleset {
    uint64_t files, network, scopes;
};

#define FILE_WRITES ((uint64_t)LANDLOCK_ACCESS_FS_WRITE_FILE)
#define FOLDER_WRITES                                                                                        \
    (FILE_WRITES | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |              \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |           \
     LANDLOCK_ACCESS_FS_MAKE_SYM)

int confinement_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : -errno;
}

static int allow_at(int ruleset, int folder, const char *path, int flags, uint64_t access) {
    int fd = openat(folder, path, flags | O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    int status =
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 ? -errno : 0;
    close(fd);
    return status;
}

static int allow(int ruleset, const char *path, uint64_t access) {
    return allow_at(ruleset, AT_FDCWD, path, 0, access);
}

/* Gives up the rest, for good. */
static int restrict_self(int ruleset) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0
               ? -errno
               : 0;
}

/* Reading whatever lies in `folder`, but not in its entry `hidden`. Of a link, the link: where it leads to may be hidden. */
static int allow_siblings(int ruleset, const char *folder, const char *hidden) {
    DIR *stream = opendir(folder);
    int status = stream ? 0 : -errno;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && strcmp(entry->d_name, hidden)) {
            status =
                allow_at(ruleset, dirfd(stream), entry->d_name, O_NOFOLLOW, LANDLOCK_ACCESS_FS_READ_FILE);
            status = status == -ENOENT ? 0 : status; /* gone meanwhile */
        }
    if (stream)
        closedir(stream);
    return status;
}

int hide_folder(const char *hidden) {
    struct ruleset rules = {.files = LANDLOCK_ACCESS_FS_READ_FILE};
    int version = confinement_version(), status = 0;
    char *path = version < 0 ? NULL : realpath(hidden, NULL);
    if (!path)
        return version < 0 ? version : errno == ENOENT ? 0 : -errno;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, offsetof(struct ruleset, network), 0);
    if (ruleset < 0)
        status = -errno;
    /* There are rules that allow, and none that forbid: so what lies beside it, on all levels. */
    for (char *slash = path, *end; slash && status == 0; slash = end) {
        *slash = '\0';
        end = strchr(slash + 1, '/');
        if (end)
            *end = '\0';
        status = allow_siblings(ruleset, slash == path ? "/" : path, slash + 1);
        if (end)
            *end = '/';
        *slash = '/';
    }
    if (status == 0)
        status = restrict_self(ruleset);
    if (ruleset >= 0)
        close(ruleset);
    free(path);
    return status;
}

int confine_writes(const char *folder) {
    static const char *const harmless[] = {"/dev/null", "/dev/zero", "/dev/full", "/proc/self"};
    int version = confinement_version();
    if (version < 0)
        return version;
    uint64_t truncation = version >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0;
    uint64_t all = FOLDER_WRITES | truncation | (version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0);
    struct ruleset rules = {.files = all, .scopes = version >= 6 ? SCOPE_SIGNAL : 0};
    size_t size = version >= 6 ? sizeof rules : offsetof(struct ruleset, network);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0)
        return -errno;
    int status = allow(ruleset, folder, all);
    /*
     * Shared memory: OpenMP runtimes register themselves there (shm_open), and libomp aborts where it cannot.
     */
    allow(ruleset, "/dev/shm",
          FILE_WRITES | truncation | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE);
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        allow(ruleset, harmless[i], FILE_WRITES | truncation); /* absent in some containers */
    if (status == 0)
        status = restrict_self(ruleset);
    close(ruleset);
    return status;
}
#else
int confinement_version(void) {
    return -ENOSYS;
}

int hide_folder(const char *hidden) {
    (void)hidden;
    return -ENOSYS;
}

int confine_writes(const char *folder) {
    (void)folder;
    return -ENOSYS;
}
#endif

/* Confines a child, as a worker will be: the version alone is a promise. 0 or -errno. */
static int try_confinement(void) {
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(-confine_writes("/proc/self"));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

void confinement_findings(struct findings *findings) {
    int version = confinement_version(), tried = version > 0 ? try_confinement() : 0;
    if (tried) {
        finding_add(findings, FINDING_NOTE, "confinement",
                    "allow the system calls of Landlock in the sandbox",
                    "nothing keeps measured code from writing files that you may write: Landlock is there, "
                    "but confining a process was refused: %s",
                    strerror(-tried));
        return;
    }
    if (version >= 6)
        finding_add(findings, FINDING_GOOD, "confinement", NULL,
                    "measured code writes below its own folder and to shared memory only and signals only "
                    "what it started "
                    "(Landlock %d)",
                    version);
    else if (version > 0)
        finding_add(findings, FINDING_GOOD, "confinement", NULL,
                    "measured code writes below its own folder and to shared memory only (Landlock %d)",
                    version);
    else
        finding_add(findings, FINDING_NOTE, "confinement",
                    version == -EOPNOTSUPP ? "boot with lsm=landlock,… to have them confined"
                                           : "Linux 5.13 with Landlock would confine them",
                    "nothing keeps measured code from writing files that you may write: %s",
                    version == -EOPNOTSUPP ? "Landlock is switched off" : "there is no Landlock here");
}
