#include "compile/compile_commands.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct problem *problem) {
    return problem_set(problem, ENOMEM, "out of memory");
}

static int add_path(struct words *words, const char *option, const char *folder, const char *path) {
    return words_addf(words, "%s%s%s%s", option, *path == '/' ? "" : folder, *path == '/' ? "" : "/", path);
}

/* Whether both are one file; one that is no longer there is no other's. */
static bool is_same_file(const char *folder, const char *file, const char *source) {
    struct words path = {0};
    char *real = add_path(&path, "", folder, file) ? NULL : realpath(path.items[0], NULL);
    bool same = real && !strcmp(real, source);
    free(real);
    words_clear(&path);
    return same;
}

static bool is_one_of(const char *word, const char *const *list) {
    for (; *list; list++)
        if (!strcmp(word, *list))
            return true;
    return false;
}

static bool begins(const char *word, const char *const *list) {
    for (; *list; list++)
        if (!strncmp(word, *list, strlen(*list)))
            return true;
    return false;
}

/* 1: left out; 2: with the word behind it; 0: kept. */
static size_t left_out(const char *word) {
    static const char *const alone[] = {"-c",
                                        "-S",
                                        "-E",
                                        "-MD",
                                        "-MMD",
                                        "-MP",
                                        "-MG",
                                        "-fPIE",
                                        "-fpie",
                                        "-fPIC",
                                        "-fpic",
                                        "-fno-PIC",
                                        "-fno-pic",
                                        "-fno-PIE",
                                        "-fno-pie",
                                        "-static",
                                        "-static-pie",
                                        "-pie",
                                        "-no-pie",
                                        "-Werror",
                                        "-pedantic-errors",
                                        "-fsyntax-only",
                                        NULL};
    static const char *const with_value[] = {"-o", "-MF", "-MT", "-MQ", "-MJ", NULL};
    static const char *const beginnings[] = {"-Werror=", "-flto", "-ffat-lto", "-fno-lto", "-MF",
                                             "-MT",      "-MQ",   "-o",        NULL};
    return is_one_of(word, alone) ? 1 : is_one_of(word, with_value) ? 2 : begins(word, beginnings);
}

/* Adds one word or two of the command, with paths from `folder` on. Returns how many it took; 0: no memory. */
static size_t add_flag(const struct words *all, size_t i, const char *folder, struct words *flags) {
    static const char *const paths[] = {"-isystem", "-iquote",   "-idirafter", "-include",
                                        "-imacros", "-isysroot", "--sysroot",  "-iprefix",
                                        "-I",       "-B",        NULL};
    static const char *const joined[] = {
        "-isystem", "-iquote", "-idirafter", "--sysroot=", "-I", "-B", "@", NULL};
    const char *word = all->items[i];
    if (is_one_of(word, paths) && i + 1 < all->count)
        return words_add(flags, word) || add_path(flags, "", folder, all->items[i + 1]) ? 0 : 2;
    for (const char *const *option = joined; *option; option++)
        if (!strncmp(word, *option, strlen(*option)) && word[strlen(*option)])
            return add_path(flags, *option, folder, word + strlen(*option)) ? 0 : 1;
    return words_add(flags, word) ? 0 : 1;
}

/* ccache and its like are words before the compiler's. */
static size_t count_compiler(const struct words *all) {
    static const char *const launchers[] = {"ccache", "sccache", "distcc", "icecc", "gomacc", NULL};
    const char *slash = strrchr(all->items[0], '/');
    return 1 + (all->count > 1 && is_one_of(slash ? slash + 1 : all->items[0], launchers));
}

static int take_words(const struct words *all, const char *folder, const char *source,
                      struct compile_command *command) {
    size_t first = count_compiler(all);
    int status = 0;
    for (size_t i = 0; i < first && status == 0; i++)
        status = strchr(all->items[i], '/') ? add_path(&command->compiler, "", folder, all->items[i])
                                            : words_add(&command->compiler, all->items[i]);
    for (size_t i = first, step; i < all->count && status == 0; i += step) {
        bool is_source = all->items[i][0] != '-' && is_same_file(folder, all->items[i], source);
        step = is_source || !strcmp(all->items[i], "--") ? 1 : left_out(all->items[i]);
        if (step == 0 && (step = add_flag(all, i, folder, &command->flags)) == 0)
            status = -ENOMEM;
    }
    return status;
}

static int split_entry(const json_t *entry, struct words *all) {
    const json_t *arguments = json_object_get(entry, "arguments"), *word;
    const char *line = json_string_value(json_object_get(entry, "command"));
    int status = arguments || !line ? 0 : words_split(all, line);
    size_t i;
    json_array_foreach(arguments, i, word) {
        if (!json_is_string(word))
            return -EINVAL;
        status = status ? status : words_add(all, json_string_value(word));
    }
    return status == 0 && all->count == 0 ? -EINVAL : status;
}

static int read_entry(const char *database, size_t index, const json_t *entry, const char *source,
                      struct compile_command *command, struct problem *problem) {
    const char *folder = json_string_value(json_object_get(entry, "directory"));
    const char *file = json_string_value(json_object_get(entry, "file"));
    struct words all = {0};
    if (!folder || !file)
        return problem_set(problem, EINVAL, "%s: entry %zu: expected the texts \"directory\" and \"file\"",
                           database, index + 1);
    if (!is_same_file(folder, file, source) || command->entries++ > 0)
        return 0;
    int status = split_entry(entry, &all);
    if (status == -EINVAL)
        problem_set(
            problem, EINVAL,
            "%s: entry %zu (%s): expected \"arguments\", a list of texts, or \"command\", a text whose "
            "quotes are closed",
            database, index + 1, file);
    else if (status == 0)
        status = take_words(&all, folder, source, command);
    words_clear(&all);
    return status == -ENOMEM ? out_of_memory(problem) : status;
}

int compile_commands_read(const char *database, const char *source, struct compile_command *command,
                          struct problem *problem) {
    json_error_t error;
    json_t *root = json_load_file(database, 0, &error), *entry;
    size_t i;
    int status = 0;
    if (!root)
        return problem_set(problem, EINVAL, error.line > 0 ? "%s: %s, in line %d" : "%s: %s", database,
                           error.text, error.line);
    if (!json_is_array(root))
        status = problem_set(problem, EINVAL,
                             "%s: expected a list of commands, as CMake writes it with "
                             "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                             database);
    json_array_foreach(root, i, entry) if (status == 0) status =
        read_entry(database, i, entry, source, command, problem);
    if (status == 0 && command->entries == 0)
        status = problem_set(problem, ENOENT, "%s compiles no file %s (it has %zu entries)", database, source,
                             json_array_size(root));
    json_decref(root);
    return status;
}

void compile_command_clear(struct compile_command *command) {
    words_clear(&command->compiler);
    words_clear(&command->flags);
}
