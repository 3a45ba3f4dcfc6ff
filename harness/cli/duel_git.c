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

const char duel_git_help[] =
    "revisions\n"
    "  --git REV1..REV2    build two revisions of a git repository, each in a worktree of its own, and "
    "compare\n"
    "                      COMMAND, run in each of them; {} in it is the worktree's path. A side left out is "
    "HEAD.\n"
    "                      With --call, compare a function of the library at --library instead\n"
    "  --build COMMAND     shell command that builds a revision, run in its worktree (default: nothing to "
    "build);\n"
    "                      not `run`'s --build: what calls a library's function is always the native build\n"
    "  --build-limit S     longest a build may take (default 3600)\n"
    "  --repository FOLDER of the repository (default: the current folder)\n"
    "  --library PATH      the library that a build leaves, relative to the worktree\n\n";

static const struct option git_options[] = {
    REVISION_OPTIONS,
    DUEL_COMMANDS_OPTIONS,
    {"help", no_argument, NULL, 0},
    {NULL, 0, NULL, 0},
};

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

static int read_options(int argc, char **argv, struct revision_options *options, struct duel_commands *duel) {
    int status = 0;
    for (int option; status == 0 && (option = next_option(argc, argv, git_options)) != -1;)
        status = option >= DUEL_OPTION_FIRST ? duel_commands_option(duel, option)
                                             : revision_option(options, option, optarg);
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

/* What this way takes out of the command line that source files and libraries are compared with. */
static int own_option(const char *word, struct revision_options *options, const char **library,
                      const char *value) {
    static const struct {
        const char *name;
        int option;
    } own[] = {{"--git", REVISION_GIT},
               {"--build", REVISION_BUILD},
               {"--repository", REVISION_REPOSITORY},
               {"--build-limit", REVISION_BUILD_LIMIT}};
    if (!strcmp(word, "--library")) {
        *library = value;
        return value ? 0 : fail(-1, "duel: --library needs a value; see `countersign duel --help`");
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(word, own[i].name))
            return value ? revision_option(options, own[i].option, value)
                         : fail(-1, "duel: %s needs a value; see `countersign duel --help`", word);
    return 1;
}

/* Splits the command line: own options are read, the others are left in `rest`. 0 or -1 after printing. */
static int split_options(int argc, char **argv, struct revision_options *options, const char **library,
                         const char **scratch, struct words *rest) {
    for (int i = 1; i < argc; i++) {
        char name[64];
        size_t length = strcspn(argv[i], "=");
        bool attached = argv[i][length] == '=';
        snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, argv[i]);
        const char *value = attached ? argv[i] + length + 1 : argv[i + 1];
        if (!strcmp(name, "--scratch"))
            *scratch = value;
        int status = own_option(name, options, library, value);
        if (status < 0)
            return -1;
        if (status > 0 && words_add(rest, argv[i]))
            return fail(-1, "out of memory");
        i += status == 0 && !attached;
    }
    return 0;
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

static int compare_libraries(const struct revision_place *places, const char *library,
                             const struct words *rest, char *command) {
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
    } else
        status = duel_sources_for((int)line.count, line.items, command);
    words_clear(&line);
    return status;
}

static int compare_functions(int argc, char **argv) {
    struct revision_options options = {0};
    struct revisions revisions = {0};
    struct revision_place places[2];
    struct words rest = {0};
    const char *library = NULL, *scratch = NULL;
    int status = split_options(argc, argv, &options, &library, &scratch, &rest) ? EXIT_USAGE : 0;
    if (status == 0 && (!library || *library == '/'))
        status = fail(EXIT_USAGE,
                      "duel --git: expected --library PATH, of the shared library that --build leaves, "
                      "relative to the worktree");
    if (status == 0)
        status = revisions_open(&revisions, &options, scratch, false);
    if (status == 0)
        status = build_both(&revisions, places, false);
    if (status == 0)
        status = compare_libraries(places, library, &rest, quote_command(argc, argv));
    revisions_close(&revisions);
    words_clear(&rest);
    return status;
}

int duel_git(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--call") || !strncmp(argv[i], "--call=", 7))
            return compare_functions(argc, argv);
    return compare_commands(argc, argv);
}
