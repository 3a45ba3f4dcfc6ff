#include "cli/run_plan.h"

#include "cli/progress.h"
#include "compile/kernel_build.h"
#include "report/report.h"
#include "report/style.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_TIME_S 300.0 /* of one compiler: beyond it something hangs */

/* One case under way; too large for a stack that is shared with others. */
struct candidate {
    struct case_file file;
    struct module_description module;
    char module_path[8192];
};

static bool is_path(const char *name) {
    return strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..");
}

static bool holds(const char *folder, const char *name) {
    char path[8192];
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && access(path, F_OK) == 0;
}

static bool is_module_file(const char *name) {
    struct stat facts;
    size_t length = strlen(name);
    return length > 3 && !strcmp(name + length - 3, ".so") && stat(name, &facts) == 0 &&
           S_ISREG(facts.st_mode);
}

static void show_compiling(const struct case_sources *sources, const char *folder, bool ended) {
    if (!progress_wanted(sources->quiet))
        return;
    struct report_style style = report_style_for(stderr);
    char line[256], clean[512];
    snprintf(line, sizeof line, "compiling %s", folder);
    style_clean(&style, ended ? "" : line, clean, sizeof clean);
    style_cut(&style, clean, style.width - 1);
    fprintf(stderr, "\r\033[K%s", clean);
    fflush(stderr);
}

/* Compiles, and shows what the compiler said: after the one line about a failure, or as it is. */
static int compile_folder(const struct case_sources *sources, const char *folder, char *path, size_t size,
                          struct problem *problem) {
    struct kernel_build build;
    struct kernel_build_request request = {.folder = folder,
                                           .kind = strcmp(sources->build, "portable") ? BUILD_NATIVE
                                                                                      : BUILD_PORTABLE,
                                           .alone = sources->alone,
                                           .include = sources->paths->include,
                                           .time_s = TOOL_TIME_S,
                                           .interrupted = sources->supervisor->interrupted};
    show_compiling(sources, folder, false);
    uint64_t start = monotonic_ns();
    int status = kernel_build(&request, &build, problem);
    if (sources->compiling_s)
        *sources->compiling_s += (double)(monotonic_ns() - start) / 1e9;
    show_compiling(sources, folder, true);
    snprintf(path, size, "%s", build.module);
    if (build.messages && status != -EINTR && (status || !sources->quiet)) {
        if (status)
            fail(EXIT_USAGE, "%s", problem->text);
        print_text(build.messages, stderr);
        if (status)
            problem->text[0] = '\0'; /* has been said */
    }
    kernel_build_clear(&build);
    return status;
}

/* A case of two names for one thing would be two columns that nobody can tell apart. */
static int refuse_same_name(const struct plan *plan, const struct case_file *file, struct problem *problem) {
    for (size_t i = 0; i < plan->case_count; i++)
        if (!strcmp(plan->cases[i].file.name, file->name))
            return problem_set(
                problem, EEXIST,
                "%s and %s are both named %s, and results tell cases apart by name; rename one, "
                "or run them one after the other",
                plan->cases[i].file.path, file->path, file->name);
    return 0;
}

static const struct module_description *find_described(const struct plan *plan, const char *path) {
    for (size_t i = 0; i < plan->case_count; i++)
        if (!strcmp(plan->cases[i].module.path, path))
            return &plan->cases[i].module;
    return NULL;
}

static int describe(const struct case_sources *sources, const struct plan *plan, struct candidate *candidate,
                    struct problem *problem) {
    const struct module_description *known = find_described(plan, candidate->module_path);
    if (known)
        candidate->module = *known;
    else if (sources->runner && plan->case_count == 0)
        runner_anticipate(sources->runner, sources->supervisor, candidate->module_path);
    return known ? 0
                 : supervisor_describe(sources->supervisor, candidate->module_path, &candidate->module,
                                       problem);
}

/* A kernel without a case: as its descriptor has it. */
static void imply_case(struct candidate *candidate, const char *path) {
    struct case_file *file = &candidate->file;
    const struct module_description *module = &candidate->module;
    snprintf(file->name, sizeof file->name, "%s", module->name);
    snprintf(file->kernel, sizeof file->kernel, "%s", module->name);
    snprintf(file->title, sizeof file->title, "%.*s", (int)sizeof file->title - 1, module->summary);
    snprintf(file->path, sizeof file->path, "%s", path);
    file->target = 1.25;
    file->kernel_line = 1;
}

