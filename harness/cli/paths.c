/* Where the program's data lie, and names found there. */
#include "cli/cli.h"

#include "store/suggest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_path(char *to, const char *environment, const char *base, const char *below) {
    const char *given = environment ? getenv(environment) : NULL;
    int length = given && *given ? snprintf(to, 4096, "%s", given) : snprintf(to, 4096, "%s/%s", base, below);
    return length < 4096 ? 0 : -ENAMETOOLONG;
}

static int find_results(struct paths *paths) {
    struct stat facts;
    const char *given = getenv("COUNTERSIGN_RESULTS"), *data = getenv("XDG_DATA_HOME"),
               *home = getenv("HOME");
    if (given && *given)
        return set_path(paths->results, "COUNTERSIGN_RESULTS", "", "");
    if (stat("results", &facts) == 0 && S_ISDIR(facts.st_mode))
        return set_path(paths->results, NULL, "results", "runs");
    if (data && *data == '/')
        return set_path(paths->results, NULL, data, "countersign/runs");
    return set_path(paths->results, NULL, home && *home ? home : ".", ".local/share/countersign/runs");
}

int paths_find(struct paths *paths, struct problem *problem) {
    char prefix[sizeof paths->program];
    ssize_t length = readlink("/proc/self/exe", paths->program, sizeof paths->program - 1);
    if (length < 0)
        return problem_set(problem, errno, "/proc/self/exe: %s; countersign needs /proc", strerror(errno));
    paths->program[length] = '\0';
    memcpy(prefix, paths->program, sizeof prefix);
    for (int level = 0; level < 2; level++) { /* bin/countersign */
        char *slash = strrchr(prefix, '/');
        if (slash)
            *slash = '\0';
    }
    int status = set_path(paths->kernels, "COUNTERSIGN_KERNELS", prefix, "lib/countersign/kernels");
    if (status == 0)
        status = set_path(paths->cases, "COUNTERSIGN_CASES", prefix, "share/countersign/cases");
    if (status == 0)
        status = set_path(paths->include, NULL, prefix, "include");
    if (status == 0)
        status = set_path(paths->templates, NULL, prefix, "share/countersign/templates");
    if (status == 0)
        status = set_path(paths->link_recipe, NULL, prefix, "lib/countersign/link-recipe");
    if (status == 0)
        status = find_results(paths);
    return status ? problem_set(problem, -status, "%s: a path is too long", prefix) : 0;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Collects what `name_of` makes of each entry (NULL: left out). */
static char **collect_names(const char *folder, const char *argument,
                            char *(*name_of)(const char *folder, const char *entry, const char *argument),
                            size_t *count) {
    char **names = calloc(1, sizeof *names);
    DIR *stream = names ? opendir(folder) : NULL;
    *count = 0;
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        char *name = entry->d_name[0] == '.' ? NULL : name_of(folder, entry->d_name, argument);
        char **grown = name ? realloc(names, (*count + 2) * sizeof *names) : NULL;
        if (!grown) {
            free(name);
            continue;
        }
        names = grown;
        names[(*count)++] = name;
        names[*count] = NULL;
    }
    if (stream)
        closedir(stream);
    if (*count)
        qsort(names, *count, sizeof *names, compare_names);
    return names;
}

static char *cut_suffix(const char *folder, const char *entry, const char *suffix) {
    (void)folder;
    size_t length = strlen(entry), cut = strlen(suffix);
    return length > cut && !strcmp(entry + length - cut, suffix) ? strndup(entry, length - cut) : NULL;
}

static char *folder_holding(const char *folder, const char *entry, const char *holds) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s/%s", folder, entry, holds);
    return access(path, F_OK) == 0 ? strdup(entry) : NULL;
}

char **names_with_suffix(const char *folder, const char *suffix, size_t *count) {
    return collect_names(folder, suffix, cut_suffix, count);
}

char **names_of_folders(const char *folder, const char *holds, size_t *count) {
    return collect_names(folder, holds, folder_holding, count);
}

void names_free(char **names) {
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
}

int load_case(const struct paths *paths, const char *name, struct case_file *file, struct problem *problem) {
    char folder[8192], hint[512];
    if (strchr(name, '/'))
        return case_file_load(file, name, problem);
    snprintf(folder, sizeof folder, "%s/%s/case.yaml", paths->cases, name);
    if (access(folder, F_OK) == 0) {
        *strrchr(folder, '/') = '\0';
        return case_file_load(file, folder, problem);
    }
    size_t count;
    char **names = names_of_folders(paths->cases, "case.yaml", &count);
    struct name_list list = name_list_of((const char *const *)names);
    problem_set(problem, ENOENT, "no case '%s'%s", name, suggest_names(name, &list, hint, sizeof hint));
    names_free(names);
    return -ENOENT;
}
