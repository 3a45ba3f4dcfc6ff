#include "debug/prototype.h"

#include "base/option_name.h"
#include "base/scratch.h"
#include "compile/cache.h"
#include "compile/dependencies.h"
#include "compile/toolchain.h"
#include "debug/definitions_cache.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_TEXT 4000
#define USE "countersign_use_of_it"

static int make_command(struct words *command, const struct toolchain *toolchain, const char *source,
                        bool cxx, const char *flags, const char *object) {
    /* -w: what the compiler warns of, it warns of when the code to be measured is compiled. */
    static const char *const last[] = {"-O0", "-g", "-w", "-fno-lto", "-c", "-o"};
    int status = words_add_all(command, cxx ? &toolchain->cxx : &toolchain->cc);
    if (status == 0)
        status = words_add_all(command,
                               cxx ? &toolchain->cxxflags[BUILD_NATIVE] : &toolchain->cflags[BUILD_NATIVE]);
    if (status == 0 && flags)
        status = words_split(command, flags);
    for (size_t i = 0; i < sizeof last / sizeof *last && status == 0; i++)
        status = words_add(command, last[i]);
    if (status == 0)
        status = words_add(command, object);
    if (status == 0) /* a header would be precompiled */
        status = words_split(command, cxx ? "-x c++" : "-x c");
    if (status == 0)
        status = words_add(command, source);
    if (status == 0 && !cxx) /* C++'s headers are full of them */
        status = words_add(command, "-fkeep-inline-functions");
    return status;
}

/* What is compiled. */
struct unit {
    const char *source, *flags;
    bool cxx;
    const char *own;       /* folder of a source that was generated, or NULL */
    const char *prototype; /* or NULL: the source is yet to be written */
};

/* Of everything but what the compiler reads. Returns 0 or -errno, where that cannot be told. */
static int find_cache(struct definitions_cache *cache, const struct unit *unit,
                      const struct toolchain *toolchain, const struct command_limits *limits) {
    struct command_result version = {0};
    struct words command = {0};
    struct problem problem;
    char here[4096];
    uint64_t key = cache_key_environment(cache_key_processor(HASH_START));
    int status = make_command(&command, toolchain, unit->own || unit->prototype ? "" : unit->source,
                              unit->cxx, unit->flags, "");
    if (status == 0)
        status = toolchain_ask(toolchain, unit->cxx, limits, &version, &problem);
    if (status == 0 && !getcwd(here, sizeof here))
        status = -errno;
    if (status == 0) {
        for (size_t i = 0; i < command.count; i++)
            key = hash_text(key, command.items[i]);
        key = hash_text(hash_text(key, version.out), here);
        if (unit->prototype)
            key = hash_text(key, unit->prototype);
        if (unit->own)
            status = hash_file(unit->source, &key);
    }
    command_result_clear(&version);
    words_clear(&command);
    return status ? status : definitions_cache_find(cache, key);
}

/* As compile, but so that the compiler tells what it reads, in English; what it says else is not shown. 0, -EINTR, or
 * another -errno where it did not compile. */