/* A kernel's folder beside the case's, or the module that comes with the program; -ENOPKG where its build left
 * it out. */
static int find_kernel(const struct case_sources *sources, const char *folder, struct candidate *candidate,
                       struct problem *problem) {
    const struct case_file *file = &candidate->file;
    char beside[8192], *path = candidate->module_path;
    size_t size = sizeof candidate->module_path;
    if (folder && snprintf(beside, sizeof beside, "%s/../%s", folder, file->kernel) < (int)sizeof beside &&
        kernel_folder_is(beside))
        return compile_folder(sources, beside, path, size, problem);
    snprintf(path, size, "%s/%s.%s.so", sources->paths->kernels, file->kernel, sources->build);
    if (access(path, F_OK) == 0)
        return 0;
    char reason[RESULT_REASON];
    if (read_missing(sources->paths, file->kernel, reason, sizeof reason))
        return problem_set(problem, ENOPKG, "%s", reason);
    return problem_set(problem, ENOENT,
                       "%s:%d: no kernel '%s' (%s is not there); `countersign list kernels` shows them",
                       file->path, file->kernel_line, file->kernel, path);
}

/* Of the kernels that come with the program, one may be left out; a user's own must be there. */
static int skip_left_out(struct plan *plan, const struct candidate *candidate, int status,
                         struct problem *problem) {
    return status == -ENOPKG ? plan_skip_case(plan, &candidate->file, problem->text, problem) : status;
}

static int complete(const struct case_sources *sources, const char *implied_from, struct candidate *candidate,
                    struct plan *plan, struct problem *problem) {
    int status = describe(sources, plan, candidate, problem);
    if (status == 0 && implied_from)
        imply_case(candidate, implied_from);
    if (status == 0)
        status = refuse_same_name(plan, &candidate->file, problem);
    return status ? status
                  : plan_add_case(plan, &candidate->file, &candidate->module, sources->options, problem);
}

/* A folder with kernel.c or kernel.cpp, with case.yaml, or with both. */
static int plan_folder(const struct case_sources *sources, const char *folder, struct candidate *candidate,
                       struct plan *plan, struct problem *problem) {
    bool has_case = holds(folder, "case.yaml");
    char source[4200];
    snprintf(source, sizeof source, "%s/kernel.%s", folder, holds(folder, "kernel.c") ? "c" : "cpp");
    int status = has_case ? case_file_load(&candidate->file, folder, problem) : 0;
    if (status == 0)
        status = kernel_folder_is(folder) ? compile_folder(sources, folder, candidate->module_path,
                                                           sizeof candidate->module_path, problem)
                                          : find_kernel(sources, folder, candidate, problem);
    return status ? status : complete(sources, has_case ? NULL : source, candidate, plan, problem);
}

static bool is_plannable(const char *folder) {
    return kernel_folder_is(folder) || holds(folder, "case.yaml");
}

/* `deep`: folders of folders too, as groups are. */
static int plan_folders(const struct case_sources *sources, const char *folder, bool deep, struct plan *plan,
                        size_t *found, struct problem *problem) {
    size_t count;
    char **names = names_of_folders(folder, ".", &count), path[8192];
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (is_plannable(path)) {
            ++*found;
            status = plan_named(sources, path, plan, problem);
        } else if (deep)
            status = plan_folders(sources, path, false, plan, found, problem);
    }
    names_free(names);
    return status;
}

static int plan_several(const struct case_sources *sources, const char *folder, struct plan *plan,
                        struct problem *problem) {
    size_t found = 0;
    int status = plan_folders(sources, folder, true, plan, &found, problem);
    return status || found
               ? status
               : problem_set(problem, ENOENT,
                             "%s: expected kernel.c, kernel.cpp or case.yaml there, or folders that "
                             "hold them; `countersign new` makes one",
                             folder);
}

