/* countersign duel --git: a command, or a function of a library, as two revisions of a repository have it. */
#include "cli/duel.h"
#include "cli/duel_commands.h"
#include "cli/revisions.h"
#include "cli/run_start.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option_row duel_git_rows[] = {
    {"git", "REV1..REV2", REVISION_GIT,
     "build two revisions of a git repository, each in a worktree of its own, and compare COMMAND, run in "
     "each "
     "of them; {} in it is the worktree's path. A side left out is HEAD. With --call, compare a function of "
     "the "
     "library at --library instead",
     ANY_TEXT},
    {"build", "COMMAND", REVISION_BUILD,
     "shell command that builds a revision, run in its worktree (default: nothing to build); not `run`'s "
     "--build: what calls a library's function is always the native build",
     .kind = VALUE_COMMAND},
    {"build-limit", "S", REVISION_BUILD_LIMIT, "longest a build may take (default 3600)",
     NUMBER_FROM(0.1, 86400)},
    {"repository", "FOLDER", REVISION_REPOSITORY, "of the repository (default: the current folder)",
     .kind = VALUE_FOLDER},
    {"library", "PATH", REVISION_LIBRARY, "the library that a build leaves, relative to the worktree",
     ANY_TEXT},
    {.name = NULL}};

/* Labels of two arms must differ, which hashes of one revision twice do not. */
static void choose_label(const struct revision_place *places, size_t i, char *label, size_t size) {
    bool same = !strcmp(places[0].revision.hash, places[1].revision.hash);
    snprintf(label, size, "%s%s", places[i].revision.name, same && i ? "-again" : "");
}

static int build_both(struct revisions *revisions, struct revision_place *places, bool quiet) {
    for (size_t i = 0; i < 2; i++) {
        places[i] = (struct revision_place){.revision = revisions->ends[i]};
        int status = revisions_build_or_say(revisions, &places[i]);
        if (status)
            return caught_signal ? (int)fail(status, "interrupted; nothing was measured") : status;
    }
    if (!quiet && !strcmp(revisions->ends[0].hash, revisions->ends[1].hash))
        fprintf(stderr, "note: both revisions are %s: this is a placebo, any difference is an error\n",
                revisions->ends[0].name);
    return 0;
}

static int add_commands(struct duel_commands *duel, const char *text, const struct revision_place *places) {
    int status = 0;
    for (size_t i = 0; i < 2 && status == 0; i++) {
        char label[RESULT_NAME], *command = revisions_command(text, places[i].tree.path);
        choose_label(places, i, label, sizeof label);
        status = command ? duel_commands_add(duel, i < duel->names.count ? NULL : label, command,
                                             places[i].tree.path)
                         : (int)fail(EXIT_NOTHING, "out of memory");
        free(command);
    }
    return status ? EXIT_USAGE : 0;
}

/* Next option of one way, whose rows and those of revisions are all there are. */
static int next_option_of(int argc, char **argv, const struct option_row *way, struct given_option *given) {
    static struct option_row table[DUEL_ROWS];
    static const struct option_row end[] = {OPTIONS_END};
    struct verb_options options = *duel_options();
    table[0] = (struct option_row){0};
    add_option_rows(table, duel_git_rows);
    add_option_rows(table, way);
    add_option_rows(table, end);
    options.rows = table;
    return next_option(argc, argv, &options, given);
}

static int read_options(int argc, char **argv, struct revision_options *options, struct duel_commands *duel) {
    int status = 0;
    struct given_option given;
    for (int option; status == 0 && (option = next_option_of(argc, argv, duel_command_rows, &given)) != -1;)
        status = option == '?'                 ? EXIT_USAGE
                 : option == REVISION_LIBRARY  ? fail(EXIT_USAGE, "duel: --library needs --call")
                 : option >= DUEL_OPTION_FIRST ? duel_commands_option(duel, &given)
                                               : revision_option(options, &given);
    if (status == 0 && argc - optind != 1)
        status = fail(EXIT_USAGE,
                      "duel --git: expected one command, run in the worktrees of both revisions, got %d",
                      argc - optind);
    return status;
}

