/* countersign bisect: which commit made a command slower, or faster, told apart from noise. */
#include "cli/bisect.h"

#include "cli/duel.h"
#include "cli/run_output.h"
#include "cli/run_start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3

static const char usage[] =
    "usage: countersign bisect --git GOOD..BAD [--build COMMAND] [option…] [--] 'COMMAND'\n\n"
    "Finds the first commit after GOOD, along first parents up to BAD, that made COMMAND slower by more\n"
    "than delta. Each step runs the commit and both ends of what is left in the same rounds; it is decided\n"
    "only where the whole interval lies on one side of the midpoint between the ends, else it is measured\n"
    "again, longer. Commits that do not build or run are skipped. In the end the commit is compared with "
    "its\n"
    "parent, both built from scratch. docs/DUEL.md says more.\n\n";

static const char ending[] =
    "exit status: 0 found and confirmed; 1 nothing to find, or not decided; 2 wrong usage or input, or an\n"
    "end does not build; 3 an end cannot be run; 4 nothing could be measured; 128 + n ended by signal n\n";

enum { BISECT_FASTER = OPTION_FIRST, BISECT_TRIES };

/* Of duel's options, those that make sense where a commit is one point that is named by its hash. */
static struct option_row rows[] = {
    {.help = "history"},
    {"git", "GOOD..BAD", REVISION_GIT, "the range; a side left out is HEAD", ANY_TEXT},
    {"faster", NULL, BISECT_FASTER, "find what made it faster instead", FLAG},
    {"build", "COMMAND", REVISION_BUILD,
     "shell command that builds a commit, run in its worktree (default: none)", .kind = VALUE_COMMAND},
    {.name = "build-limit"},
    {.name = "repository"},
    {"tries", "N", BISECT_TRIES,
     "measurements of a commit that stays undecided, each with four times the budget of the last (default 3)",
     WHOLE_FROM(1, 6)},
    {.help = "measuring, as duel does it"},
    {.name = "budget", .help = "seconds of timing a comparison at the first try (default 10)"},
    {.name = "rounds",
     .help = "rounds of a first try, whatever they take (default: as the budget holds, at least 8)"},
    {.name = "warmup"},
    {.name = "delta"},
    {.name = "target", .help = "speedup aimed at, for the table (default 1.25)"},
    {.name = "replicates"},
    {.name = "seed"},
    {.name = "cpus"},
    {.name = "no-counters"},
    {.name = "shell", .help = "what runs the command, with -c (default /bin/sh); none: no shell"},
    {.name = "input", .help = "its standard input (default: empty)"},
    {.name = "setup", .help = "once before the rounds of a step, untimed"},
    {.name = "prepare", .help = "before each execution, untimed"},
    {.name = "conclude"},
    {.name = "cleanup", .help = "once after the rounds of a step"},
    {.name = "ignore-output"},
    {.name = "discard-output"},
    {.name = "compare-stderr"},
    {.name = "ignore-failure"},
    {.help = "limits"},
    {.name = "time-limit"},
    {.name = "memory-limit"},
    {.name = "file-limit"},
    {.name = "scratch", .help = "where worktrees are made (default $TMPDIR or /var/tmp)"},
    {.help = "output"},
    {.name = "output"},
    {.name = "format", .help = "of the table: table (default), markdown, csv or json"},
    {.name = "quiet"},
    OPTIONS_END};

const struct verb_options *bisect_options(void) {
    static const struct verb_options options = {
        .usage = usage, .rows = rows, .ending = ending, .operands = VALUE_COMMAND};
    options_inherit(rows, duel_command_rows);
    options_inherit(rows, duel_git_rows);
    return &options;
}

static int set_option(struct bisect *bisect, struct revision_options *options,
                      const struct given_option *given) {
    switch (given->row->value) {
    case BISECT_FASTER:
        bisect->faster = true;
        return 0;
    case BISECT_TRIES:
        bisect->tries = (unsigned)given->whole;
        return 0;
    default:
        return given->row->value >= DUEL_OPTION_FIRST ? duel_commands_option(&bisect->duel, given)
                                                      : revision_option(options, given);
    }
}

/* 0, or -1 after a message. */
static int read_arguments(int argc, char **argv, struct bisect *bisect, struct revision_options *options) {
    struct given_option given;
    for (int option; (option = next_option(argc, argv, bisect_options(), &given)) != -1;)
        if (option == '?' || set_option(bisect, options, &given))
            return -1;
    if (!options->range)
        return fail(-1, "bisect: expected --git GOOD..BAD; see `countersign bisect --help`");
    if (argc - optind != 1)
        return fail(-1, "bisect: expected one command, run in the worktree of each commit, got %d",
                    argc - optind);
    bisect->text = argv[optind];
    return 0;
}

static int open_history(struct bisect *bisect) {
    const struct revision *ends = bisect->revisions.ends;
    struct problem problem;
    if (revision_path(&bisect->revisions.repository, &ends[0], &ends[1], &bisect->path, &problem))
        return caught_signal ? fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was measured")
                             : fail(EXIT_USAGE, "%s", problem.text);
    if (bisect->path.count == 0)
        return fail(EXIT_USAGE, "--git: both ends are %s: there is nothing between them", ends[0].name);
    if (bisect->story) {
        char line[1024];
        snprintf(line, sizeof line, "history  %zu commit%s after %s (%s), up to %s (%s)\n",
                 bisect->path.count, bisect->path.count == 1 ? "" : "s", ends[0].name, ends[0].subject,
                 ends[1].name, ends[1].subject);
        print_text(line, bisect->story);
    }
    return 0;
}

