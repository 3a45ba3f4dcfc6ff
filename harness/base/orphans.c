#include "base/orphans.h"

#include "base/child.h"
#include "base/process_stat.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t read_parent(const char *pid) {
    char path[300];
    struct process_stat stat;
    snprintf(path, sizeof path, "/proc/%.255s/stat", pid);
    return process_stat_read(path, &stat) ? -1 : stat.parent;
}

/* Where the kernel does not list children (CONFIG_PROC_CHILDREN). */
static size_t search_children(pid_t *pids, size_t most) {
    DIR *folder = opendir("/proc");
    size_t count = 0;
    int pid;
    for (struct dirent *entry; folder && count < most && (entry = readdir(folder));)
        if (isdigit((unsigned char)entry->d_name[0]) && read_parent(entry->d_name) == getpid() &&
            sscanf(entry->d_name, "%d", &pid) == 1)
            pids[count++] = pid;
    if (folder)
        closedir(folder);
    return count;
}

/* Of all threads of a process; each has its own list (proc(5), /proc/PID/task/TID/children). -1: there are
 * none. */
static ssize_t read_children(pid_t process, pid_t *pids, size_t most) {
    char tasks[64];
    snprintf(tasks, sizeof tasks, "/proc/%ld/task", (long)process);
    DIR *folder = opendir(tasks);
    size_t count = 0;
    bool listed = false;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[sizeof tasks + sizeof entry->d_name + 16];
        int pid;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/children", tasks, entry->d_name);
        FILE *file = fopen(path, "re");
        listed |= file != NULL;
        while (file && count < most && fscanf(file, "%d", &pid) == 1)
            pids[count++] = pid;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return listed ? (ssize_t)count : -1;
}

static size_t list_children(pid_t *pids, size_t most) {
    ssize_t count = read_children(getpid(), pids, most);
    return count < 0 ? search_children(pids, most) : (size_t)count;
}

static bool is_known(const struct orphans *orphans, pid_t pid) {
    for (size_t i = 0; i < orphans->known_count; i++)
        if (orphans->known[i] == pid)
            return true;
    return false;
}

/* The usual case, in which nothing need be listed. */
static bool has_children(void) {
    siginfo_t ended;
    return waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
}

void orphans_adopt(struct orphans *orphans) {
    orphans->known_count = has_children() ? list_children(orphans->known, ORPHANS_MOST) : 0;
    orphans->adopted_before = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &orphans->adopted_before, 0, 0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

size_t orphans_list(const struct orphans *orphans, pid_t *pids, size_t most) {
    size_t count = list_children(pids, most), kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_known(orphans, pids[i]))
            pids[kept++] = pids[i];
    for (size_t i = 0; i < kept && kept < most; i++) {
        ssize_t more = read_children(pids[i], pids + kept, most - kept);
        kept += more > 0 ? (size_t)more : 0;
    }
    return kept;
}

/*
 * Once; how many there were, those included that are gone now, whose own children are listed the next time.
 */
static size_t sweep(const struct orphans *orphans, pid_t spared, int *error) {
    pid_t pids[ORPHANS_MOST];
    size_t count = has_children() ? list_children(pids, ORPHANS_MOST) : 0, seen = 0;
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == spared || is_known(orphans, pids[i]))
            continue;
        seen++;
        kill(-pids[i], SIGKILL); /* of a leader, all at once: nobody can fork meanwhile */
        if (kill(pids[i], SIGKILL) != 0 && errno == EPERM)
            *error = EPERM;
        waitpid(pids[i], NULL, WNOHANG | __WALL);
    }
    return seen;
}

int orphans_end(const struct orphans *orphans) {
    double end = monotonic_s() + ORPHANS_PATIENCE_S;
    int error = 0;
    for (int tries = 0; sweep(orphans, 0, &error) > 0; tries++) {
        if (error || monotonic_s() > end)
            return -(error ? error : ETIMEDOUT);
        usleep(tries ? 1000 : 0);
    }
    prctl(PR_SET_CHILD_SUBREAPER, orphans->adopted_before, 0, 0, 0);
    return 0;
}

/* Until the group is empty. Of its members, some may be children of what left it. */
static int end_group(const struct orphans *orphans, pid_t group, double end) {
    int error = 0;
    for (int tries = 0; kill(-group, SIGKILL) == 0; tries++) {
        while (waitpid(-group, NULL, WNOHANG | __WALL) > 0)
            ;
        if (orphans)
            sweep(orphans, 0, &error);
        if (error || monotonic_s() > end)
            return -(error ? error : ETIMEDOUT);
        usleep(tries ? 1000 : 0);
    }
    return errno == ESRCH ? 0 : -errno;
}

/* Its number is its own as long as it is not waited for. */
static int end_one(pid_t pid, int pidfd) {
    kill(-pid, SIGKILL);
    int failed =
        pidfd < 0 ? kill(pid, SIGKILL) : (int)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    return failed && errno == EPERM ? EPERM : 0;
}

int orphans_end_child(const struct orphans *orphans, pid_t pid, int pidfd, int *wait_status,
                      struct rusage *usage) {
    double end = monotonic_s() + ORPHANS_PATIENCE_S;
    int error = 0;
    for (;;) {
        error = end_one(pid, pidfd);
        pid_t ended = wait4(pid, wait_status, WNOHANG | __WALL, usage);
        /* One that had itself traced by this process tells of its stops, too. */
        if (ended == pid && (WIFEXITED(*wait_status) || WIFSIGNALED(*wait_status)))
            break;
        if (ended < 0 && errno != EINTR)
            return -errno;
        if (error || monotonic_s() > end)
            return -(error ? error : ETIMEDOUT);
        if (orphans)
            sweep(orphans, pid, &error); /* one of them may trace it, and hold it so */
        poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, ended == pid ? 0 : 1);
    }
    int status = end_group(orphans, pid, end), left = orphans ? orphans_end(orphans) : 0;
    return status ? status : left;
}
