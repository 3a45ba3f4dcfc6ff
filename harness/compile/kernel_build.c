#include "compile/kernel_build.h"

#include "base/command.h"
#include "compile/cache.h"
#include "compile/called.h"
#include "compile/linker_words.h"
#include "compile/source_rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Beyond this, what a compiler says is cut: templates can fill screens by the hundred. */
#define MESSAGES_SIZE ((size_t)64 << 10)

struct job {
    const struct kernel_build_request *request;
    struct kernel_build *build;
    struct problem *problem;
    struct command_limits limits;
    struct toolchain toolchain;
    struct kernel_needs needs;
    struct source_rules rules;
    struct words sources, compile_flags, link_flags; /* flags: those that kernel.cmake asks for */
    struct words objects[BUILD_KINDS];
    bool missing[BUILD_KINDS]; /* this build's sources do not compile */
    bool has_cxx;
    bool is_clang; /* CXX: it makes no unique symbols */
    char *folder;  /* absolute */
    char cache[4096];
    uint64_t compilers; /* key of all compilers' versions and of the processor */
    uint64_t key[BUILD_KINDS];
};

static bool has_suffix(const char *text, const char *suffix) {
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

static int out_of_memory(struct problem *problem) {
    return problem_set(problem, ENOMEM, "out of memory");
}

static size_t messages_length(const struct kernel_build *build) {
    return build->messages ? strlen(build->messages) : 0;
}

static void add_messages(struct kernel_build *build, const char *said) {
    size_t length = messages_length(build), more = strlen(said);
    if (length + more > MESSAGES_SIZE)
        more = length < MESSAGES_SIZE ? MESSAGES_SIZE - length : 0;
    char *grown = more ? realloc(build->messages, length + more + 2) : NULL;
    if (!grown)
        return;
    build->messages = grown;
    memcpy(grown + length, said, more);
    strcpy(grown + length + more, grown[length + more - 1] == '\n' ? "" : "\n");
}

/* Runs a tool; what it said on stderr goes into build->messages. -ENOEXEC for another exit status than 0. */
static int run_tool(struct job *job, const struct words *command, struct command_result *result,
                    const char *doing, const char *what) {
    struct problem problem;
    int status = command_run(command, &job->limits, result, &problem);
    if (status)
        return problem_set(job->problem, -status, "cannot %s %s: %s", doing, what, problem.text);
    if (result->err_size)
        add_messages(job->build, result->err);
    if (result->exit_status == 0)
        return 0;
    char *line = words_join(command);
    status = problem_set(job->problem, ENOEXEC, "cannot %s %s: exit status %d of: %s", doing, what,
                         result->exit_status, line ? line : command->items[0]);
    free(line);
    return status;
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int find_sources(struct job *job) {
    DIR *stream = opendir(job->folder);
    int status = stream ? 0 : -errno;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream));) {
        bool cxx = has_suffix(entry->d_name, ".cpp");
        if (entry->d_name[0] == '.' || (!cxx && !has_suffix(entry->d_name, ".c")))
            continue;
        job->has_cxx |= cxx;
        status = words_addf(&job->sources, "%s/%s", job->folder, entry->d_name);
    }
    if (stream)
        closedir(stream);
    if (status)
        return problem_set(job->problem, -status, "%s: %s", job->request->folder, strerror(-status));
    qsort(job->sources.items, job->sources.count, sizeof *job->sources.items, compare_words);
    return 0;
}

