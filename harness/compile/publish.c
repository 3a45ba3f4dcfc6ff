/* What was built, where the program finds kernels. */
#include "compile/kernel_build.h"

#include "base/folder.h"
#include "compile/cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suffixes[] = {"native.link",   "native.codes",   "native.so",
                                       "portable.link", "portable.codes", "portable.so"};
#define SUFFIXES (sizeof suffixes / sizeof *suffixes)

/* A folder of files. */
static int copy_folder(const char *from, const char *to) {
    DIR *stream = opendir(from);
    int status = stream && mkdir(to, 0777) == 0 ? 0 : -errno;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream));) {
        char source[8192], copy[8192];
        int length = snprintf(source, sizeof source, "%s/%s", from, entry->d_name),
            other = snprintf(copy, sizeof copy, "%s/%s", to, entry->d_name);
        if (length >= (int)sizeof source || other >= (int)sizeof copy)
            status = -ENAMETOOLONG;
        else if (entry->d_name[0] != '.')
            status = file_copy(source, copy);
    }
    if (stream)
        closedir(stream);
    return status;
}

/* Under a name of its own first, so that nobody finds half of it. */
static int replace(const char *from, const char *to) {
    struct stat facts;
    char part[8300];
    if (stat(from, &facts) != 0) {
        int error = errno;
        cache_remove(to);
        return error == ENOENT ? 0 : -error;
    }
    snprintf(part, sizeof part, "%s.%ld.part", to, (long)getpid());
    int status = S_ISDIR(facts.st_mode) ? copy_folder(from, part) : file_copy(from, part);
    if (S_ISDIR(facts.st_mode))
        cache_remove(to);
    if (status == 0 && rename(part, to) != 0)
        status = -errno;
    cache_remove(part);
    return status;
}

int kernel_build_publish(const struct kernel_build *build, const char *folder, struct problem *problem) {
    const char *slash = strrchr(build->module, '/');
    size_t stem = strlen(build->module) - strlen(strstr(slash, ".native.so") ? ".native.so" : ".portable.so");
    char from[8192], to[8192];
    for (size_t i = 0; i <= SUFFIXES; i++) {
        const char *suffix = i < SUFFIXES ? suffixes[i] : "missing";
        snprintf(from, sizeof from, "%.*s.%s", (int)stem, build->module, suffix);
        int length =
            snprintf(to, sizeof to, "%s%.*s.%s", folder, (int)(build->module + stem - slash), slash, suffix);
        int status = length < (int)sizeof to ? replace(from, to) : -ENAMETOOLONG;
        if (status)
            return problem_set(problem, -status, "%s: %s", to, strerror(-status));
    }
    return 0;
}

int kernel_build_leave_out(const char *folder, const char *name, const char *reason,
                           struct problem *problem) {
    char path[8192];
    for (size_t i = 0; i < SUFFIXES; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffixes[i]);
        cache_remove(path);
    }
    snprintf(path, sizeof path, "%s/%s.missing", folder, name);
    FILE *file = fopen(path, "we");
    bool written = file && fprintf(file, "%s\n", reason) > 0;
    if ((file && fclose(file)) || !written)
        return problem_set(problem, errno ? errno : EIO, "%s: %s", path, strerror(errno ? errno : EIO));
    return 0;
}
