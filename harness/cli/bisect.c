/* countersign bisect: which commit made a command slower, or faster, told apart from noise. */
#include "cli/bisect.h"

#include "cli/run_output.h"
#include "cli/run_start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3

static const char help[] =
    "usage: countersign bisect --git GOOD..BAD [--build COMMAND] [option…] [--] 'COMMAND'\n\n"
    "Finds the first commit after GOOD, along first parents up to BAD, that made COMMAND slower by more\n"
    "than delta. Each step runs the commit and both ends of what is left in the same rounds; it is decided\n"
    "only where the whole interval lies on one side of the midpoint between the ends, else it is measured\n"
    "again, longer. Commits that do not build or run are skipped. In the end the commit is compared with "
    "its\n"
    "parent, both built from scratch. docs/DUEL.md says more.\n\n"
    "history\n"
    "  --git GOOD..BAD     the range; a side left out is HEAD\n"
    "  --faster            find what made it faster instead\n"
    "  --build COMMAND     shell command that builds a commit, run in its worktree (default: none)\n"
    "  --build-limit S     longest a build may take (default 3600)\n"
    "  --repository FOLDER of the repository (default: the current folder)\n"
    "  --tries N           measurements of a commit that stays undecided, each with four times the budget\n"
    "                      of the last (default 3)\n"
    "measuring, as duel does it\n"
    "  --budget S          seconds of timing a comparison at the first try (default 10)\n"
    "  --rounds N          rounds of a first try, whatever they take (default: as the budget holds, at least "
    "8)\n"
    "  --warmup N          untimed rounds first (default 1, or 2 where they are short)\n"
    "  --delta PERCENT     smallest difference worth a word (default 1)\n"
    "  --target FACTOR     speedup aimed at, for the table (default 1.25)\n"
    "  --replicates N      parts of the rounds, each with an environment of another size (default 8)\n"
    "  --seed N            of the order (default: random, recorded)\n"
    "  --cpus LIST         processing units, e.g. 2,3 or 4-7 (default: all that are allowed)\n"
    "  --no-counters       time alone\n"
    "  --shell PATH        what runs the command, with -c (default /bin/sh); none: no shell\n"
    "  --input FILE        its standard input (default: empty)\n"
    "  --setup COMMAND     once before the rounds of a step, untimed\n"
    "  --prepare COMMAND   before each execution, untimed\n"
    "  --conclude COMMAND  after each execution, likewise\n"
    "  --cleanup COMMAND   once after the rounds of a step\n"
    "  --ignore-output     standard output may differ\n"
    "  --discard-output    standard output goes to /dev/null, and is not compared\n"
    "  --compare-stderr    standard error must not differ either\n"
    "  --ignore-failure    exit statuses may be other than 0, but must be the same\n"
    "limits\n"
    "  --time-limit S      longest time of one execution (default 600)\n"
    "  --memory-limit SIZE memory of a command and all that it starts (default: none)\n"
    "  --file-limit SIZE   largest file the command may write, standard output included (default 1G)\n"
    "  --scratch FOLDER    where worktrees are made (default $TMPDIR or /var/tmp)\n"
    "output\n"
    "  --output PATH       result file, or folder for it (default: results/runs, or the user's data folder)\n"
    "  --format FORMAT     of the table: table (default), markdown, csv or json\n"
    "  --quiet             no progress\n"
    "  --help              this text\n\n"
    "exit status: 0 found and confirmed; 1 nothing to find, or not decided; 2 wrong usage or input, or an\n"
    "end does not build; 3 an end cannot be run; 4 nothing could be measured; 128 + n ended by signal n\n";

enum { OPTION_FASTER = 256, OPTION_TRIES, OPTION_HELP };
static const struct option bisect_options[] = {
    REVISION_OPTIONS,
    DUEL_COMMANDS_OPTIONS,
    {"faster", no_argument, NULL, OPTION_FASTER},
    {"tries", required_argument, NULL, OPTION_TRIES},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int set_option(struct bisect *bisect, struct revision_options *options, int option) {
    uint64_t number;
    if (option >= DUEL_OPTION_FIRST)
        return duel_commands_option(&bisect->duel, option);
    switch (option) {
    case OPTION_FASTER:
        bisect->faster = true;
        return 0;
    case OPTION_TRIES:
        if (parse_integer_option("--tries", optarg, 1, 6, &number))
            return -1;
        bisect->tries = (unsigned)number;
        return 0;
    default:
        return revision_option(options, option, optarg);
    }
}

/* Options of commands without those that make no sense here: a commit is one point, named by its hash. */
static void list_options(struct option *options) {
    for (const struct option *from = bisect_options; from->name; from++)
        if (from->val != DUEL_PARAMETER && from->val != DUEL_NAME)
            *options++ = *from;
    *options = (struct option){0};
}

/* 0: go on; 1: help is wanted; -1: an error was printed. */
static int read_arguments(int argc, char **argv, struct bisect *bisect, struct revision_options *options) {
    struct option table[sizeof bisect_options / sizeof *bisect_options];
    list_options(table);
    for (int option; (option = next_option(argc, argv, table)) != -1;) {
        if (option == OPTION_HELP)
            return 1;
        if (set_option(bisect, options, option))
            return -1;
    }
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
    int concluded = conclude_run(bisect->run, format, path, NULL);
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
    if (status > 0)
        status = finish_output(print_help(help, stdout), EXIT_DONE);
    else if (status < 0)
        status = EXIT_USAGE;
    else if (!bisect->run || !command)
        status = fail(EXIT_NOTHING, "out of memory");
    else {
        if (!bisect->duel.quiet)
            bisect->story = bisect->duel.format == FORMAT_TABLE ? stdout : stderr;
        start_run(bisect->run, &bisect->duel.options.settings, command);
        command = NULL;
        status = bisect_history(bisect, &options);
    }
    free(command);
    bisect_close(bisect);
    return status;
}
