#include "run/tree_memory.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MOST 1024

struct sums {
    uint64_t own, shared; /* bytes: private and swapped; of memory that is shared and mapped */
};

/* Adds the lines "NAME: N kB" of a file in /proc; whether there were any. */
static bool add_lines(pid_t pid, const char *name, const char *const *own, const char *const *shared,
                      struct sums *sums) {
    char path[64], line[256];
    bool any = false;
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        unsigned long long kib = 0;
        size_t length = strcspn(line, ":");
        if (!line[length] || sscanf(line + length + 1, "%llu", &kib) != 1)
            continue;
        line[length] = '\0';
        any = true;
        for (size_t i = 0; own[i]; i++)
            sums->own += strcmp(line, own[i]) ? 0 : kib * 1024;
        for (size_t i = 0; shared[i]; i++)
            sums->shared += strcmp(line, shared[i]) ? 0 : kib * 1024;
    }
    if (file)
        fclose(file);
    return any;
}

static bool is_in_memory(const char *link) {
    return !strncmp(link, "/memfd:", 7) || !strncmp(link, "/dev/shm/", 9);
}

/* Bytes of the files in memory that a process has open and that were not seen yet. */
static uint64_t add_files(pid_t pid, ino_t *seen, size_t *count) {
    char folder[64], path[64 + 256], link[64];
    uint64_t bytes = 0;
    snprintf(folder, sizeof folder, "/proc/%ld/fd", (long)pid);
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        struct stat facts;
        bool known = false;
        snprintf(path, sizeof path, "%s/%.255s", folder, entry->d_name);
        ssize_t length = readlink(path, link, sizeof link - 1);
        link[length > 0 ? length : 0] = '\0';
        if (!is_in_memory(link) || stat(path, &facts) != 0)
            continue;
        for (size_t i = 0; i < *count; i++)
            known |= seen[i] == facts.st_ino;
        if (known)
            continue;
        bytes += (uint64_t)facts.st_blocks * 512;
        if (*count < FILES_MOST)
            seen[(*count)++] = facts.st_ino;
    }
    if (stream)
        closedir(stream);
    return bytes;
}

uint64_t tree_memory(const pid_t *pids, size_t count, uint64_t enough, ino_t except) {
    static const char *const resident[] = {"RssAnon", "VmSwap", NULL},
                             *const resident_shared[] = {"RssShmem", NULL},
                             *const shares[] = {"Pss_Anon", "SwapPss", NULL},
                             *const shares_shared[] = {"Pss_Shmem", NULL};
    ino_t seen[FILES_MOST] = {except};
    size_t files = 1;
    uint64_t in_files = 0;
    struct sums bound = {0}, exact = {0};
    for (size_t i = 0; i < count; i++) {
        add_lines(pids[i], "status", resident, resident_shared, &bound);
        in_files += add_files(pids[i], seen, &files);
    }
    if (bound.own + bound.shared + in_files <= enough)
        return bound.own + bound.shared + in_files;
    /*
     * Some was counted more than once, by all that share it. A process may close its pages to be looked at.
     */
    for (size_t i = 0; i < count; i++)
        if (!add_lines(pids[i], "smaps_rollup", shares, shares_shared, &exact))
            add_lines(pids[i], "status", resident, resident_shared, &exact);
    return exact.own + (exact.shared > in_files ? exact.shared : in_files);
}
