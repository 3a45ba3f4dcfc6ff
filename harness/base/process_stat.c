#include "base/process_stat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The third field and later ones, after the name, which may hold anything (proc(5)). */
int process_stat_read(const char *path, struct process_stat *stat) {
    char text[512] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    const char *name_end = fgets(text, sizeof text, file) ? strrchr(text, ')') : NULL;
    int parent, group;
    fclose(file);
    if (!name_end ||
        sscanf(name_end, ") %c %d %d %*d %*d %*d %u", &stat->state, &parent, &group, &stat->flags) != 4)
        return -EIO;
    stat->parent = parent;
    stat->group = group;
    return 0;
}