static int compile_and_tell(const struct unit *unit, const struct toolchain *toolchain, const char *object,
                            const char *depfile, const struct command_limits *limits, char **said) {
    struct words command = {0};
    struct command_result result = {0};
    struct problem problem;
    int status = words_split(&command, "env LC_ALL=C");
    if (status == 0)
        status = make_command(&command, toolchain, unit->source, unit->cxx, unit->flags, object);
    if (status == 0)
        status = words_split(&command, "-v -MD -MF");
    if (status == 0)
        status = words_add(&command, depfile);
    if (status == 0)
        status = command_run(&command, limits, &result, &problem);
    if (status == 0 && result.exit_status)
        status = -EINVAL;
    if (status == 0) {
        *said = result.err;
        result.err = NULL;
    }
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

/* A compiler that cannot be run, or is none, is named so; else the error is the source's. */
static int compile(const struct toolchain *toolchain, const char *source, bool cxx, const char *flags,
                   const char *object, const struct command_limits *limits, char **errors,
                   struct problem *problem) {
    struct words command = {0};
    struct command_result result = {0}, version = {0};
    int status = make_command(&command, toolchain, source, cxx, flags, object);
    if (status)
        status = problem_set(problem, -status, "out of memory");
    else if ((status = command_run(&command, limits, &result, problem)) == 0 && result.exit_status) {
        status = toolchain_ask(toolchain, cxx, limits, &version, problem);
        if (status == 0) {
            status =
                problem_set(problem, EINVAL, "the compiler ended with exit status %d", result.exit_status);
            *errors = result.err;
            result.err = NULL;
        }
    } else if (status == -ENOENT || status == -EACCES)
        status = toolchain_ask(toolchain, cxx, limits, &version, problem);
    command_result_clear(&version);
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

/* Compiles into `folder`, which is gone afterwards, and keeps what was found. 0, -EINTR, or another -errno where it was
 * not found. */
static int find_and_keep(struct definitions *definitions, const struct unit *unit,
                         const struct toolchain *toolchain, const struct definitions_cache *cache,
                         const char *folder, const struct command_limits *limits) {
    char object[5000], depfile[5000], *said = NULL;
    struct problem problem;
    uint64_t begun = dependencies_now_ns();
    snprintf(object, sizeof object, "%s/types.o", folder);
    snprintf(depfile, sizeof depfile, "%s/types.d", folder);
    int status = compile_and_tell(unit, toolchain, object, depfile, limits, &said);
    if (status == 0)
        status = definitions_read(definitions, object, false, &problem);
    if (status == 0)
        definitions_cache_save(cache, definitions, depfile, said, unit->own ? unit->own : folder, begun);
    else
        definitions_clear(definitions);
    free(said);
    return status;
}

/* The function's name in front of the first bracket: [*begin, *end). */
static bool find_name(const char *text, const char **begin, const char **end) {
    const char *bracket = strchr(text, '(');
    if (!bracket)
        return false;
    while (bracket > text && isspace((unsigned char)bracket[-1]))
        bracket--;
    *end = *begin = bracket;
    while (*begin > text &&
           (isalnum((unsigned char)(*begin)[-1]) || (*begin)[-1] == '_' || (*begin)[-1] == ':'))
        --*begin;
    return *begin<*end && * begin> text;
}

/* "T own::f(…)" is "namespace own { T f(…) … }". */
static void write_definition(FILE *stream, const char *text, size_t length, const char *begin,
                             const char *end, bool cxx) {
    const char *simple = end;
    while (simple > begin && simple[-1] != ':')
        simple--;
    int scope = simple - begin >= 2 ? (int)(simple - begin - 2) : 0;
    fputs("#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <sys/types.h>\n", stream);
    if (cxx)
        fputs("#include <cstddef>\n#include <cstdint>\n", stream);
    if (scope)
        fprintf(stream, "namespace %.*s {\n", scope, begin);
    fprintf(stream, "#line 1 \"%s\"\n%.*s%.*s\n{ __builtin_trap(); }\n", option_name(SETTING_CALL),
            (int)(begin - text), text, (int)(text + length - simple), simple);
    /* Not left out, though it be static and inline. */
    fprintf(stream, "void *" USE "(void);\nvoid *" USE "(void) { return (void *)%.*s; }\n",
            (int)(end - simple), simple);
    if (scope)
        fputs("}\n", stream);
}

static int write_stub(const char *path, const char *text, bool cxx, struct problem *problem) {
    const char *begin, *end;
    size_t length = strlen(text);
    while (length && (isspace((unsigned char)text[length - 1]) || text[length - 1] == ';'))
        length--;
    if (length > MOST_TEXT || !find_name(text, &begin, &end) || memchr(text, '{', length) ||
        memchr(text, '#', length))
        return problem_set(
            problem, EINVAL,
            "%s: expected the function's prototype, such as 'uint64_t f(const uint32_t *p, size_t n)', got '%.200s'",
            option_name(SETTING_CALL), text);
    FILE *stream = fopen(path, "we");
    if (!stream)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    write_definition(stream, text, length, begin, end, cxx);
    return fclose(stream) == 0 ? 0 : problem_set(problem, errno ? errno : EIO, "%s: cannot be written", path);
}

/* Compiles in a folder of its own, which is gone afterwards. What the compiler refuses it is asked again, for its words. */
static int find_anew(struct definitions *definitions, const struct unit *wanted,
                     const struct toolchain *toolchain, const struct definitions_cache *cache,
                     const struct command_limits *limits, char **errors, struct problem *problem) {
    struct unit unit = *wanted;
    char folder[4096], source[4200], object[4200];
    int claim = scratch_open(folder, sizeof folder, NULL, problem), status = 0;
    if (claim < 0)
        return claim;
    snprintf(object, sizeof object, "%s/types.o", folder);
    snprintf(source, sizeof source, "%s/prototype.%s", folder, unit.cxx ? "cpp" : "c");
    if (unit.prototype) {
        unit.source = source;
        unit.own = folder;
        status = write_stub(source, unit.prototype, unit.cxx, problem);
    }
    if (status == 0 && !(cache && find_and_keep(definitions, &unit, toolchain, cache, folder, limits) == 0)) {
        status = compile(toolchain, unit.source, unit.cxx, unit.flags, object, limits, errors, problem);
        if (status == 0)
            status = definitions_read(definitions, object, false, problem);
        if (status == -ENODATA)
            status = 0; /* nothing in it is compiled: templates, inline functions */
    }
    scratch_close(folder, claim);
    return status;
}

static int find_definitions(struct definitions *definitions, const struct unit *unit,
                            const struct command_limits *limits, char **errors, struct problem *problem) {
    struct toolchain toolchain;
    struct definitions_cache cache;
    int status = toolchain_read(&toolchain, problem);
    if (status == 0) {
        bool kept = find_cache(&cache, unit, &toolchain, limits) == 0;
        if (!kept || !definitions_cache_load(&cache, definitions))
            status = find_anew(definitions, unit, &toolchain, kept ? &cache : NULL, limits, errors, problem);
    }
    toolchain_clear(&toolchain);
    return status;
}

int definitions_compile(struct definitions *definitions, const char *source, bool cxx, const char *flags,
                        const char *own, const struct command_limits *limits, struct problem *problem) {
    const struct unit unit = {.source = source, .flags = flags, .cxx = cxx, .own = own};
    char *errors = NULL;
    int status = find_definitions(definitions, &unit, limits, &errors, problem);
    if (errors) {
        fputs(errors, stderr); /* as they are: they name places */
        problem_set(problem, EINVAL, "%s: it does not compile", source);
    }
    free(errors);
    return status;
}

/* The first error alone: those behind it follow from it. */
static int refuse_text(const char *errors, const char *text, struct problem *problem) {
    const char *error = strstr(errors, "error: ");
    error = error ? error + strlen("error: ") : errors;
    return problem_set(problem, EINVAL, "%s: %.*s, in: %.200s", option_name(SETTING_CALL),
                       (int)strcspn(error, "\n"), error, text);
}

static int take_only(const struct definitions *definitions, struct signature *signature, const char *text,
                     struct problem *problem) {
    const struct definition *only = NULL;
    for (size_t i = 0; i < definitions->count; i++)
        if (!definition_is_called(&definitions->items[i], USE))
            only = &definitions->items[i];
    if (!only || definitions->count != 2)
        return problem_set(problem, EINVAL, "%s: expected one prototype, got '%.200s'",
                           option_name(SETTING_CALL), text);
    if (only->refusal[0])
        return problem_set(
            problem, EINVAL,
            "%s: %s, which inputs cannot be made for: %.200s; with a setup of your own they can: %s (docs/DUEL.md)",
            option_name(SETTING_CALL), only->refusal, text, option_name(SETTING_SETUP));
    *signature = only->signature;
    return 0;
}

int prototype_read(struct signature *signature, const char *text, bool cxx,
                   const struct command_limits *limits, struct problem *problem) {
    struct definitions definitions = {0};
    const struct unit unit = {.prototype = text, .cxx = cxx};
    char *errors = NULL;
    int status = find_definitions(&definitions, &unit, limits, &errors, problem);
    if (errors)
        status = refuse_text(errors, text, problem);
    else if (status == 0)
        status = take_only(&definitions, signature, text, problem);
    free(errors);
    definitions_clear(&definitions);
    return status;
}
