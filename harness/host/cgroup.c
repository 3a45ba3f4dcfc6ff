#include "host/cgroup.h"

#include "host/proc_text.h"
#include "host/text_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool list_has(const char *list, const char *word) {
    size_t length = strlen(word);
    for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
        if (strncmp(list, word, length) == 0 && (list[length] == ',' || list[length] == '\0'))
            return true;
    return false;
}

/* cgroups(7): lines "ID:controllers:path"; version 2 is "0::path". Takes the path of the CPU controller. */
static int find_path(const char *text, char *path, size_t size) {
    int version = 0;
    while (text && *text) {
        char controllers[256] = "", found[1024] = "";
        size_t length = strcspn(text, "\n");
        const char *first = memchr(text, ':', length);
        const char *second = first ? memchr(first + 1, ':', length - (size_t)(first + 1 - text)) : NULL;
        if (second) {
            snprintf(controllers, sizeof controllers, "%.*s", (int)(second - first - 1), first + 1);
            snprintf(found, sizeof found, "%.*s", (int)(text + length - second - 1), second + 1);
            bool v1 = list_has(controllers, "cpu");
            if (v1 || (!version && !controllers[0])) {
                version = v1 ? 1 : 2;
                snprintf(path, size, "%s", found);
            }
            if (v1)
                return 1;
        }
        text += length + (text[length] == '\n');
    }
    return version;
}

/* proc_pid_mountinfo(5): id parent device root mountpoint options [optional…] - type source super-options. */
struct mount_line {
    char root[256], point[256], type[32], super[256];
};

static bool parse_mount(const char *line, struct mount_line *mount) {
    char copy[2048];
    snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
    char *tail = strstr(copy, " - ");
    if (!tail || sscanf(copy, "%*s %*s %*s %255s %255s", mount->root, mount->point) != 2)
        return false;
    return sscanf(tail + 3, "%31s %*s %255s", mount->type, mount->super) == 2;
}

static bool find_mount(const char *text, int version, struct mount_line *mount) {
    while (text && *text) {
        if (parse_mount(text, mount) &&
            (version == 2 ? strcmp(mount->type, "cgroup2") == 0
                          : strcmp(mount->type, "cgroup") == 0 && list_has(mount->super, "cpu")))
            return true;
        text = strchr(text, '\n');
        text += text != NULL;
    }
    return false;
}

void cgroup_find(const char *cgroup_text, const char *mountinfo_text, struct cgroup_place *place) {
    char path[768] = "";
    struct mount_line mount;
    *place = (struct cgroup_place){0};
    int version = find_path(cgroup_text, path, sizeof path);
    if (!version || !find_mount(mountinfo_text, version, &mount))
        return;
    place->version = version;
    snprintf(place->mount, sizeof place->mount, "%s", mount.point);
    /* In a container the mount shows a part of the tree, `root`, while the path may be told from the top of
     * it. */
    const char *below = path;
    size_t root = strlen(mount.root);
    if (strcmp(mount.root, "/") != 0 && strncmp(path, mount.root, root) == 0 &&
        (path[root] == '/' || path[root] == '\0'))
        below = path + root;
    else if (strncmp(path, "/..", 3) == 0 || (strcmp(mount.root, "/") != 0 && strcmp(path, "/") != 0))
        below = ""; /* outside what is mounted: the mount point is the nearest that can be read */
    if (strcmp(below, "/") == 0)
        below = "";
    snprintf(place->directory, sizeof place->directory, "%s%s", place->mount, below);
}

void cgroup_find_own(struct cgroup_place *place) {
    char *groups = NULL, *mounts = NULL;
    *place = (struct cgroup_place){0};
    if (!text_file_read("/proc/self/cgroup", &groups) && !text_file_read("/proc/self/mountinfo", &mounts))
        cgroup_find(groups, mounts, place);
    free(groups);
    free(mounts);
}

static int read_in(const char *directory, const char *name, char **text) {
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return text_file_read(path, text);
}

static void add_throttling(int version, const char *directory, struct cgroup_cpu *cpu) {
    char *text;
    uint64_t time = 0, periods = 0;
    if (read_in(directory, "cpu.stat", &text))
        return;
    if (version == 2 && text_number(text, "throttled_usec", ' ', &time))
        cpu->throttled_us += time;
    if (version == 1 && text_number(text, "throttled_time", ' ', &time))
        cpu->throttled_us += time / 1000;
    if (text_number(text, "nr_throttled", ' ', &periods))
        cpu->throttled_periods += periods;
    free(text);
}

static double read_number(const char *directory, const char *name) {
    char *text;
    if (read_in(directory, name, &text))
        return 0;
    double number = strtod(text, NULL);
    free(text);
    return number;
}

/* The group's quota in CPUs, 0 where it has none. */
static double read_quota(int version, const char *directory) {
    double quota = 0, period = 0;
    if (version == 1) {
        quota = read_number(directory, "cpu.cfs_quota_us");
        period = read_number(directory, "cpu.cfs_period_us");
    } else {
        char *text;
        if (read_in(directory, "cpu.max", &text))
            return 0;
        if (sscanf(text, "%lf %lf", &quota, &period) != 2) /* "max 100000": no limit */
            quota = 0;
        free(text);
    }
    return quota > 0 && period > 0 ? quota / period : 0;
}

void cgroup_read_cpu(const struct cgroup_place *place, struct cgroup_cpu *cpu) {
    *cpu = (struct cgroup_cpu){0};
    if (!place->version)
        return;
    char directory[sizeof place->directory];
    snprintf(directory, sizeof directory, "%s", place->directory);
    size_t top = strlen(place->mount);
    for (;;) {
        add_throttling(place->version, directory, cpu);
        double quota = read_quota(place->version, directory);
        if (quota > 0 && (cpu->quota_cpus <= 0 || quota < cpu->quota_cpus))
            cpu->quota_cpus = quota;
        char *slash = strrchr(directory, '/');
        if (strlen(directory) <= top || !slash)
            return;
        *slash = '\0';
    }
}
