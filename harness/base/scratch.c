#include "base/scratch.h"

#include "base/folder.h"
#include "base/option_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Not the name that versions before locks gave: those remove folders of process numbers that they do not
 * know. */
#define SCRATCH_PREFIX "countersign-run-"
#define LEASE_S (3 * 86400)
#define BOOT_SIZE 64

/* Of the running kernel, which all containers on it share, and whose locks they see. */
static void read_boot(char *boot) {
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    memset(boot, 0, BOOT_SIZE);
    if (file >= 0 && read(file, boot, BOOT_SIZE - 1) < 0)
        boot[0] = '\0';
    if (file >= 0)
        close(file);
}

static int open_claim(const char *folder, int flags) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" CLAIM_FILE, folder) >= (int)sizeof path)
        return -ENAMETOOLONG;
    int claim = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
    return claim < 0 ? -errno : claim;
}

int claim_take(const char *folder) {
    char boot[BOOT_SIZE];
    struct stat facts;
    int claim = open_claim(folder, O_CREAT);
    if (claim < 0)
        return claim;
    /* Where there are no locks, the file's age alone tells. */
    int status = flock(claim, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? -EBUSY : 0;
    if (status == 0 && (fstat(claim, &facts) != 0 || facts.st_nlink == 0))
        status = -EBUSY; /* removed before it was locked */
    read_boot(boot);
    if (status == 0 && pwrite(claim, boot, sizeof boot, 0) < 0)
        status = -errno;
    if (status == 0)
        return claim;
    close(claim);
    return status;
}

void claim_renew(int claim) {
    if (claim > 0)
        futimens(claim, NULL);
}

/* By the clock of the file system, which another machine shares, unlike this one's. */
static bool is_expired(const char *folder, const struct stat *claim) {
    char probe[PATH_MAX];
    struct stat now = {.st_mtime = time(NULL)};
    if (snprintf(probe, sizeof probe, "%s.XXXXXX", folder) < (int)sizeof probe) {
        int file = mkostemp(probe, O_CLOEXEC);
        if (file >= 0) {
            fstat(file, &now);
            close(file);
            unlink(probe);
        }
    }
    return difftime(now.st_mtime, claim->st_mtime) > LEASE_S;
}

bool claim_is_abandoned(const char *folder, int *claim) {
    char boot[BOOT_SIZE], of_owner[BOOT_SIZE] = "";
    struct stat facts;
    *claim = open_claim(folder, 0);
    if (*claim < 0)
        return false;
    bool locked = flock(*claim, LOCK_EX | LOCK_NB) == 0, taken = !locked && errno == EWOULDBLOCK;
    read_boot(boot);
    if (!taken && fstat(*claim, &facts) == 0 && facts.st_uid == geteuid() && facts.st_nlink > 0 &&
        pread(*claim, of_owner, sizeof of_owner, 0) == sizeof of_owner) {
        bool here = locked && boot[0] && !memcmp(boot, of_owner, sizeof boot);
        if (here || is_expired(folder, &facts))
            return true;
    }
    close(*claim);
    *claim = -1;
    return false;
}

/* Gives up the claim. What cannot be removed is left as abandoned, for the next to try. */
static void remove_claimed(const char *path, int claim) {
    int again = folder_remove(path) ? claim_take(path) : -1;
    close(claim);
    if (again >= 0)
        close(again);
}

static void remove_abandoned(const char *base) {
    DIR *stream = opendir(base);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        char path[PATH_MAX];
        struct stat facts;
        int claim;
        if (strncmp(entry->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) ||
            snprintf(path, sizeof path, "%s/%s", base, entry->d_name) >= (int)sizeof path ||
            lstat(path, &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != geteuid() ||
            !claim_is_abandoned(path, &claim))
            continue;
        remove_claimed(path, claim);
    }
    if (stream)
        closedir(stream);
}

int scratch_open(char *path, size_t size, const char *base, struct problem *problem) {
    char absolute[PATH_MAX]; /* a worker, which is in another folder, is told the path too */
    if (!base)
        base = getenv("TMPDIR");
    if (!base || !*base)
        base = "/var/tmp";
    if (realpath(base, absolute))
        base = absolute;
    remove_abandoned(base);
    /* Whoever looks between making and claiming finds no claim, and leaves it alone. */
    int status = snprintf(path, size, "%s/" SCRATCH_PREFIX "XXXXXX", base) >= (int)size ? -ENAMETOOLONG : 0;
    if (status == 0 && !mkdtemp(path))
        status = -errno;
    int claim = status ? status : claim_take(path);
    if (claim >= 0)
        return claim;
    if (status == 0)
        folder_remove(path);
    path[0] = '\0';
    return problem_set(problem, -claim,
                       "cannot make a scratch folder in %s: %s; name another with %s or TMPDIR", base,
                       strerror(-claim), option_name(SETTING_SCRATCH));
}

void scratch_close(char *path, int claim) {
    if (!path[0])
        return;
    remove_claimed(path, claim);
    path[0] = '\0';
}
