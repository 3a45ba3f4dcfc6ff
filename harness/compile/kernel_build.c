#include "compile/build_job.h"

#include "compile/cache.h"
#include "compile/called.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Beyond this, what a compiler says is cut: templates can fill screens by the hundred. */
#define MESSAGES_SIZE ((size_t)64 << 10)

bool build_has_suffix(const char *text, const char *suffix) {
    size_t length = strlen(text), end = strlen(suffix);
    return length > end && !strcmp(text + length - end, suffix);
}

bool kernel_folder_is(const char *folder) {
    char path[8192];
    static const char *const names[] = {"kernel.c", "kernel.cpp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, sizeof path, "%s/%s", folder, names[i]) < (int)sizeof path &&
            access(path, F_OK) == 0)
            return true;
    return false;
}

int build_out_of_memory(struct problem *problem) {
    return problem_set(problem, ENOMEM, "out of memory");
}

size_t build_messages_length(const struct kernel_build *build) {
    return build->messages ? strlen(build->messages) : 0;
}

void build_add_messages(struct kernel_build *build, const char *said) {
    size_t length = build_messages_length(build), more = strlen(said);
    if (length + more > MESSAGES_SIZE)
        more = length < MESSAGES_SIZE ? MESSAGES_SIZE - length : 0;
    char *grown = more ? realloc(build->messages, length + more + 2) : NULL;
    if (!grown)
        return;
    build->messages = grown;
    memcpy(grown + length, said, more);
    strcpy(grown + length + more, grown[length + more - 1] == '\n' ? "" : "\n");
}

void build_cut_messages(struct kernel_build *build, size_t length) {
    if (build->messages)
        build->messages[length] = '\0';
}

/* Runs a tool; what it said on stderr goes into build->messages. -ENOEXEC for another exit status than 0. */
int build_run_tool(struct build_job *job, const struct words *command, struct command_result *result,
                   const char *doing, const char *what) {
    struct problem problem;
    int status = command_run(command, &job->limits, result, &problem);
    if (status)
        return problem_set(job->problem, -status, "cannot %s %s: %s", doing, what, problem.text);
    if (result->err_size)
        build_add_messages(job->build, result->err);
    if (result->exit_status == 0)
        return 0;
    char *line = words_join(command);
    status = problem_set(job->problem, ENOEXEC, "cannot %s %s: exit status %d of: %s", doing, what,
                         result->exit_status, line ? line : command->items[0]);
    free(line);
    return status;
}

static int add_source(struct build_job *job, const char *name) {
    struct words *list = source_rules_part(&job->rules, name) ? &job->parts : &job->sources;
    return words_addf(list, "%s/%s", job->folder, name);
}

static int find_sources(struct build_job *job) {
    const struct words *given = job->request->sources;
    int status = given ? words_add_all(&job->sources, given) : 0;
    DIR *stream = given ? NULL : opendir(job->folder);
    if (!given && !stream)
        status = -errno;
    for (struct dirent *entry; status == 0 && stream && (entry = readdir(stream));)
        if (entry->d_name[0] != '.' &&
            (build_has_suffix(entry->d_name, ".c") || build_has_suffix(entry->d_name, ".cpp")))
            status = add_source(job, entry->d_name);
    if (stream)
        closedir(stream);
    if (status)
        return problem_set(job->problem, -status, "%s: %s", job->request->folder, strerror(-status));
    words_sort(&job->sources);
    words_sort(&job->parts);
    for (size_t i = 0; i < job->sources.count; i++)
        job->has_cxx |= build_is_cxx(job->sources.items[i]);
    for (size_t i = 0; i < job->parts.count; i++)
        job->has_cxx |= build_is_cxx(job->parts.items[i]);
    return 0;
}

static int compile_and_link(struct build_job *job, enum build_kind kind, const char *part, const char *stem) {
    char module[8192];
    snprintf(module, sizeof module, "%s.%s.so", stem, build_kind_name(kind));
    if (job->missing[kind] || access(module, R_OK) == 0)
        return 0;
    int status = build_compile_objects(job, kind);
    if (status || job->missing[kind])
        return status;
    size_t said = build_messages_length(job->build);
    status = build_link(job, kind, part, stem);
    char left[8192];
    snprintf(left, sizeof left, "%s/link", part);
    cache_remove(left);
    if (kind != job->request->kind)
        build_cut_messages(job->build, said);
    return build_excuse(job, kind, status);
}

