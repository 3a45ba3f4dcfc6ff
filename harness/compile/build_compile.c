#include "compile/build_job.h"

#include "compile/cache.h"
#include "compile/called.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct words *build_flags_of(const struct build_job *job, bool cxx, enum build_kind kind) {
    return cxx ? &job->toolchain.cxxflags[kind] : &job->toolchain.cflags[kind];
}

bool build_is_cxx(const char *source) {
    return build_has_suffix(source, ".cpp") || build_has_suffix(source, ".cc") ||
           build_has_suffix(source, ".cxx");
}

/* -DCS_BUILD_FLAGS="…": the flags of this very command line, those of $CC too, and LDFLAGS. */
static int add_record(const struct build_job *job, struct words *command) {
    struct words all = {0};
    size_t first = 1; /* behind the compiler, and what stands before it: "ccache gcc" */
    while (first < command->count && command->items[first][0] != '-')
        first++;
    int status = 0;
    for (size_t i = first; i < command->count && status == 0; i++)
        status = words_add(&all, command->items[i]);
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

/* The compiler's command for one source, all but what it shall do and the source itself. What decides about
 * code stands before its record. */
static int begin_compile(const struct build_job *job, const char *source, enum build_kind kind,
                         struct words *command) {
    bool cxx = build_is_cxx(source);
    const char *more = job->request->flags[cxx];
    const struct words *const parts[] = {cxx ? &job->toolchain.cxx : &job->toolchain.cc,
                                         build_flags_of(job, cxx, kind), &job->compile_flags};
    bool alone = source_rules_alone(&job->rules, source);
    int status = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == 0; i++)
        status = alone && i == 1 ? 0 : words_add_all(command, parts[i]);
    /* Without optimization across translation units: a variant must not see who calls it, or with what. */
    if (status == 0)
        status = words_split(command, TOOLCHAIN_AS_A_PROGRAM " -fno-lto");
    if (status == 0)
        status = source_rules_add_flags(&job->rules, source, kind, command);
    bool hidden = source_rules_symbol(&job->rules, source) || source_rules_part(&job->rules, source);
    if (status == 0 && cxx && !job->is_clang && hidden)
        status = words_add(command, "-fno-gnu-unique"); /* objcopy cannot hide those */
    if (status == 0)
        status = add_record(job, command);
    if (status == 0)
        status = words_addf(command, "-I%s", job->request->include);
    return status == 0 && more ? words_split(command, more) : status;
}

/* As the user knows it: the file that --call was given, where `source` was generated to include it. */
static const char *users_name(const struct build_job *job, const char *source) {
    const char *slash = strrchr(source, '/'), *file = slash ? slash + 1 : source;
    const struct source_part *part = source_rules_part(&job->rules, source);
    if (part)
        return part->path;
    for (size_t i = 0; i < job->rules.call_count; i++)
        if (job->rules.calls[i].source && !strcmp(job->rules.calls[i].source, file))
            return job->rules.calls[i].path;
    return source;
}

static int run_compiler(struct build_job *job, const char *source, enum build_kind kind, const char *before,
                        const char *action, const char *to, struct command_result *result) {
    struct words command = {0};
    char what[4200];
    snprintf(what, sizeof what, "%s", users_name(job, source));
    int status = before ? words_split(&command, before) : 0;
    if (status == 0)
        status = begin_compile(job, source, kind, &command);
    if (status == 0)
        status = words_split(&command, action);
    if (status == 0 && to)
        status = words_add(&command, to);
    if (status == 0)
        status = words_add(&command, source);
    status =
        status ? build_out_of_memory(job->problem) : build_run_tool(job, &command, result, "compile", what);
    words_clear(&command);
    return status;
}

/* Whether the compiler reads a profile, in a file that it alone knows the name of. */
static bool reads_profile(const char *word) {
    static const char *const flags[] = {"-fprofile-use", "-fprofile-instr-use", "-fprofile-sample-use",
                                        "-fauto-profile", "-fbranch-probabilities"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strncmp(word, flags[i], strlen(flags[i])) == 0)
            return true;
    return false;
}

/* Of the command, of what it reads from the environment, and of what is done to the object. */
static int key_command(const struct build_job *job, const char *source, enum build_kind kind, uint64_t *key) {
    struct words command = {0};
    const char *symbol = source_rules_symbol(&job->rules, source);
    int status = begin_compile(job, source, kind, &command);
    *key = job->compilers;
    for (size_t i = 0; i < command.count; i++) {
        *key = hash_text(*key, command.items[i]);
        if (reads_profile(command.items[i])) /* it may be another by now: what was made before is not used */
            *key = hash_bytes(*key, &job->begun, sizeof job->begun);
    }
    *key = cache_key_environment(*key);
    *key = symbol ? hash_text(*key, symbol) : *key;
    words_clear(&command);
    return status ? build_out_of_memory(job->problem) : 0;
}

/*
 * Continues the key by what the preprocessor makes of the source, with all headers wherever they come from;
 * and notes in `noted` what it read. In English, as it says where it looks; should it refuse the source, it
 * is asked again, without that.
 */
