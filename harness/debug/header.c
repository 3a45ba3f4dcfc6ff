#include "debug/header.h"

#include "base/option_name.h"
#include "base/scratch.h"
#include "compile/toolchain.h"
#include "debug/prototype.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is asked for. */
struct question {
    const char *header, *function, *flags;
    const char *folder; /* for files */
    const struct command_limits *limits;
};

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind a string or a character, which may hold any bracket. */
static const char *skip_quoted(const char *c) {
    for (char quote = *c++; *c && *c != quote; c++)
        if (*c == '\\' && c[1])
            c++;
    return *c ? c + 1 : c;
}

/* Behind "(…)"; NULL where it is not closed. */
static const char *skip_brackets(const char *c) {
    for (int depth = 0; *c;) {
        if (*c == '"' || *c == '\'') {
            c = skip_quoted(c);
            continue;
        }
        depth += (*c == '(') - (*c == ')');
        c++;
        if (depth == 0)
            return c;
    }
    return NULL;
}

/* "extern void *f" and "(const void *p)" of preprocessed text. */
struct declaration {
    const char *begin, *name, *brackets, *end;
};

/* A word at file scope, outside of all brackets: the function's name if a list of parameters and no body are behind it. */
static bool is_declared_here(const char *word, size_t length, const char *function,
                             struct declaration *declaration) {
    const char *bracket = word + length;
    if (length != strlen(function) || strncmp(word, function, length) != 0 || word == declaration->begin ||
        !strncmp(declaration->begin, "typedef", 7))
        return false;
    bracket += strspn(bracket, " \t\n");
    const char *end = *bracket == '(' ? skip_brackets(bracket) : NULL;
    declaration->name = word;
    declaration->brackets = bracket;
    declaration->end = end;
    return end && end[strspn(end, " \t\n")] != '{';
}

/* The compiler has accepted the text, so that brackets are in pairs. */
static bool find_declaration(const char *text, const char *function, struct declaration *declaration) {
    int depth = 0;
    declaration->begin = text;
    for (const char *c = text; *c;) {
        if (*c == '"' || *c == '\'') {
            c = skip_quoted(c);
        } else if (*c == '(') {
            const char *end = skip_brackets(c);
            if (!end)
                return false;
            c = end;
        } else if (is_word(*c)) {
            size_t length = 1;
            while (is_word(c[length]))
                length++;
            if (depth == 0 && is_declared_here(c, length, function, declaration))
                return true;
            c += length;
        } else {
            depth += (*c == '{') - (*c == '}');
            if (depth == 0 && (*c == ';' || *c == '}'))
                declaration->begin = c + 1 + strspn(c + 1, " \t\n");
            c++;
        }
    }
    return false;
}

static int write_include(const struct question *question, const struct declaration *declaration, char *path,
                         size_t size, struct problem *problem) {
    snprintf(path, size, "%s/header.c", question->folder);
    FILE *stream = fopen(path, "we");
    if (!stream)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    char *absolute = realpath(question->header, NULL);
    fprintf(stream, absolute ? "#include \"%s\"\n" : "#include <%s>\n",
            absolute ? absolute : question->header);
    free(absolute);
    /* In brackets no macro of that name is meant. Attributes behind the declaration may not stand at a definition. */
    if (declaration)
        fprintf(stream, "%.*s (%s) %.*s { __builtin_trap(); }\n",
                (int)(declaration->name - declaration->begin), declaration->begin, question->function,
                (int)(declaration->end - declaration->brackets), declaration->brackets);
    return fclose(stream) == 0 ? 0 : problem_set(problem, errno ? errno : EIO, "%s: cannot be written", path);
}

static int preprocess(const struct question *question, const char *path, struct command_result *result,
                      struct problem *problem) {
    struct toolchain toolchain;
    struct words command = {0};
    int status = toolchain_read(&toolchain, problem);
    int full = status == 0 && (words_add_all(&command, &toolchain.cc) ||
                               words_add_all(&command, &toolchain.cflags[BUILD_NATIVE]))
                   ? -ENOMEM
                   : 0;
    if (full == 0)
        full = words_split(&command, question->flags ? question->flags : "");
    if (full == 0 && (words_split(&command, "-O0 -w -E -P -x c") || words_add(&command, path)))
        full = -ENOMEM;
    if (full)
        status = full == -EINVAL
                     ? problem_set(problem, EINVAL, "%s: a quote is not closed", option_name(SETTING_CFLAGS))
                     : problem_set(problem, ENOMEM, "out of memory");
    if (status == 0)
        status = command_run(&command, question->limits, result, problem);
    if (status == 0 && result->exit_status) {
        fputs(result->err, stderr); /* as it is: it names places */
        status = problem_set(problem, EINVAL, "%s: %s: it does not compile", option_name(SETTING_INCLUDE),
                             question->header);
    }
    words_clear(&command);
    toolchain_clear(&toolchain);
    return status;
}

/* Of all that the header defines itself, too, only the function. */
static int keep_one(struct definitions *definitions, const struct question *question,
                    struct problem *problem) {
    size_t kept = 0;
    for (size_t i = 0; i < definitions->count; i++)
        if (!strcmp(definitions->items[i].signature.name, question->function))
            definitions->items[kept++] = definitions->items[i];
    definitions->count = kept;
    return kept ? 0
                : problem_set(problem, EINVAL, "%s: the compiler tells no types of %s, which %s declares",
                              option_name(SETTING_INCLUDE), question->function, question->header);
}

static int read_declared(struct definitions *definitions, const struct question *question,
                         struct problem *problem) {
    struct command_result result = {0};
    struct declaration declaration;
    char path[4200];
    int status = write_include(question, NULL, path, sizeof path, problem);
    if (status == 0)
        status = preprocess(question, path, &result, problem);
    if (status == 0 && !find_declaration(result.out, question->function, &declaration))
        status = problem_set(problem, EINVAL, "%s: %s declares no function %s; tell its prototype with %s",
                             option_name(SETTING_INCLUDE), question->header, question->function,
                             option_name(SETTING_CALL));
    if (status == 0)
        status = write_include(question, &declaration, path, sizeof path, problem);
    if (status == 0)
        status = definitions_compile(definitions, path, false, question->flags, question->folder,
                                     question->limits, problem);
    command_result_clear(&result);
    return status ? status : keep_one(definitions, question, problem);
}

int header_read(struct definitions *definitions, const char *header, const char *function, const char *flags,
                const struct command_limits *limits, struct problem *problem) {
    char folder[4096];
    int claim = scratch_open(folder, sizeof folder, NULL, problem);
    if (claim < 0)
        return claim;
    const struct question question = {header, function, flags, folder, limits};
    int status = strpbrk(header, "\"<>\n\r")
                     ? problem_set(problem, EINVAL, "%s: expected a header's name, got '%.200s'",
                                   option_name(SETTING_INCLUDE), header)
                     : read_declared(definitions, &question, problem);
    scratch_close(folder, claim);
    return status;
}
