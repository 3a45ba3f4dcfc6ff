#include "cli/duel_flags.h"

#include "cli/cli.h"
#include "compile/compile_commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The compiler of C or of C++, as the program reads it everywhere; the user's word is above the build's. */
static int set_compiler(const struct duel_variant *variant, const struct compile_command *command,
                        char **chosen) {
    const char *variable = variant->cxx ? "CXX" : "CC", *given = getenv(variable);
    char *line = words_join(&command->compiler);
    int status = line ? 0 : (int)fail(EXIT_NOTHING, "out of memory");
    if (status == 0 && *chosen && strcmp(*chosen, line))
        status =
            fail(EXIT_USAGE,
                 "--compile-commands: %s is compiled by %s, another file by %s; choose one for both with %s",
                 variant->path, line, *chosen, variable);
    else if (status == 0 && !*chosen && (!given || !*given)) {
        *chosen = strdup(line);
        status = setenv(variable, line, 1) || !*chosen ? (int)fail(EXIT_NOTHING, "out of memory") : 0;
    }
    free(line);
    return status;
}

/* -ENOENT: it is not there, and `problem` says so. */
static int read_variant(const char *database, struct duel_variant *variant, char **flags, char **chosen,
                        bool quiet, struct problem *problem) {
    struct compile_command command = {.entries = 0};
    int status = compile_commands_read(database, variant->path, &command, problem);
    if (status && status != -ENOENT)
        status = fail(EXIT_USAGE, "--compile-commands: %s", problem->text);
    else if (status == 0) {
        variant->alone = true;
        *flags = words_join(&command.flags);
        status = *flags ? set_compiler(variant, &command, chosen) : (int)fail(EXIT_NOTHING, "out of memory");
        if (status == 0 && command.entries > 1 && !quiet)
            fprintf(stderr, "note: %s compiles %s %zu times; its first flags are taken\n", database,
                    variant->path, command.entries);
    }
    compile_command_clear(&command);
    return status;
}

/* A copy beside the tree, an older version: compiled as the one that the build knows. */
static int borrow(struct generate_request *request, size_t from, char **flags, bool quiet) {
    for (size_t i = 0; i < request->variant_count; i++) {
        struct duel_variant *variant = &request->variants[i];
        if (variant->library || variant->alone)
            continue;
        if (variant->cxx != request->variants[from].cxx)
            return fail(EXIT_USAGE,
                        "--compile-commands: it does not compile %s, and %s is of another language",
                        variant->path, request->variants[from].path);
        variant->alone = true;
        flags[i] = strdup(flags[from]);
        if (!flags[i])
            return fail(EXIT_NOTHING, "out of memory");
        if (!quiet)
            fprintf(stderr, "note: --compile-commands does not compile %s: it gets the flags of %s\n",
                    variant->path, request->variants[from].path);
    }
    return 0;
}

int duel_flags_of_build(const char *database, struct generate_request *request, char **flags, bool quiet) {
    size_t count = request->variant_count, known = count;
    char *chosen[2] = {NULL, NULL};
    struct problem problem = {"there is no source"};
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct duel_variant *variant = &request->variants[i];
        if (variant->library)
            continue;
        status = read_variant(database, variant, &flags[i], &chosen[variant->cxx], quiet, &problem);
        if (status == 0 && known == count)
            known = i;
        status = status == -ENOENT ? 0 : status;
    }
    if (status == 0)
        status = known == count ? fail(EXIT_USAGE, "--compile-commands: %s", problem.text)
                                : borrow(request, known, flags, quiet);
    free(chosen[0]);
    free(chosen[1]);
    return status;
}