static int preprocess(struct build_job *job, const char *source, enum build_kind kind, const char *noted,
                      struct dependencies *dependencies, uint64_t *key) {
    struct command_result result = {0};
    char rule[4300], action[32 + sizeof rule];
    size_t said = build_messages_length(job->build);
    uint64_t begun = dependencies_now_ns();
    snprintf(rule, sizeof rule, "%s.%ld.d", noted, (long)getpid());
    snprintf(action, sizeof action, "-E -v -MD -MF '%s'", rule);
    job->build->preprocessed++;
    int status = strchr(rule, '\'') ? -ENOEXEC
                                    : run_compiler(job, source, kind, "env LC_ALL=C", action, NULL, &result);
    bool told = status == 0 && dependencies_read(dependencies, rule, result.err) == 0;
    build_cut_messages(job->build, said);
    if (status == -ENOEXEC) {
        command_result_clear(&result);
        status = run_compiler(job, source, kind, NULL, "-E", NULL, &result);
    }
    if (status == 0)
        *key = hash_bytes(*key, result.out, result.out_size);
    if (status == 0 && told)
        dependencies_save(dependencies, noted, begun, *key); /* else it is asked again next time */
    unlink(rule);
    command_result_clear(&result);
    return status;
}

/* Of a source's command and of what it is made of. */
static int key_source(struct build_job *job, const char *source, enum build_kind kind, uint64_t *found) {
    struct dependencies dependencies = {0};
    char noted[4200];
    uint64_t key;
    int status = key_command(job, source, kind, &key);
    if (status)
        return status;
    snprintf(noted, sizeof noted, "%s/%016llx.uses", job->cache, (unsigned long long)hash_text(key, source));
    if (dependencies_hold(&dependencies, noted, &key))
        cache_use(noted);
    else {
        dependencies_clear(&dependencies);
        status = preprocess(job, source, kind, noted, &dependencies, &key);
    }
    if (status == 0 && (words_add_all(&job->build->read, &dependencies.files) ||
                        words_add_all(&job->build->read, &dependencies.folders)))
        status = build_out_of_memory(job->problem);
    *found = key;
    dependencies_clear(&dependencies);
    return status;
}

/* The part of `source` from the index on, or NULL; *index is behind it then. */
static const char *next_part(const struct build_job *job, const char *source, size_t *index) {
    while (*index < job->parts.count) {
        const char *part = job->parts.items[(*index)++];
        if (source_rules_owns(source_rules_part(&job->rules, part), source))
            return part;
    }
    return NULL;
}

/* The object of a source with its parts. */
static int name_object(struct build_job *job, const char *source, enum build_kind kind) {
    uint64_t key = 0, of_part;
    int status = key_source(job, source, kind, &key);
    size_t index = 0;
    for (const char *part; status == 0 && (part = next_part(job, source, &index));) {
        status = key_source(job, part, kind, &of_part);
        key = hash_bytes(key, &of_part, sizeof of_part);
    }
    if (status)
        return status;
    job->key[kind] = hash_bytes(job->key[kind], &key, sizeof key);
    return words_addf(&job->objects[kind], "%s/%016llx.o", job->cache, (unsigned long long)key)
               ? build_out_of_memory(job->problem)
               : 0;
}

static int compile_to(struct build_job *job, const char *source, const char *object, enum build_kind kind,
                      struct words *made) {
    struct command_result result = {0};
    int status = words_add(made, object) ? build_out_of_memory(job->problem) : 0;
    if (status == 0)
        status = run_compiler(job, source, kind, job->request->launcher, "-c -o", object, &result);
    command_result_clear(&result);
    return status;
}

static int compile_object(struct build_job *job, const char *source, const char *object,
                          enum build_kind kind) {
    struct words made = {0};
    char to[4200];
    size_t index = 0;
    if (access(object, R_OK) == 0) {
        cache_use(object);
        return 0;
    }
    snprintf(to, sizeof to, "%s.%ld.part", object, (long)getpid());
    int status = compile_to(job, source, to, kind, &made);
    for (const char *part; status == 0 && (part = next_part(job, source, &index));) {
        snprintf(to, sizeof to, "%s.%ld.part%zu", object, (long)getpid(), index);
        status = compile_to(job, part, to, kind, &made);
    }
    if (status == 0)
        status =
            source_rules_isolate(&job->rules, &job->toolchain.cc, source, &made, &job->limits, job->problem);
    if (status == 0) {
        job->build->compiled++;
        if (rename(made.items[0], object) != 0)
            status = problem_set(job->problem, errno, "%s: %s", object, strerror(errno));
    }
    for (size_t i = 0; i < made.count; i++)
        unlink(made.items[i]);
    words_clear(&made);
    return status;
}

int build_excuse(struct build_job *job, enum build_kind kind, int status) {
    if (kind == job->request->kind || status != -ENOEXEC)
        return status;
    job->missing[kind] = true;
    return 0;
}

/* What a compiler says of the same source twice is shown once. */
static int for_each_source(struct build_job *job, enum build_kind kind, bool compile) {
    size_t said = build_messages_length(job->build);
    int status = 0;
    for (size_t i = 0; i < job->sources.count && status == 0 && !job->missing[kind]; i++)
        status = compile ? compile_object(job, job->sources.items[i], job->objects[kind].items[i], kind)
                         : name_object(job, job->sources.items[i], kind);
    if (kind != job->request->kind || (status == 0 && !compile))
        build_cut_messages(job->build, said);
    return build_excuse(job, kind, status);
}

int build_name_objects(struct build_job *job, enum build_kind kind) {
    return for_each_source(job, kind, false);
}

int build_compile_objects(struct build_job *job, enum build_kind kind) {
    return for_each_source(job, kind, true);
}

/* What compiler or linker said of a function that the user's file does not define, in words of ours. */
void build_explain_compiler(struct build_job *job) {
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
        build_cut_messages(job->build, 0);
}
