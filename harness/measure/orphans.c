#include "measure/orphans.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of all threads; each has its own list (proc(5), /proc/PID/task/TID/children). */
static size_t list_children(pid_t *pids, size_t most) {
    DIR *folder = opendir("/proc/self/task");
    size_t count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[64 + sizeof entry->d_name];
        int pid;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/children", entry->d_name);
        FILE *file = fopen(path, "re");
        while (file && count < most && fscanf(file, "%d", &pid) == 1)
            pids[count++] = pid;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return count;
}

static bool is_known(const struct orphans *orphans, pid_t pid) {
    for (size_t i = 0; i < orphans->known_count; i++)
        if (orphans->known[i] == pid)
            return true;
    return false;
}

void orphans_adopt(struct orphans *orphans) {
    orphans->known_count = list_children(orphans->known, ORPHANS_MOST);
    orphans->adopted_before = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &orphans->adopted_before, 0, 0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void orphans_end(const struct orphans *orphans) {
    pid_t pids[ORPHANS_MOST];
    for (int tries = 0; tries < 2000; tries++) {
        size_t count = list_children(pids, ORPHANS_MOST), left = 0;
        for (size_t i = 0; i < count; i++) {
            if (is_known(orphans, pids[i]))
                continue;
            left++;
            kill(pids[i], SIGKILL);
            waitpid(pids[i], NULL, WNOHANG);
        }
        if (left == 0)
            break;
        usleep(1000);
    }
    prctl(PR_SET_CHILD_SUBREAPER, orphans->adopted_before, 0, 0, 0);
}