static int plan_candidate(const struct case_sources *sources, const char *name, struct candidate *candidate,
                          struct plan *plan, struct problem *problem) {
    struct stat facts;
    if (!is_path(name)) {
        int status = load_case(sources->paths, name, &candidate->file, problem);
        if (status == 0)
            status = find_kernel(sources, NULL, candidate, problem);
        return status ? skip_left_out(plan, candidate, status, problem)
                      : complete(sources, NULL, candidate, plan, problem);
    }
    if (is_module_file(name)) {
        if (!realpath(name, candidate->module_path))
            return problem_set(problem, errno, "%s: %s", name, strerror(errno));
        return complete(sources, name, candidate, plan, problem);
    }
    if (stat(name, &facts) != 0)
        return problem_set(
            problem, errno,
            "%s: %s; `countersign list cases` shows what is there, `countersign new` makes one", name,
            strerror(errno));
    if (!S_ISDIR(facts.st_mode))
        return problem_set(problem, ENOTDIR, "%s: expected a folder, or a module that ends in .so", name);
    return is_plannable(name) ? plan_folder(sources, name, candidate, plan, problem)
                              : plan_several(sources, name, plan, problem);
}

int plan_named(const struct case_sources *sources, const char *name, struct plan *plan,
               struct problem *problem) {
    struct candidate *candidate = calloc(1, sizeof *candidate);
    int status = candidate ? plan_candidate(sources, name, candidate, plan, problem)
                           : problem_set(problem, ENOMEM, "out of memory");
    free(candidate);
    return status;
}

static void add_once(const char **wanted, size_t *count, const char *name) {
    for (size_t i = 0; i < *count; i++)
        if (!strcmp(wanted[i], name))
            return;
    wanted[(*count)++] = name;
}

/* The program's cases whose folders begin with `prefix`; whether there are any. */
static bool add_cases(const char **wanted, size_t *count, char *const *folders, const char *prefix) {
    bool any = false;
    for (size_t i = 0; folders[i]; i++)
        if (!strncmp(folders[i], prefix, strlen(prefix))) {
            add_once(wanted, count, case_folder_name(folders[i]));
            any = true;
        }
    return any;
}

/* A group's name stands for its cases, unless a case has that name. */
static void add_word(const char **wanted, size_t *count, char *const *folders, const char *word) {
    char prefix[64];
    bool group = false;
    for (size_t i = 0; case_groups[i]; i++)
        group |= !strcmp(word, case_groups[i]);
    for (size_t i = 0; folders[i]; i++)
        group &= strcmp(word, case_folder_name(folders[i])) != 0;
    snprintf(prefix, sizeof prefix, "%.60s/", word);
    if (!group || !add_cases(wanted, count, folders, prefix))
        add_once(wanted, count, word);
}

int plan_names(const struct case_sources *sources, char **names, size_t count, struct plan *plan,
               struct problem *problem) {
    size_t known, found = 0;
    char **folders = case_folders(sources->paths, &known);
    const char **wanted = folders ? calloc(known + count + 1, sizeof *wanted) : NULL;
    int status = wanted ? 0 : problem_set(problem, ENOMEM, "out of memory");
    for (size_t i = 0; i < count && status == 0; i++)
        add_word(wanted, &found, folders, names[i]);
    if (count == 0 && status == 0)
        add_cases(wanted, &found, folders, "");
    if (status == 0 && found == 0)
        status = problem_set(problem, ENOENT, "no cases in %s", sources->paths->cases);
    for (size_t i = 0; i < found && status == 0; i++)
        status = plan_named(sources, wanted[i], plan, problem);
    free(wanted);
    names_free(folders);
    return status;
}

int plan_first_point(const struct case_sources *sources, const char *name, struct case_file *file,
                     struct module_description *module, struct plan_point *point, struct problem *problem) {
    struct plan plan = {0};
    int status = plan_named(sources, name, &plan, problem);
    if (status == 0 && plan.case_count == 0 && plan.skipped_count)
        status = problem_set(problem, ENODATA, "%s: %s", name, plan.skipped[0].reason);
    else if (status == 0 && plan.case_count != 1)
        status = problem_set(problem, EINVAL, "%s holds %zu cases; one is taken: name its folder", name,
                             plan.case_count);
    if (status == 0) {
        *file = plan.cases[0].file;
        *module = plan.cases[0].module;
    }
    if (status == 0 && plan.point_count)
        *point = plan.points[0];
    else if (status == 0)
        status =
            problem_set(problem, ENODATA, "%s: nothing of it can be measured here%s%s", file->name,
                        plan.skipped_count ? ": " : "", plan.skipped_count ? plan.skipped[0].reason : "");
    plan_clear(&plan);
    return status;
}
