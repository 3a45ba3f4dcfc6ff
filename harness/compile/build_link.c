#include "compile/build_job.h"

#include "base/folder.h"
#include "compile/called.h"
#include "compile/link_recipe.h"
#include "compile/linker_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct words *linker(const struct build_job *job) {
    return job->has_cxx ? &job->toolchain.cxx : &job->toolchain.cc;
}

static int add_link_flags(const struct build_job *job, enum build_kind kind, struct words *command) {
    const struct words *const parts[] = {build_flags_of(job, job->has_cxx, kind), &job->toolchain.ldflags,
                                         &job->link_flags};
    int status = words_split(command, "-fno-lto " TOOLCHAIN_LINK_AS_A_PROGRAM);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == 0; i++)
        status = words_add_all(command, parts[i]);
    return status;
}

/* Of generated sources those that they were made from. */
static void explain_link(struct build_job *job) {
    char files[512];
    size_t length =
        (size_t)snprintf(files, sizeof files, "%s", job->rules.call_count ? "" : job->request->folder);
    for (size_t i = 0; i < job->rules.call_count && length < sizeof files; i++)
        length += (size_t)snprintf(files + length, sizeof files - length, "%s%s", i ? ", " : "",
                                   job->rules.calls[i].path);
    linker_words_explain(job->build->messages, files, job->rules.call_count > 0, job->problem);
}

/* Undefined symbols are refused here, where the linker can say who wants them. */
static int link_module(struct build_job *job, enum build_kind kind, const char *module) {
    struct words command = {0};
    struct command_result result = {0};
    int status = words_add_all(&command, linker(job));
    if (status == 0)
        status = words_split(&command, "-shared -Wl,-z,defs -o");
    if (status == 0)
        status = words_add(&command, module);
    if (status == 0)
        status = words_add_all(&command, &job->objects[kind]);
    if (status == 0)
        status = add_link_flags(job, kind, &command);
    status = status ? build_out_of_memory(job->problem)
                    : build_run_tool(job, &command, &result, "link", job->request->folder);
    if (status == -ENOEXEC)
        explain_link(job);
    words_clear(&command);
    command_result_clear(&result);
    return status;
}

/* Named by their sources, in whose order they are linked. */
static int keep_objects(struct build_job *job, enum build_kind kind, const char *folder) {
    for (size_t i = 0; i < job->sources.count; i++) {
        const char *source = job->sources.items[i], *slash = strrchr(source, '/');
        char object[8192 + 256];
        snprintf(object, sizeof object, "%s/%.250s.o", folder, slash ? slash + 1 : source);
        int status = access(object, F_OK) == 0 ? -EEXIST : file_copy(job->objects[kind].items[i], object);
        if (status == -EEXIST)
            return problem_set(job->problem, EEXIST, "%s: another source of the kernel has that name, too",
                               source);
        if (status)
            return problem_set(job->problem, -status, "%s: %s", object, strerror(-status));
    }
    return 0;
}

/* What links_open makes a recipe of, once somebody wants links at other places. */
static int keep_command(struct build_job *job, enum build_kind kind, const char *folder) {
    struct words command = {0};
    char path[8192 + 16];
    int status = words_add(&command, LINK_COMMAND);
    if (status == 0)
        status = words_add_all(&command, linker(job));
    if (status == 0)
        status = words_add(&command, "--");
    if (status == 0)
        status = add_link_flags(job, kind, &command);
    FILE *file = NULL;
    snprintf(path, sizeof path, "%s/command", folder);
    if (status == 0 && !(file = fopen(path, "we")))
        status = -errno;
    for (size_t i = 0; file && i < command.count; i++)
        fprintf(file, "%s\n", command.items[i]);
    if (file && (ferror(file) | fclose(file)))
        status = -EIO;
    words_clear(&command);
    return status ? problem_set(job->problem, -status, "%s: %s", path, strerror(-status)) : 0;
}

/* Moves into place what another process may have put there already: then that is as good. */
static int settle(struct build_job *job, const char *from, const char *to) {
    return rename(from, to) == 0 || errno == EEXIST || errno == ENOTEMPTY
               ? 0
               : problem_set(job->problem, errno, "%s: %s", to, strerror(errno));
}

/* The module last: where it is, everything is. */
int build_link(struct build_job *job, enum build_kind kind, const char *part, const char *stem) {
    char from[8192], to[8192];
    snprintf(from, sizeof from, "%s/module.so", part);
    int status = link_module(job, kind, from);
    snprintf(from, sizeof from, "%s/link", part);
    if (status == 0 && mkdir(from, 0777) != 0)
        status = problem_set(job->problem, errno, "%s: %s", from, strerror(errno));
    if (status == 0)
        status = keep_objects(job, kind, from);
    if (status == 0)
        status = keep_command(job, kind, from);
    snprintf(to, sizeof to, "%s.%s.link", stem, build_kind_name(kind));
    if (status == 0)
        status = settle(job, from, to);
    snprintf(from, sizeof from, "%s/codes", part);
    snprintf(to, sizeof to, "%s.%s.codes", stem, build_kind_name(kind));
    if (status == 0 && job->rules.call_count)
        status = called_write(&job->rules, &job->sources, &job->objects[kind], from, job->problem);
    if (status == 0 && job->rules.call_count)
        status = settle(job, from, to);
    snprintf(from, sizeof from, "%s/module.so", part);
    snprintf(to, sizeof to, "%s.%s.so", stem, build_kind_name(kind));
    return status ? status : settle(job, from, to);
}