static void print_commit(const struct revision *commit, FILE *stream) {
    char text[1024];
    snprintf(text, sizeof text, "commit   %s\nauthor   %s\ndate     %s\nsubject  %s\n", commit->hash,
             commit->author, commit->date, commit->subject);
    print_text(text, stream);
}

/* The commits that it may be, where those between were skipped or not decided. */
static void print_range(const struct bisect *bisect, FILE *stream) {
    for (size_t i = bisect->search.good + 1; i <= bisect->search.bad; i++) {
        struct revision commit;
        char text[512];
        if (revision_find(&bisect->revisions.repository, bisect->path.items[i - 1], &commit, NULL) == 0) {
            snprintf(text, sizeof text, "  %s  %s%s\n", commit.name, commit.subject,
                     bisect->search.skipped[i] ? "  (skipped)" : "");
            print_text(text, stream);
        }
    }
}

static int say_outcome(const struct bisect *bisect, enum bisect_outcome outcome, FILE *stream) {
    const char *better = bisect->faster ? "faster" : "slower";
    const struct revision *commit = &bisect->places[PLACE_BAD].revision;
    char change[96];
    bisect_percent(bisect->change, change, sizeof change);
    switch (outcome) {
    case BISECT_FOUND:
        fprintf(stream, "\nThe first commit that is %s: %s time against its parent\n", better, change);
        print_commit(commit, stream);
        return EXIT_DONE;
    case BISECT_SKIPPED:
        fprintf(stream, "\nIt became %s, %s time, with one of these commits:\n", better, change);
        print_range(bisect, stream);
        return EXIT_DONE;
    case BISECT_SAME:
        fprintf(stream, "\nThere is nothing to find: the ends take equally long, within delta: %s time\n",
                change);
        return EXIT_NOT_MET;
    case BISECT_OPPOSITE:
        fprintf(stream, "\nThere is nothing to find: %s is %s, %s time; %s\n", commit->name,
                bisect->faster ? "slower" : "faster", change,
                bisect->faster ? "without --faster, what made it slower is looked for"
                               : "--faster looks for what made it so");
        return EXIT_NOT_MET;
    case BISECT_UNDECIDED:
        fprintf(stream,
                "\nNot decided: the difference is too small for this machine's noise; a larger --budget or\n"
                "--tries helps. What is left:\n");
        print_range(bisect, stream);
        return EXIT_NOT_MET;
    case BISECT_NOT_BORNE_OUT:
        fprintf(stream,
                "\nThe search led to %s, but built from scratch it takes %s time against its parent: builds "
                "that\n"
                "went on from one another may have kept what they should not (let --build clean up first), "
                "or it\n"
                "became %s little by little, by less than delta at a time\n",
                commit->name, change, better);
        return EXIT_NOT_MET;
    }
    return EXIT_NOTHING;
}

/* Table and result file of what was measured, then what it means. `status` is what ended the search, 0 if
 * nothing. */
static int conclude(const struct bisect *bisect, int status, enum bisect_outcome outcome, const char *path) {
    enum table_format format = bisect->duel.format;
    if (bisect->run->comparison_count == 0 && !caught_signal)
        return status;
    if (caught_signal && bisect->search.bad > 0 && bisect->story)
        fprintf(bisect->story, "left     %zu commits\n", bisect->search.bad - bisect->search.good);
    int concluded = conclude_run(bisect->run, &(struct table_request){.format = format}, path, NULL);
    if (concluded != EXIT_DONE && concluded != EXIT_INVALID)
        return concluded;
    if (status)
        return status;
    FILE *stream = format == FORMAT_TABLE ? stdout : stderr;
    status = say_outcome(bisect, outcome, stream);
    return finish_output(fflush(stream) ? -errno : 0, status);
}

static int bisect_history(struct bisect *bisect, const struct revision_options *options) {
    struct paths paths;
    struct problem problem;
    enum bisect_outcome outcome = BISECT_UNDECIDED;
    char path[8192];
    if (paths_find(&paths, &problem) ||
        choose_output(bisect->duel.output, &paths, bisect->run->id, path, sizeof path, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    int status = revisions_open(&bisect->revisions, options, bisect->duel.scratch, bisect->duel.quiet);
    if (status == 0)
        status = open_history(bisect);
    if (status == 0) {
        status = bisect_search(bisect, &outcome);
        status = conclude(bisect, status, outcome, path);
    }
    revisions_close(&bisect->revisions);
    return status;
}

static void bisect_close(struct bisect *bisect) {
    duel_commands_clear(&bisect->duel);
    words_clear(&bisect->path);
    bisection_clear(&bisect->search);
    if (bisect->run)
        run_clear(bisect->run);
    free(bisect->run);
    free(bisect);
}

int verb_bisect(int argc, char **argv) {
    struct revision_options options = {0};
    struct bisect *bisect = calloc(1, sizeof *bisect);
    if (!bisect)
        return fail(EXIT_NOTHING, "out of memory");
    char *command = quote_command(argc, argv);
    bisect->tries = TRIES;
    duel_commands_start(&bisect->duel);
    bisect->run = calloc(1, sizeof *bisect->run);
    int status = read_arguments(argc, argv, bisect, &options);
    if (status)
        status = EXIT_USAGE;
    else if (!bisect->run || !command)
        status = fail(EXIT_NOTHING, "out of memory");
    else {
        if (!bisect->duel.quiet)
            bisect->story = bisect->duel.format == FORMAT_TABLE ? stdout : stderr;
        start_run(bisect->run, &bisect->duel.options.settings, command);
        take_commit(bisect->run);
        command = NULL;
        status = bisect_history(bisect, &options);
    }
    free(command);
    bisect_close(bisect);
    return status;
}
