#include "measure/offspring.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

unsigned offspring_system_count(void) {
    struct sysinfo facts;
    return sysinfo(&facts) == 0 ? facts.procs : 0;
}

/* The fifth field of /proc/PID/stat, after the name, which may hold anything (proc(5)). */
static pid_t read_group(const char *pid) {
    char path[300], text[512] = "";
    int group = -1;
    snprintf(path, sizeof path, "/proc/%.255s/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    const char *name_end = fgets(text, sizeof text, file) ? strrchr(text, ')') : NULL;
    if (!name_end || sscanf(name_end, ") %*c %*d %d", &group) != 1)
        group = -1;
    fclose(file);
    return group;
}

unsigned offspring_count(pid_t group) {
    DIR *folder = opendir("/proc");
    unsigned count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += isdigit((unsigned char)entry->d_name[0]) && read_group(entry->d_name) == group;
    if (folder)
        closedir(folder);
    return count;
}

bool offspring_is_flood(pid_t group, unsigned before) {
    return offspring_system_count() > before + OFFSPRING_MOST && offspring_count(group) > OFFSPRING_MOST;
}
