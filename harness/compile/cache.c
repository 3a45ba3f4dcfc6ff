#include "compile/cache.h"

#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UNUSED_S (30.0 * 86400)

uint64_t cache_key_processor(uint64_t key) {
    static const char *const fields[] = {"vendor_id", "cpu family", "model", "flags", "CPU ", "Features"};
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[8192];
    while (file && fgets(line, sizeof line, file) && line[0] != '\n') /* the first processor's */
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (!strncmp(line, fields[i], strlen(fields[i])))
                key = hash_text(key, line);
    if (file)
        fclose(file);
    return key;
}

uint64_t cache_key_environment(uint64_t key) {
    static const char *const variables[] = {"CPATH",           "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
                                            "GCC_EXEC_PREFIX", "COMPILER_PATH",  "SOURCE_DATE_EPOCH"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        key = hash_text(key, getenv(variables[i]) ? getenv(variables[i]) : "");
    return key;
}

int cache_folder(const char *folder, char *path, size_t size, struct problem *problem) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *slash = strrchr(folder, '/');
    bool given = cache && *cache == '/';
    if (!given && (!home || *home != '/'))
        return problem_set(problem, ENOENT,
                           "no folder to compile in: HOME is not set; set XDG_CACHE_HOME to a folder");
    char name[64];
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : folder);
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *c))
            *c = '_';
    int length = snprintf(path, size, "%s%s/countersign/%s-%016llx", given ? cache : home,
                          given ? "" : "/.cache", name, (unsigned long long)hash_text(HASH_START, folder));
    if (length >= (int)size)
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", given ? cache : home);
    int status = folder_make(path);
    return status ? problem_set(problem, -status,
                                "cannot make %s to compile in: %s; set XDG_CACHE_HOME to another folder",
                                path, strerror(-status))
                  : 0;
}

void cache_remove(const char *path) {
    if (folder_remove(path) == -ENOTDIR)
        unlink(path);
}

void cache_use(const char *entry) {
    utimensat(AT_FDCWD, entry, NULL, 0);
}

void cache_prune(const char *folder) {
    DIR *stream = opendir(folder);
    time_t now = time(NULL);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        char path[8192];
        struct stat facts;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && length < (int)sizeof path && lstat(path, &facts) == 0 &&
            difftime(now, facts.st_mtime) > UNUSED_S)
            cache_remove(path);
    }
    if (stream)
        closedir(stream);
}
