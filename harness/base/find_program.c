#include "base/find_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int find_program(const char *name, char *path, size_t size) {
    const char *folders = getenv("PATH");
    struct stat facts;
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        int written = snprintf(path, size, "%.*s/%s", (int)length, folders, name);
        if (*folders == '/' && written > 0 && (size_t)written < size && access(path, X_OK) == 0 &&
            stat(path, &facts) == 0 && S_ISREG(facts.st_mode))
            return 0;
        folders += length + (folders[length] == ':');
    }
    path[0] = '\0';
    return -ENOENT;
}
