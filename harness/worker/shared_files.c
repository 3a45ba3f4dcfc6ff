#include "worker/shared_files.h"

#include "base/hash.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPENMP "__KMP_" /* begins libomp's names */

/* Regular, this user's, and not libomp's, which stays until the process ends. */
static bool is_own(int folder, const char *name) {
    struct stat facts;
    return name[0] != '.' && strncmp(name, OPENMP, sizeof OPENMP - 1) != 0 &&
           fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode) &&
           facts.st_uid == geteuid();
}

void shared_files_read(struct shared_files *files) {
    DIR *folder = opendir(SHARED_FILES_FOLDER);
    files->count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!is_own(dirfd(folder), entry->d_name))
            continue;
        if (files->count < SHARED_FILES_MAX)
            files->names[files->count] = hash_text(HASH_START, entry->d_name);
        files->count++;
    }
    if (folder)
        closedir(folder);
}

static bool has(const struct shared_files *files, uint64_t name) {
    for (size_t i = 0; i < files->count && i < SHARED_FILES_MAX; i++)
        if (files->names[i] == name)
            return true;
    return false;
}

static bool has_open(const char *process, const char *path) {
    char folder_path[300], link[PATH_MAX];
    snprintf(folder_path, sizeof folder_path, "/proc/%s/fd", process);
    DIR *folder = opendir(folder_path);
    bool found = false;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1);
        link[length > 0 ? length : 0] = '\0';
        found = !strcmp(link, path);
    }
    if (folder)
        closedir(folder);
    return found;
}

static bool has_mapped(const char *process, const char *path) {
    char maps[300], *line = NULL;
    size_t room = 0;
    bool found = false;
    snprintf(maps, sizeof maps, "/proc/%s/maps", process);
    FILE *file = fopen(maps, "re");
    while (file && !found && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        const char *name = strchr(line, '/');
        found = name && !strcmp(name, path);
    }
    free(line);
    if (file)
        fclose(file);
    return found;
}

static bool is_held_elsewhere(const char *name) {
    char path[sizeof SHARED_FILES_FOLDER + 256];
    DIR *processes = opendir("/proc");
    bool held = false;
    snprintf(path, sizeof path, SHARED_FILES_FOLDER "/%s", name);
    for (struct dirent *entry; processes && !held && (entry = readdir(processes));)
        held = isdigit((unsigned char)entry->d_name[0]) && atol(entry->d_name) != getpid() &&
               (has_open(entry->d_name, path) || has_mapped(entry->d_name, path));
    if (processes)
        closedir(processes);
    return held;
}

static bool is_new(const struct shared_files *before, const struct shared_files *after) {
    if (before->count > SHARED_FILES_MAX || after->count > SHARED_FILES_MAX)
        return false;
    for (size_t i = 0; i < after->count; i++)
        if (!has(before, after->names[i]))
            return true;
    return false;
}

static size_t each_left(const struct shared_files *before, const struct shared_files *after, bool remove) {
    DIR *folder = is_new(before, after) ? opendir(SHARED_FILES_FOLDER) : NULL;
    size_t count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        uint64_t name = hash_text(HASH_START, entry->d_name);
        if (has(before, name) || !has(after, name) || is_held_elsewhere(entry->d_name) ||
            !is_own(dirfd(folder), entry->d_name)) /* its maker may have removed it meanwhile */
            continue;
        if (remove)
            unlinkat(dirfd(folder), entry->d_name, 0);
        count++;
    }
    if (folder)
        closedir(folder);
    return count;
}

size_t shared_files_left(const struct shared_files *before, const struct shared_files *after) {
    return each_left(before, after, false);
}

void shared_files_remove(const struct shared_files *before) {
    struct shared_files now;
    shared_files_read(&now);
    each_left(before, &now, true);
}

void shared_files_forget_openmp(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, SHARED_FILES_FOLDER "/" OPENMP "REGISTERED_LIB_%d_%u", (int)pid, getuid());
    unlink(path);
}