/* What one command line and these sources give has a folder of its own; it is complete or not there. */
static int make_modules(struct build_job *job) {
    uint64_t key = hash_bytes(HASH_START, job->key, sizeof job->key);
    for (size_t i = 0; i < job->link_flags.count; i++)
        key = hash_text(key, job->link_flags.items[i]);
    for (size_t i = 0; i < job->toolchain.ldflags.count; i++)
        key = hash_text(key, job->toolchain.ldflags.items[i]);
    key = called_key(&job->rules, key);
    char home[4300], stem[8192], part[4400];
    snprintf(home, sizeof home, "%s/%016llx", job->cache, (unsigned long long)key);
    snprintf(stem, sizeof stem, "%s/%s", home, job->name);
    snprintf(part, sizeof part, "%s.part-XXXXXX", home);
    if (snprintf(job->build->module, sizeof job->build->module, "%s.%s.so", stem,
                 build_kind_name(job->request->kind)) >= (int)sizeof job->build->module)
        return problem_set(job->problem, ENAMETOOLONG, "%s: the path is too long", stem);
    cache_prune(job->cache);
    if (access(job->build->module, R_OK) == 0) {
        cache_use(home);
        return 0;
    }
    if ((mkdir(home, 0777) != 0 && errno != EEXIST) || !mkdtemp(part))
        return problem_set(job->problem, errno, "cannot compile in %s: %s", job->cache, strerror(errno));
    /* Its errors first; but its module last: once that is there, nobody asks for the other. */
    enum build_kind other = job->request->kind == BUILD_NATIVE ? BUILD_PORTABLE : BUILD_NATIVE;
    int status = build_compile_objects(job, job->request->kind);
    if (status == 0)
        status = compile_and_link(job, other, part, stem);
    if (status == 0)
        status = compile_and_link(job, job->request->kind, part, stem);
    cache_remove(part);
    return status;
}

static int name_modules(struct build_job *job) {
    const char *slash = strrchr(job->folder, '/');
    const char *name = job->request->name ? job->request->name : slash ? slash + 1 : job->folder;
    return snprintf(job->name, sizeof job->name, "%s", name) < (int)sizeof job->name
               ? 0
               : problem_set(job->problem, ENAMETOOLONG, "%s: the name is too long", name);
}

static int choose_cache(struct build_job *job) {
    const char *given = job->request->cache;
    if (!given)
        return cache_folder(job->folder, job->cache, sizeof job->cache - 64, job->problem);
    return snprintf(job->cache, sizeof job->cache, "%s", given) < (int)sizeof job->cache - 64
               ? 0
               : problem_set(job->problem, ENAMETOOLONG, "%s: the path is too long", given);
}

static int read_needs(struct build_job *job) {
    const struct kernel_needs *given = job->request->needs;
    if (!given)
        return kernel_needs_read(&job->needs, job->folder, job->problem);
    job->needs.openmp = given->openmp;
    return words_add_all(&job->needs.packages, &given->packages) ||
                   words_add_all(&job->needs.libraries, &given->libraries)
               ? build_out_of_memory(job->problem)
               : 0;
}

/* The folder is read itself: a source that is added to it changes the kernel. */
static int note_folder(struct build_job *job) {
    static const char *const files[] = {"kernel.cmake", "kernel.sources"};
    char path[8192];
    int status = words_add(&job->build->read, job->folder);
    for (size_t i = 0; i < sizeof files / sizeof *files && status == 0; i++) {
        snprintf(path, sizeof path, "%s/%s", job->folder, files[i]);
        status = words_add(&job->build->read, path);
    }
    return status ? build_out_of_memory(job->problem) : 0;
}

static int prepare(struct build_job *job) {
    job->folder = realpath(job->request->folder, NULL);
    if (!job->folder)
        return problem_set(job->problem, errno, "%s: %s", job->request->folder, strerror(errno));
    int status = name_modules(job);
    if (status == 0)
        status = note_folder(job);
    if (status == 0)
        status = toolchain_read(&job->toolchain, job->problem);
    if (status == 0)
        status = read_needs(job);
    if (status == 0)
        status = source_rules_read(&job->rules, job->folder, job->problem);
    if (status == 0 && words_add_all(&job->link_flags, &job->rules.link))
        status = build_out_of_memory(job->problem);
    if (status == 0)
        status = choose_cache(job);
    if (status == 0)
        status = find_sources(job);
    if (status == 0)
        status = build_identify_compilers(job);
    return status ? status : build_collect_flags(job);
}

int kernel_build(const struct kernel_build_request *request, struct kernel_build *build,
                 struct problem *problem) {
    *build = (struct kernel_build){0};
    struct build_job *job = calloc(1, sizeof *job);
    if (!job)
        return build_out_of_memory(problem);
    *job = (struct build_job){.request = request,
                              .build = build,
                              .problem = problem,
                              .limits = {request->time_s, request->interrupted},
                              .compilers = cache_key_processor(HASH_START),
                              .begun = dependencies_now_ns()};
    int status = prepare(job);
    for (int kind = 0; kind < BUILD_KINDS && status == 0; kind++) {
        job->missing[kind] = request->alone && kind != (int)request->kind;
        status = build_name_objects(job, (enum build_kind)kind);
    }
    if (status == 0)
        status = called_check_libraries(&job->rules, &job->limits, job->problem);
    if (status == 0) {
        status = make_modules(job);
        if (status == -ENOEXEC)
            build_explain_compiler(job);
    }
    if (status == -ENOEXEC)
        status = build_explain_needs(job, status);
    if (build_messages_length(build) == 0) {
        free(build->messages);
        build->messages = NULL;
    }
    for (int kind = 0; kind < BUILD_KINDS; kind++)
        words_clear(&job->objects[kind]);
    words_clear(&job->sources);
    words_clear(&job->parts);
    words_clear(&job->compile_flags);
    words_clear(&job->link_flags);
    toolchain_clear(&job->toolchain);
    kernel_needs_clear(&job->needs);
    source_rules_clear(&job->rules);
    free(job->folder);
    free(job);
    return status;
}

void kernel_build_clear(struct kernel_build *build) {
    free(build->messages);
    words_clear(&build->read);
    *build = (struct kernel_build){0};
}
