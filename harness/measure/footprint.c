#include "measure/footprint.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_PROCESSES 1024
#define MOST_FILES 1024

struct footprint {
    pid_t processes[MOST_PROCESSES];
    size_t process_count;
    struct {
        dev_t device;
        ino_t inode;
    } files[MOST_FILES]; /* that are counted already */
    size_t file_count;
    double own, shared_files, shared_mapped; /* bytes */
};

static void add_children(struct footprint *footprint, pid_t parent) {
    char folder_path[64];
    snprintf(folder_path, sizeof folder_path, "/proc/%d/task", (int)parent);
    DIR *folder = opendir(folder_path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[sizeof folder_path + sizeof entry->d_name + 16];
        int pid;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/children", folder_path, entry->d_name);
        FILE *file = fopen(path, "re");
        while (file && footprint->process_count < MOST_PROCESSES && fscanf(file, "%d", &pid) == 1)
            footprint->processes[footprint->process_count++] = pid;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
}

/* Second and third field of statm (proc(5)): resident, and of that files and shared memory. */
static void add_own(struct footprint *footprint, pid_t pid) {
    char path[64];
    double resident = 0, shared = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*s %lf %lf", &resident, &shared) == 2)
        footprint->own += (resident - shared) * (double)sysconf(_SC_PAGESIZE);
    if (file)
        fclose(file);
}

/* The largest of all processes: most of it may be the same memory in each. */
static void add_mapped(struct footprint *footprint, pid_t pid) {
    char path[64], line[256];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "RssShmem: %lf kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    if (kib * 1024 > footprint->shared_mapped)
        footprint->shared_mapped = kib * 1024;
}

static bool is_new(struct footprint *footprint, const struct stat *facts) {
    for (size_t i = 0; i < footprint->file_count; i++)
        if (footprint->files[i].device == facts->st_dev && footprint->files[i].inode == facts->st_ino)
            return false;
    if (footprint->file_count == MOST_FILES)
        return false;
    footprint->files[footprint->file_count].device = facts->st_dev;
    footprint->files[footprint->file_count++].inode = facts->st_ino;
    return true;
}

static void add_files(struct footprint *footprint, pid_t pid) {
    static const char *const places[] = {"/memfd:", "/dev/shm/"};
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat facts;
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        bool memory = false;
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            memory |= !strncmp(target, places[i], strlen(places[i]));
        if (memory && fstatat(dirfd(folder), entry->d_name, &facts, 0) == 0 && is_new(footprint, &facts))
            footprint->shared_files += (double)facts.st_blocks * 512;
    }
    if (folder)
        closedir(folder);
}

/* Each page is shared out among those that have it (proc(5), smaps_rollup). False: this system does not tell.
 */
static bool add_shares(pid_t pid, double *own, double *mapped) {
    char path[64], line[256];
    double anonymous = -1, shared = 0, kib;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "Pss_Anon: %lf kB", &kib) == 1)
            anonymous = kib * 1024;
        else if (sscanf(line, "Pss_Shmem: %lf kB", &kib) == 1)
            shared = kib * 1024;
    }
    if (file)
        fclose(file);
    *own += anonymous > 0 ? anonymous : 0;
    *mapped += shared;
    return anonymous >= 0;
}

static double sum_up(const struct footprint *footprint) {
    return footprint->own + (footprint->shared_files > footprint->shared_mapped ? footprint->shared_files
                                                                                : footprint->shared_mapped);
}

/* A process may have ended by now. */
static void share_out(struct footprint *footprint) {
    double own = 0, mapped = 0;
    bool told = false;
    for (size_t i = 0; i < footprint->process_count; i++)
        told |= add_shares(footprint->processes[i], &own, &mapped);
    if (!told)
        return;
    footprint->own = own;
    footprint->shared_mapped = mapped;
}

double footprint_bytes(double limit) {
    static struct footprint footprint;
    footprint = (struct footprint){.process_count = 0};
    add_children(&footprint, getpid());
    for (size_t i = 0; i < footprint.process_count; i++) {
        add_children(&footprint, footprint.processes[i]);
        add_own(&footprint, footprint.processes[i]);
        add_mapped(&footprint, footprint.processes[i]);
        add_files(&footprint, footprint.processes[i]);
    }
    if (sum_up(&footprint) > limit)
        share_out(&footprint);
    return sum_up(&footprint);
}