static int ask_pkg_config(struct job *job, const char *what, struct words *flags) {
    struct words command = {0};
    struct command_result result = {0};
    int status = words_add_all(&command, &job->toolchain.pkg_config);
    if (status == 0)
        status = words_add(&command, what);
    if (status == 0)
        status = words_add_all(&command, &job->needs.packages);
    status = status ? out_of_memory(job->problem)
                    : run_tool(job, &command, &result, "find the packages of", job->request->folder);
    if (status == 0 && words_split(flags, result.out))
        status = out_of_memory(job->problem);
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

static int collect_flags(struct job *job) {
    int status = 0;
    if (job->needs.packages.count)
        status = ask_pkg_config(job, "--cflags", &job->compile_flags);
    if (status == 0 && job->needs.packages.count)
        status = ask_pkg_config(job, "--libs", &job->link_flags);
    if (status)
        return status;
    for (size_t i = 0; i < job->needs.libraries.count && status == 0; i++) {
        const char *library = job->needs.libraries.items[i];
        bool whole = library[0] == '-' || strchr(library, '/');
        status = words_addf(&job->link_flags, "%s%s", whole ? "" : "-l", library);
    }
    if (status == 0)
        status = words_add(&job->link_flags, "-lm");
    /* Threads of libgomp's pool outlive a run and wait inside the library, which dlclose must not unmap. */
    if (status == 0 && job->needs.openmp)
        status = words_split(&job->link_flags, "-fopenmp -Wl,-z,nodelete");
    if (status == 0 && job->needs.openmp)
        status = words_add(&job->compile_flags, "-fopenmp");
    return status ? out_of_memory(job->problem) : 0;
}

/* The user may not know that there is such a variable, nor that it is set. */
static int explain_compiler(struct job *job, const char *variable, const struct problem *why, int status) {
    const char *given = getenv(variable);
    return given && *given
               ? problem_set(job->problem, -status, "%s; it is the compiler that %s names", why->text,
                             variable)
               : problem_set(job->problem, -status, "%s; install a compiler, or name yours with %s",
                             why->text, variable);
}

static int identify_compiler(struct job *job, const struct words *compiler, const char *variable) {
    struct words command = {0};
    struct command_result result = {0};
    struct problem why;
    int status = words_add_all(&command, compiler);
    if (status == 0)
        status = words_add(&command, "--version");
    if (status)
        status = out_of_memory(job->problem);
    else if ((status = command_run(&command, &job->limits, &result, &why)))
        status = explain_compiler(job, variable, &why, status);
    else if (result.exit_status) {
        char *line = words_join(&command);
        problem_set(&why, ENOEXEC, "exit status %d of: %s", result.exit_status, line ? line : "a compiler");
        free(line);
        status = explain_compiler(job, variable, &why, -ENOEXEC);
        if (result.err_size)
            add_messages(job->build, result.err);
    } else {
        job->compilers = hash_text(job->compilers, result.out);
        job->is_clang = strstr(result.out, "clang") != NULL;
    }
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

static const struct words *flags_of(const struct job *job, bool cxx, enum build_kind kind) {
    return cxx ? &job->toolchain.cxxflags[kind] : &job->toolchain.cflags[kind];
}

/* -DCS_BUILD_FLAGS="…": the flags of the descriptor's language, what kernel.cmake adds, and LDFLAGS. */
static int add_record(const struct job *job, bool cxx, enum build_kind kind, struct words *command) {
    struct words all = {0};
    int status = words_add_all(&all, flags_of(job, cxx, kind));
    if (status == 0)
        status = words_split(&all, TOOLCHAIN_AS_A_PROGRAM);
    if (status == 0)
        status = words_add_all(&all, &job->compile_flags);
    if (status == 0)
        status = words_add_all(&all, &job->toolchain.ldflags);
    char *text = status ? NULL : words_join(&all), *quoted = text ? malloc(2 * strlen(text) + 1) : NULL;
    words_clear(&all);
    status = -ENOMEM;
    if (quoted) {
        char *to = quoted;
        for (const char *c = text; *c; c++) {
            if (*c == '"' || *c == '\\')
                *to++ = '\\';
            *to++ = *c;
        }
        *to = '\0';
        status = words_addf(command, "-DCS_BUILD_FLAGS=\"%s\"", quoted);
    }
    free(text);
    free(quoted);
    return status;
}

/* The compiler's command for one source, all but what it shall do and the source itself. */
static int begin_compile(const struct job *job, const char *source, enum build_kind kind,
                         struct words *command) {
    bool cxx = has_suffix(source, ".cpp");
    const struct words *const parts[] = {cxx ? &job->toolchain.cxx : &job->toolchain.cc,
                                         flags_of(job, cxx, kind), &job->compile_flags};
    int status = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == 0; i++)
        status = words_add_all(command, parts[i]);
    /* Without optimization across translation units: a variant must not see who calls it, or with what. */
    if (status == 0)
        status = words_split(command, TOOLCHAIN_AS_A_PROGRAM " -fno-lto");
    if (status == 0)
        status = words_addf(command, "-I%s", job->request->include);
    if (status == 0)
        status = source_rules_add_flags(&job->rules, source, kind, command);
    if (status == 0 && cxx && !job->is_clang && source_rules_symbol(&job->rules, source))
        status = words_add(command, "-fno-gnu-unique"); /* objcopy cannot hide those */
    return status == 0 ? add_record(job, cxx, kind, command) : status;
}

/* As the user knows it: the file that --call was given, where `source` was generated to include it. */
static const char *users_name(const struct job *job, const char *source) {
    const char *slash = strrchr(source, '/'), *file = slash ? slash + 1 : source;
    for (size_t i = 0; i < job->rules.call_count; i++)
        if (job->rules.calls[i].source && !strcmp(job->rules.calls[i].source, file))
            return job->rules.calls[i].path;
    return source;
}

static int run_compiler(struct job *job, const char *source, enum build_kind kind, const char *action,
                        const char *to, struct command_result *result) {
    struct words command = {0};
    char what[4200];
    snprintf(what, sizeof what, "%s", users_name(job, source));
    int status = begin_compile(job, source, kind, &command);
    if (status == 0)
        status = words_add(&command, action);
    if (status == 0 && to)
        status = words_add(&command, "-o");
    if (status == 0 && to)
        status = words_add(&command, to);
    if (status == 0)
        status = words_add(&command, source);
    status = status ? out_of_memory(job->problem) : run_tool(job, &command, result, "compile", what);
    words_clear(&command);
    return status;
}

/*
 * The object of a source, named by the key of what the preprocessor makes of it: all headers are in there,
 * wherever they come from.
 */
static int name_object(struct job *job, const char *source, enum build_kind kind) {
    struct command_result result = {0};
    struct words command = {0};
    int status = run_compiler(job, source, kind, "-E", NULL, &result);
    if (status == 0 && begin_compile(job, source, kind, &command))
        status = out_of_memory(job->problem);
    if (status == 0) {
        uint64_t key = job->compilers;
        const char *symbol = source_rules_symbol(&job->rules, source);
        for (size_t i = 0; i < command.count; i++)
            key = hash_text(key, command.items[i]);
        key = symbol ? hash_text(key, symbol) : key;
        key = hash_bytes(key, result.out, result.out_size);
        job->key[kind] = hash_bytes(job->key[kind], &key, sizeof key);
        if (words_addf(&job->objects[kind], "%s/%016llx.o", job->cache, (unsigned long long)key))
            status = out_of_memory(job->problem);
    }
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

static int compile_object(struct job *job, const char *source, const char *object, enum build_kind kind) {
    struct command_result result = {0};
    char part[4200];
    if (access(object, R_OK) == 0) {
        cache_use(object);
        return 0;
    }
    snprintf(part, sizeof part, "%s.%ld.part", object, (long)getpid());
    int status = run_compiler(job, source, kind, "-c", part, &result);
    if (status == 0)
        status =
            source_rules_isolate(&job->rules, &job->toolchain.cc, source, part, &job->limits, job->problem);
    if (status == 0) {
        job->build->compiled++;
        if (rename(part, object) != 0)
            status = problem_set(job->problem, errno, "%s: %s", object, strerror(errno));
    }
    unlink(part);
    command_result_clear(&result);
    return status;
}

/*
 * -ENOEXEC of the build that is not demanded only means that it cannot be had; and what a compiler says of
 * the same source twice is shown once.
 */
static int excuse(struct job *job, enum build_kind kind, int status) {
    if (kind == job->request->kind)
        return status;
    job->missing[kind] = status == -ENOEXEC;
    return job->missing[kind] ? 0 : status;
}

static void cut_messages(struct kernel_build *build, size_t length) {
    if (build->messages)
        build->messages[length] = '\0';
}

static int for_each_source(struct job *job, enum build_kind kind, bool compile) {
    size_t said = messages_length(job->build);
    int status = 0;
    for (size_t i = 0; i < job->sources.count && status == 0 && !job->missing[kind]; i++)
        status = compile ? compile_object(job, job->sources.items[i], job->objects[kind].items[i], kind)
                         : name_object(job, job->sources.items[i], kind);
    if (kind != job->request->kind || (status == 0 && !compile))
        cut_messages(job->build, said);
    return excuse(job, kind, status);
}

static const struct words *linker(const struct job *job) {
    return job->has_cxx ? &job->toolchain.cxx : &job->toolchain.cc;
}

static int add_link_flags(const struct job *job, enum build_kind kind, struct words *command) {
    const struct words *const parts[] = {flags_of(job, job->has_cxx, kind), &job->toolchain.ldflags,
                                         &job->link_flags};
    int status = words_split(command, "-fno-lto " TOOLCHAIN_LINK_AS_A_PROGRAM);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == 0; i++)
        status = words_add_all(command, parts[i]);
    return status;
}

/* Of generated sources those that they were made from. */
static void explain_link(struct job *job) {
    char files[512];
    size_t length =
        (size_t)snprintf(files, sizeof files, "%s", job->rules.call_count ? "" : job->request->folder);
    for (size_t i = 0; i < job->rules.call_count && length < sizeof files; i++)
        length += (size_t)snprintf(files + length, sizeof files - length, "%s%s", i ? ", " : "",
                                   job->rules.calls[i].path);
    linker_words_explain(job->build->messages, files, job->rules.call_count > 0, job->problem);
}

/* Undefined symbols are refused here, where the linker can say who wants them. */
static int link_module(struct job *job, enum build_kind kind, const char *module) {
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
    status =
        status ? out_of_memory(job->problem) : run_tool(job, &command, &result, "link", job->request->folder);
    if (status == -ENOEXEC)
        explain_link(job);
    words_clear(&command);
    command_result_clear(&result);
    return status;
}

static int keep_recipe(struct job *job, enum build_kind kind, const char *folder) {
    struct words command = {0};
    struct command_result result = {0};
    int status = words_add(&command, job->request->link_recipe);
    if (status == 0)
        status = words_add(&command, folder);
    if (status == 0)
        status = words_add_all(&command, &job->objects[kind]);
    if (status == 0)
        status = words_add(&command, "--");
    if (status == 0)
        status = words_add_all(&command, linker(job));
    if (status == 0)
        status = words_add(&command, "--");
    if (status == 0)
        status = add_link_flags(job, kind, &command);
    status =
        status ? out_of_memory(job->problem) : run_tool(job, &command, &result, "link", job->request->folder);
    words_clear(&command);
    command_result_clear(&result);
    return status;
}

/* Moves into place what another process may have put there already: then that is as good. */
static int settle(struct job *job, const char *from, const char *to) {
    return rename(from, to) == 0 || errno == EEXIST || errno == ENOTEMPTY
               ? 0
               : problem_set(job->problem, errno, "%s: %s", to, strerror(errno));
}

/* The recipe first: where the module is, everything is. */
static int link_kind(struct job *job, enum build_kind kind, const char *part, const char *stem) {
    char from[8192], to[8192];
    snprintf(from, sizeof from, "%s/module.so", part);
    int status = link_module(job, kind, from);
    snprintf(from, sizeof from, "%s/link", part);
    if (status == 0)
        status = keep_recipe(job, kind, from);
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

static int compile_and_link(struct job *job, enum build_kind kind, const char *part, const char *stem) {
    char module[8192];
    snprintf(module, sizeof module, "%s.%s.so", stem, build_kind_name(kind));
    if (job->missing[kind] || access(module, R_OK) == 0)
        return 0;
    int status = for_each_source(job, kind, true);
    if (status || job->missing[kind])
        return status;
    size_t said = messages_length(job->build);
    status = link_kind(job, kind, part, stem);
    char left[8192];
    snprintf(left, sizeof left, "%s/link", part);
    cache_remove(left);
    if (kind != job->request->kind)
        cut_messages(job->build, said);
    return excuse(job, kind, status);
}

/* What one command line and these sources give has a folder of its own; it is complete or not there. */
static int make_modules(struct job *job) {
    uint64_t key = hash_bytes(HASH_START, job->key, sizeof job->key);
    for (size_t i = 0; i < job->link_flags.count; i++)
        key = hash_text(key, job->link_flags.items[i]);
    for (size_t i = 0; i < job->toolchain.ldflags.count; i++)
        key = hash_text(key, job->toolchain.ldflags.items[i]);
    key = called_key(&job->rules, key);
    const char *slash = strrchr(job->folder, '/');
    char home[4300], stem[8192], part[4400];
    snprintf(home, sizeof home, "%s/%016llx", job->cache, (unsigned long long)key);
    snprintf(stem, sizeof stem, "%s/%s", home, slash ? slash + 1 : job->folder);
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
    int status = for_each_source(job, job->request->kind, true);
    if (status == 0)
        status = compile_and_link(job, other, part, stem);
    if (status == 0)
        status = compile_and_link(job, job->request->kind, part, stem);
    cache_remove(part);
    return status;
}

static int prepare(struct job *job) {
    job->folder = realpath(job->request->folder, NULL);
    if (!job->folder)
        return problem_set(job->problem, errno, "%s: %s", job->request->folder, strerror(errno));
    if (access(job->request->link_recipe, X_OK) != 0)
        return problem_set(job->problem, errno, "%s: %s; countersign is not completely installed",
                           job->request->link_recipe, strerror(errno));
    int status = toolchain_read(&job->toolchain, job->problem);
    if (status == 0)
        status = kernel_needs_read(&job->needs, job->folder, job->problem);
    if (status == 0)
        status = source_rules_read(&job->rules, job->folder, job->problem);
    if (status == 0 && words_add_all(&job->link_flags, &job->rules.link))
        status = out_of_memory(job->problem);
    if (status == 0)
        status = cache_folder(job->folder, job->cache, sizeof job->cache - 64, job->problem);
    if (status == 0)
        status = find_sources(job);
    if (status == 0)
        status = identify_compiler(job, &job->toolchain.cc, "CC");
    if (status == 0 && job->has_cxx)
        status = identify_compiler(job, &job->toolchain.cxx, "CXX");
    return status ? status : collect_flags(job);
}

/* What compiler or linker said of a function that the user's file does not define, in words of ours. */
static void explain_failure(struct job *job) {
    char scratch[sizeof job->cache + 64];
    snprintf(scratch, sizeof scratch, "%s/called.%ld", job->cache, (long)getpid());
    bool missing = false;
    for (size_t i = 0; i < job->rules.call_count && !missing; i++) {
        const struct source_call *call = &job->rules.calls[i];
        const char *object = NULL;
        char source[8192];
        struct words compile = {0};
        if (!call->source)
            continue;
        snprintf(source, sizeof source, "%s/%s", job->folder, call->source);
        for (size_t o = 0; o < job->objects[job->request->kind].count; o++)
            if (!strcmp(job->sources.items[o], source) &&
                access(job->objects[job->request->kind].items[o], R_OK) == 0)
                object = job->objects[job->request->kind].items[o];
        missing = begin_compile(job, source, job->request->kind, &compile) == 0 &&
                  called_is_missing(call, &compile, object, scratch, &job->limits, job->problem);
        words_clear(&compile);
    }
    if (missing)
        cut_messages(job->build, 0);
}

int kernel_build(const struct kernel_build_request *request, struct kernel_build *build,
                 struct problem *problem) {
    *build = (struct kernel_build){0};
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return out_of_memory(problem);
    *job = (struct job){.request = request,
                        .build = build,
                        .problem = problem,
                        .limits = {request->time_s, request->interrupted},
                        .compilers = cache_key_processor(HASH_START)};
    int status = prepare(job);
    for (int kind = 0; kind < BUILD_KINDS && status == 0; kind++)
        status = for_each_source(job, (enum build_kind)kind, false);
    if (status == 0)
        status = called_check_libraries(&job->rules, &job->limits, job->problem);
    if (status == 0) {
        status = make_modules(job);
        if (status == -ENOEXEC)
            explain_failure(job);
    }
    if (messages_length(build) == 0) {
        free(build->messages);
        build->messages = NULL;
    }
    for (int kind = 0; kind < BUILD_KINDS; kind++)
        words_clear(&job->objects[kind]);
    words_clear(&job->sources);
    words_clear(&job->compile_flags);
    words_clear(&job->link_flags);
    toolchain_clear(&job->toolchain);
    kernel_needs_clear(&job->needs);
    source_rules_clear(&job->rules);
    free(job->folder);
    free(job);
    return status;
}
