/* A case and its kernel, copied under another name. */
#include "cli/new.h"

#include "report/lesson.h"
#include "report/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Puts `with` in the place of `length` bytes at `at` in *text, which is made anew. 0 or -ENOMEM. */
static int replace_at(char **text, const char *at, size_t length, const char *with) {
    struct text changed = {0};
    text_add_bytes(&changed, *text, (size_t)(at - *text));
    text_add(&changed, with);
    text_add(&changed, at + length);
    if (changed.failed) {
        text_clear(&changed);
        return -ENOMEM;
    }
    free(*text);
    *text = changed.data;
    return 0;
}

/* The name is CS_KERNEL's first argument, or comes after CS_KERNEL_HEADER; those of variants do not matter. */
static int rename_kernel(char **text, const char *old, const char *name, const char *path,
                         struct problem *problem) {
    static const char *const before[] = {"CS_KERNEL(\"", ".name = \""};
    const char *header = strstr(*text, "CS_KERNEL_HEADER"), *from[] = {*text, header};
    char mark[RESULT_NAME + 16], with[RESULT_NAME + 16];
    for (size_t i = 0; i < 2; i++) {
        snprintf(mark, sizeof mark, "%s%s\"", before[i], old);
        snprintf(with, sizeof with, "%s%s\"", before[i], name);
        const char *found = from[i] ? strstr(from[i], mark) : NULL;
        if (found)
            return replace_at(text, found, strlen(mark), with) ? problem_set(problem, ENOMEM, "out of memory")
                                                               : 0;
    }
    return problem_set(problem, EINVAL,
                       "%s: no CS_KERNEL(\"%s\", and no %s after CS_KERNEL_HEADER, so it cannot be renamed",
                       path, old, mark);
}

/* "kernel: OLD" at the start of a line, whatever follows. */
static int rename_in_case(char **text, const char *name, const char *path, struct problem *problem) {
    static const char key[] = "kernel:";
    const char *found = strncmp(*text, key, strlen(key)) == 0 ? *text : strstr(*text, "\nkernel:");
    char with[RESULT_NAME + 16];
    if (!found)
        return problem_set(problem, EINVAL, "%s: no line `kernel: NAME`, so it cannot be renamed", path);
    found += *found == '\n';
    snprintf(with, sizeof with, "kernel: %s", name);
    return replace_at(text, found, strcspn(found, "\n"), with) ? problem_set(problem, ENOMEM, "out of memory")
                                                               : 0;
}

/* What was recorded is of the case that is copied. */
static int forget_table(char **text, const char *old, const char *name, struct problem *problem) {
    char with[4 * RESULT_NAME + 128];
    const char *end, *start = lesson_table(*text, old, &end);
    if (!start)
        return 0;
    snprintf(
        with, sizeof with,
        "<!-- table: %s -->\nNot measured yet. `countersign run ./%s` measures it on your machine.\n<!-- end -->\n",
        name, name);
    return replace_at(text, start, (size_t)(end - start), with)
               ? problem_set(problem, ENOMEM, "out of memory")
               : 0;
}

struct copy {
    const struct case_file *file;
    const char *name, *to;
};

static int copy_file(const struct copy *copy, const char *folder, const char *entry, struct problem *problem);

/* A header that a group of kernels shares lies beside their folders; in a copy it lies among its sources. */
static int take_group_headers(const struct copy *copy, const char *folder, char **text,
                              struct problem *problem) {
    static const char mark[] = "#include \"../";
    int status = 0;
    for (const char *found = *text; status == 0 && (found = strstr(found, mark));) {
        char group[8192], name[256], copied[8192];
        size_t length = strcspn(found + strlen(mark), "\"/\n"), at = (size_t)(found - *text);
        snprintf(group, sizeof group, "%s/..", folder);
        snprintf(name, sizeof name, "%.*s", (int)length, found + strlen(mark));
        snprintf(copied, sizeof copied, "%s/%s", copy->to, name);
        if (access(copied, F_OK) != 0)
            status = copy_file(copy, group, name, problem);
        if (status == 0 && replace_at(text, found, strlen(mark), "#include \""))
            status = problem_set(problem, ENOMEM, "out of memory");
        found = *text + at;
    }
    return status;
}

static int copy_file(const struct copy *copy, const char *folder, const char *entry,
                     struct problem *problem) {
    char source[8192], target[8192], *text = NULL;
    snprintf(source, sizeof source, "%s/%s", folder, entry);
    snprintf(target, sizeof target, "%s/%s", copy->to, entry);
    int status = new_read(source, &text, problem);
    if (status == 0 && (!strcmp(entry, "kernel.c") || !strcmp(entry, "kernel.cpp")))
        status = rename_kernel(&text, copy->file->kernel, copy->name, source, problem);
    else if (status == 0 && !strcmp(entry, "case.yaml"))
        status = rename_in_case(&text, copy->name, source, problem);
    else if (status == 0 && !strcmp(entry, "README.md"))
        status = forget_table(&text, copy->file->name, copy->name, problem);
    if (status == 0)
        status = take_group_headers(copy, folder, &text, problem);
    if (status == 0)
        status = new_write(target, text, problem);
    free(text);
    return status;
}

/* All files, folders left out: what a build left is none of the sources. */
static int copy_files(const struct copy *copy, const char *folder, struct problem *problem) {
    size_t count;
    char **names = names_with_suffix(folder, "", &count);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        char below[8192];
        snprintf(below, sizeof below, "%s/%s/.", folder, names[i]);
        if (access(below, F_OK) != 0)
            status = copy_file(copy, folder, names[i], problem);
    }
    names_free(names);
    return status;
}

static bool holds_kernel(const char *folder) {
    char path[8192];
    snprintf(path, sizeof path, "%s/kernel.c", folder);
    bool found = access(path, F_OK) == 0;
    snprintf(path, sizeof path, "%s/kernel.cpp", folder);
    return found || access(path, F_OK) == 0;
}

/* The folder of a kernel's sources below share/countersign/kernels, in whatever group. */
static bool find_sources(const struct paths *paths, const char *kernel, char folder[8192]) {
    size_t count;
    bool found = false;
    char **groups = names_with_suffix(paths->sources, "", &count);
    for (size_t i = 0; i < count && !found; i++) {
        snprintf(folder, 8192, "%s/%s/%s", paths->sources, groups[i], kernel);
        found = holds_kernel(folder);
    }
    names_free(groups);
    return found;
}

int new_copy_case(const struct paths *paths, const char *from, const char *to, const char *name,
                  struct problem *problem) {
    struct case_file *file = calloc(1, sizeof *file);
    char folder[sizeof file->path], sources[8192];
    int status = file ? load_case(paths, from, file, problem) : problem_set(problem, ENOMEM, "out of memory");
    struct copy copy = {file, name, to};
    if (status == 0) {
        snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(file->path, '/') - file->path), file->path);
        status = copy_files(&copy, folder, problem);
    }
    if (status == 0 && !holds_kernel(folder)) {
        if (find_sources(paths, file->kernel, sources))
            status = copy_files(&copy, sources, problem);
        else
            status = problem_set(
                problem, ENOENT,
                "%s: its kernel %s has no sources below %s and none beside it; countersign is not "
                "completely installed, or the kernel was built elsewhere",
                from, file->kernel, paths->sources);
    }
    free(file);
    return status;
}
