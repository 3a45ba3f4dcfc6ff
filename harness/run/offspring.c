#include "run/offspring.h"

#include "base/process_stat.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <sys/sysinfo.h>

unsigned offspring_system_count(void) {
    struct sysinfo facts;
    return sysinfo(&facts) == 0 ? facts.procs : 0;
}

static pid_t read_group(const char *pid) {
    char path[300];
    struct process_stat stat;
    snprintf(path, sizeof path, "/proc/%.255s/stat", pid);
    return process_stat_read(path, &stat) ? -1 : stat.group;
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

bool offspring_is_flood(pid_t group, unsigned *least) {
    unsigned now = offspring_system_count();
    if (now < *least)
        *least = now;
    return now > *least + OFFSPRING_MOST && offspring_count(group) > OFFSPRING_MOST;
}
