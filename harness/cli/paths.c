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
    char prefix[4096];
    ssize_t length = readlink("/proc/self/exe", prefix, sizeof prefix - 1);
    if (length < 0)
        return problem_set(problem, errno, "/proc/self/exe: %s; countersign needs /proc", strerror(errno));
    prefix[length] = '\0';
    for (int level = 0; level < 2; level++) { /* bin/countersign */
        char *slash = strrchr(prefix, '/');
        if (slash)
            *slash = '\0';
    }
    int status = set_path(paths->worker, NULL, prefix, "lib/countersign/worker");
    if (status == 0)
        status = set_path(paths->kernels, "COUNTERSIGN_KERNELS", prefix, "lib/countersign/kernels");
    if (status == 0)
        status = set_path(paths->cases, "COUNTERSIGN_CASES", prefix, "share/countersign/cases");
    if (status == 0)
        status = set_path(paths->include, NULL, prefix, "include");
    if (status == 0)
        status = set_path(paths->templates, NULL, prefix, "share/countersign/templates");
    if (status == 0)
        status = set_path(paths->sources, NULL, prefix, "share/countersign/kernels");
    if (status == 0)
        status = find_results(paths);
    return status ? problem_set(problem, -status, "%s: a path is too long", prefix) : 0;
}

bool read_missing(const struct paths *paths, const char *kernel, char *reason, size_t size) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s.missing", paths->kernels, kernel);
    FILE *file = fopen(path, "re");
    bool found = file && fgets(reason, (int)size, file);
    if (found)
        reason[strcspn(reason, "\n")] = '\0';
    if (file)
        fclose(file);
    return found;
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

/* Adds the cases that lie in `folder` of paths->cases itself ("") or in one of its groups. */
static int add_cases(const struct paths *paths, const char *folder, char ***all, size_t *count) {
    char path[8192];
    size_t found;
    int status = 0;
    snprintf(path, sizeof path, "%s/%s", paths->cases, folder);
    char **names = names_of_folders(path, "case.yaml", &found);
    char **grown = reallocarray(*all, *count + found + 1, sizeof **all);
    if (!names || !grown)
        status = -ENOMEM;
    *all = grown ? grown : *all;
    for (size_t i = 0; i < found && status == 0; i++) {
        if (asprintf(&(*all)[*count], "%s%s%s", folder, *folder ? "/" : "", names[i]) < 0)
            status = -ENOMEM;
        else
            (*all)[++*count] = NULL;
    }
    names_free(names);
    return status;
}

char **case_folders(const struct paths *paths, size_t *count) {
    char **all = calloc(1, sizeof *all);
    *count = 0;
    int status = all ? 0 : -ENOMEM;
    for (size_t i = 0; case_groups[i] && status == 0; i++)
        status = add_cases(paths, case_groups[i], &all, count);
    if (status == 0)
        status = add_cases(paths, "", &all, count);
    if (status == 0)
        return all;
    names_free(all);
    return NULL;
}

const char *case_folder_name(const char *folder) {
    const char *slash = strrchr(folder, '/');
    return slash ? slash + 1 : folder;
}

static int refuse_unknown(const char *name, char **folders, size_t count, struct problem *problem) {
    const char **known = calloc(count + 1, sizeof *known);
    char hint[512];
    for (size_t i = 0; known && i < count; i++)
        known[i] = case_folder_name(folders[i]);
    struct name_list list = known ? name_list_of(known) : (struct name_list){0};
    problem_set(problem, ENOENT, "no case '%s'%s", name, suggest_names(name, &list, hint, sizeof hint));
    free(known);
    return -ENOENT;
}

int load_case(const struct paths *paths, const char *name, struct case_file *file, struct problem *problem) {
    char path[8192];
    if (strchr(name, '/'))
        return case_file_load(file, name, problem);
    size_t count, found = 0;
    char **folders = case_folders(paths, &count);
    const char *first = NULL;
    int status = folders ? 0 : problem_set(problem, ENOMEM, "out of memory");
    for (size_t i = 0; i < count && status == 0; i++) {
        if (strcmp(case_folder_name(folders[i]), name))
            continue;
        if (found++)
            status = problem_set(problem, EEXIST, "two cases are called %s: %s/%s and %s/%s; rename one",
                                 name, paths->cases, first, paths->cases, folders[i]);
        first = folders[i];
    }
    if (status == 0 && !found)
        status = refuse_unknown(name, folders, count, problem);
    if (status == 0) {
        snprintf(path, sizeof path, "%s/%s", paths->cases, first);
        status = case_file_load(file, path, problem);
    }
    names_free(folders);
    return status;
}

/* Names of runs start with their time, so the newest is the last by name. */
int find_newest_run(char *path, size_t size, struct problem *problem) {
    struct paths paths;
    int status = paths_find(&paths, problem);
    if (status)
        return status;
    size_t count;
    char **names = names_with_suffix(paths.results, ".json", &count);
    if (count)
        snprintf(path, size, "%s/%s.json", paths.results, names[count - 1]);
    else
        status =
            problem_set(problem, ENOENT, "no run in %s; `countersign run --quick` makes one", paths.results);
    names_free(names);
    return status;
}
