#include "debug/prototype.h"

#include "base/option_name.h"
#include "base/scratch.h"
#include "compile/toolchain.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Compiles into a folder of its own, which is gone afterwards. */
static int compile_and_read(struct definitions *definitions, const char *source, bool cxx, const char *flags,
                            const char *folder, const struct command_limits *limits, char **errors,
                            struct problem *problem) {
    struct toolchain toolchain;
    char object[5000];
    snprintf(object, sizeof object, "%s/types.o", folder);
    int status = toolchain_read(&toolchain, problem);
    if (status == 0)
        status = compile(&toolchain, source, cxx, flags, object, limits, errors, problem);
    if (status == 0)
        status = definitions_read(definitions, object, false, problem);
    toolchain_clear(&toolchain);
    return status;
}

int definitions_compile(struct definitions *definitions, const char *source, bool cxx, const char *flags,
                        const struct command_limits *limits, struct problem *problem) {
    char folder[4096], *errors = NULL;
    int claim = scratch_open(folder, sizeof folder, NULL, problem);
    if (claim < 0)
        return claim;
    int status = compile_and_read(definitions, source, cxx, flags, folder, limits, &errors, problem);
    if (errors) {
        fputs(errors, stderr); /* as they are: they name places */
        problem_set(problem, EINVAL, "%s: it does not compile", source);
    }
    free(errors);
    scratch_close(folder, claim);
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
    char folder[4096], source[4200], *errors = NULL;
    int claim = scratch_open(folder, sizeof folder, NULL, problem);
    if (claim < 0)
        return claim;
    snprintf(source, sizeof source, "%s/prototype.%s", folder, cxx ? "cpp" : "c");
    int status = write_stub(source, text, cxx, problem);
    if (status == 0)
        status = compile_and_read(&definitions, source, cxx, NULL, folder, limits, &errors, problem);
    if (errors)
        status = refuse_text(errors, text, problem);
    else if (status == 0)
        status = take_only(&definitions, signature, text, problem);
    free(errors);
    definitions_clear(&definitions);
    scratch_close(folder, claim);
    return status;
}