static int compare_commands(int argc, char **argv) {
    struct revision_options options = {0};
    struct revisions revisions = {0};
    struct revision_place places[2];
    struct duel_commands duel;
    char title[sizeof duel.commands[0].label * 4];
    duel_commands_start(&duel);
    int status = read_options(argc, argv, &options, &duel) ? EXIT_USAGE : 0;
    const char *text = argv[optind];
    if (status == 0)
        status = revisions_open(&revisions, &options, duel.scratch, duel.quiet);
    if (status == 0)
        status = build_both(&revisions, places, duel.quiet);
    if (status == 0)
        status = add_commands(&duel, text, places);
    if (status == 0) {
        snprintf(title, sizeof title, "%s, revision %s against %s", text, places[1].revision.name,
                 places[0].revision.name);
        duel.options.case_title = title;
        status = duel_commands_report(&duel, argc, argv);
    }
    revisions_close(&revisions);
    duel_commands_clear(&duel);
    return status;
}

/* What is left of the command line for the way that compares functions. */
struct functions_line {
    struct words rest;
    const char *library, *scratch;
    bool quiet;
};

/* Own options are read, the others are left in line->rest. 0 or -1 after printing. */
static int split_options(int argc, char **argv, struct revision_options *options,
                         struct functions_line *line) {
    struct given_option given;
    int status = 0;
    for (int option;
         status == 0 && (option = next_option_of(argc, argv, duel_source_rows(), &given)) != -1;) {
        if (option == '?')
            return -1;
        if (option == REVISION_LIBRARY)
            line->library = given.text;
        else if (option >= REVISION_GIT && option < REVISION_LIBRARY)
            status = revision_option(options, &given);
        else
            status = words_addf(&line->rest, "--%s%s%s", given.row->name, given.text ? "=" : "",
                                given.text ? given.text : "");
        if (!strcmp(given.row->name, "scratch"))
            line->scratch = given.text;
        line->quiet |= !strcmp(given.row->name, "quiet");
    }
    for (int i = optind; status == 0 && i < argc; i++)
        status = words_add(&line->rest, argv[i]);
    return status ? fail(-1, "out of memory") : 0;
}

/* The library under the revision's name, by which it is known in the table; beside the library itself, where
 * what it loads in turn is looked for. 0 or -errno. */
static int name_library(const struct revision_place *places, size_t i, const char *library,
                        struct words *line) {
    char label[RESULT_NAME];
    const char *slash = strrchr(library, '/'), *file = slash ? slash + 1 : library;
    int folder = (int)(file - library);
    choose_label(places, i, label, sizeof label);
    int status = words_addf(line, "%s/%.*s%s.so", places[i].tree.path, folder, library, label);
    if (status)
        return status;
    const char *link = line->items[line->count - 1];
    return symlink(file, link) != 0 && errno != EEXIST ? -errno : 0;
}

int duel_libraries(const struct revision_place *places, const char *library, const struct words *rest,
                   char *command) {
    struct words line = {0};
    int status = words_add(&line, "duel");
    for (size_t i = 0; i < 2 && status == 0; i++) {
        char path[2 * PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", places[i].tree.path, library);
        if (access(path, R_OK) != 0) {
            words_clear(&line);
            free(command);
            return fail(EXIT_USAGE, "--library: the build of %s left no %s: %s", places[i].revision.name,
                        library, strerror(errno));
        }
        status = name_library(places, i, library, &line);
    }
    if (status == 0)
        status = words_add_all(&line, rest);
    if (status) {
        free(command);
        status = fail(EXIT_NOTHING, "--library: %s", strerror(-status));
    } else {
        optind = 0; /* another command line */
        status = duel_sources_for((int)line.count, line.items, command);
    }
    words_clear(&line);
    return status;
}

static int compare_functions(int argc, char **argv) {
    struct revision_options options = {0};
    struct revisions revisions = {0};
    struct revision_place places[2];
    struct functions_line line = {.library = NULL};
    char *command = quote_command(argc, argv);
    int status = split_options(argc, argv, &options, &line) ? EXIT_USAGE : 0;
    if (status == 0 && (!line.library || *line.library == '/'))
        status = fail(EXIT_USAGE,
                      "duel --git: expected --library PATH, of the shared library that --build leaves, "
                      "relative to the worktree");
    if (status == 0)
        status = revisions_open(&revisions, &options, line.scratch, line.quiet);
    if (status == 0)
        status = build_both(&revisions, places, line.quiet);
    if (status == 0) {
        status = duel_libraries(places, line.library, &line.rest, command);
        command = NULL;
    }
    revisions_close(&revisions);
    words_clear(&line.rest);
    free(command);
    return status;
}

int duel_git(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--call") || !strncmp(argv[i], "--call=", 7))
            return compare_functions(argc, argv);
    return compare_commands(argc, argv);
}
