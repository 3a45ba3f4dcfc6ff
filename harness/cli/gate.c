/* countersign gate: did a change make it slower? Old and new revision are built and measured now, in pairs. */
#include "cli/gate.h"

#include "base/numbers.h"
#include "cli/duel.h"
#include "cli/run_start.h"
#include "report/gate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 3
#define BUDGET_S 5
#define MAX_SLOWDOWN 0.02

static const char usage[] =
    "usage: countersign gate --base REV|FILE [--build COMMAND] [option…] [--] 'COMMAND'|FOLDER …\n"
    "       countersign gate --base REV --build COMMAND --library PATH --call 'PROTOTYPE' [option…]\n\n"
    "Did a change make it slower? Builds the old revision and the new one, each in a worktree, and runs both here and now, "
    "in\n"
    "the same rounds; stored times are no basis. What is the same program in both is not measured. It fails only where two "
    "tries\n"
    "of their own refute a requirement, by whole intervals, and says which slowdown it would have found. Of a FOLDER of a "
    "kernel\n"
    "or a case each variant is compared with the same of the old revision. With --call the options\n"
    "of `countersign duel --call` hold. docs/GATE.md has a workflow that is ready.\n\n";

static const char ending[] =
    "exit status: 0 nothing is refuted; 1 a requirement is refuted, or open and --inconclusive is fail; 2 wrong usage\n"
    "or input, or a revision does not build; 4 nothing could be measured; 128 + n ended by signal n\n";

enum {
    GATE_BASE = 3072, /* beside the options of every way to measure */
    GATE_HEAD,
    GATE_EXPECT,
    GATE_SLOWDOWN,
    GATE_INCONCLUSIVE,
    GATE_TRIES,
    GATE_MEASURE_EQUAL,
    GATE_JUNIT,
    GATE_FORMAT
};

static struct option_row own_rows[] = {
    {.help = "what is required"},
    {"base", "REV|FILE", GATE_BASE,
     "the old revision; or a result file of an earlier gate, whose times nominate suspects that are then measured against "
     "its newer revision",
     ANY_TEXT},
    {"head", "REV", GATE_HEAD, "the new revision (default: HEAD)", ANY_TEXT},
    {"max-slowdown", "PERCENT", GATE_SLOWDOWN, "most time more that is allowed (default 2%)", ANY_TEXT},
    {"expect", "FILE", GATE_EXPECT, "further requirements, see docs/GATE.md", .kind = VALUE_FILE},
    {"inconclusive", "POLICY", GATE_INCONCLUSIVE,
     "what a requirement does that stays open: pass, fail, or retry (default), which measures again, longer, and then "
     "passes",
     ONE_OF("pass", "fail", "retry")},
    {"tries", "N", GATE_TRIES,
     "measurements of a subject, each with three times the budget of the last (default 3)", WHOLE_FROM(2, 6)},
    {"measure-equal", NULL, GATE_MEASURE_EQUAL, "measure what is the same program, too", FLAG},
    {"junit", "FILE", GATE_JUNIT, "write the outcome as JUnit XML", .kind = VALUE_FILE},
    {.help = "what is built"},
    {.name = "build"},
    {.name = "build-limit"},
    {.name = "repository"},
    {.name = "library"},
    {.name = NULL}};

static struct option_row command_rows[] = {
    {.help = "measuring, as duel does it"},
    {.name = "budget", .help = "seconds of timing a comparison at the first try (default 5)"},
    {.name = "warmup"},
    {.name = "delta"},
    {.name = "replicates"},
    {.name = "seed"},
    {.name = "cpus"},
    {.name = "no-counters"},
    {.name = "shell", .help = "what runs the commands, with -c (default /bin/sh); none: no shell"},
    {.name = "input"},
    {.name = "setup", .help = "once before the rounds of a command, untimed"},
    {.name = "prepare", .help = "before each execution, untimed"},
    {.name = "conclude"},
    {.name = "cleanup", .help = "once after the rounds of a command"},
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
    {"format", "FORMAT", GATE_FORMAT, "table (default) or markdown", ONE_OF("table", "markdown")},
    {.name = "quiet"},
    {.name = NULL}};

/* The gate's own rows, and those of what is measured. */
static const struct verb_options *options_with(const struct option_row *measured, struct option_row *table) {
    static const struct option_row end[] = {OPTIONS_END};
    static struct verb_options options = {.usage = usage, .ending = ending, .operands = VALUE_COMMAND};
    options_inherit(own_rows, duel_git_rows);
    table[0] = (struct option_row){0};
    add_option_rows(table, own_rows);
    add_option_rows(table, measured);
    add_option_rows(table, end);
    options.rows = table;
    return &options;
}

const struct verb_options *gate_options(void) {
    static struct option_row table[DUEL_ROWS];
    options_inherit(command_rows, duel_command_rows);
    return options_with(command_rows, table);
}

static const struct verb_options *call_options(void) {
    static struct option_row table[DUEL_ROWS];
    return options_with(duel_source_rows(), table);
}

/* What the command line says beside the gate itself. */
struct arguments {
    const char *base, *head, *junit;
    bool markdown, bad;
};

static int read_percent(const char *text, double *share) {
    size_t length = strlen(text);
    length -= length && text[length - 1] == '%';
    if (!number_read(text, length, share) || *share < 0 || *share > 1000)
        return fail(-1, "--max-slowdown: expected a percentage such as 2%%, got '%s'", text);
    *share /= 100;
    return 0;
}

static int read_expectations(const char *path, struct gate_file *file) {
    struct problem problem;
    return gate_file_load(file, path, &problem) ? fail(-1, "%s", problem.text) : 0;
}

/* 1: it is none of the gate's own. */
static int set_own(struct gate_run *gate, struct arguments *arguments, const struct given_option *given) {
    switch (given->row->value) {
    case GATE_BASE:
        arguments->base = given->text;
        return 0;
    case GATE_HEAD:
        arguments->head = given->text;
        return 0;
    case GATE_EXPECT:
        return read_expectations(given->text, &gate->file);
    case GATE_SLOWDOWN:
        return read_percent(given->text, &gate->max_slowdown);
    case GATE_INCONCLUSIVE:
        gate->gate.policy = (enum gate_policy)given->choice;
        return 0;
    case GATE_TRIES:
        gate->tries = (unsigned)given->whole;
        return 0;
    case GATE_MEASURE_EQUAL:
        gate->measure_equal = true;
        return 0;
    case GATE_JUNIT:
        arguments->junit = given->text;
        return 0;
    case GATE_FORMAT:
        arguments->markdown = given->choice == 1;
        return 0;
    case REVISION_LIBRARY:
        gate->library = given->text;
        return 0;
    default:
        return 1;
    }
}

/* An option of `duel --call`: some the gate sets itself, the others are handed on. */
static int set_call_option(struct gate_run *gate, struct arguments *arguments,
                           const struct given_option *given) {
    const char *name = given->row->name;
    if (!strcmp(name, "call"))
        gate->call = given->text;
    else if (!strcmp(name, "budget"))
        return parse_number_option("--budget", given->text, 0.01, 86400, &gate->budget_s);
    else if (!strcmp(name, "output"))
        gate->duel.output = given->text;
    else if (!strcmp(name, "format"))
        arguments->markdown = !strcmp(given->text, "markdown");
    else {
        if (!strcmp(name, "scratch"))
            gate->duel.scratch = given->text;
        gate->duel.quiet |= !strcmp(name, "quiet");
        return words_addf(&gate->rest, "--%s%s%s", name, given->text ? "=" : "",
                          given->text ? given->text : "")
                   ? fail(-1, "out of memory")
                   : 0;
    }
    return 0;
}

static bool has_call(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--call") || !strncmp(argv[i], "--call=", 7))
            return true;
    return false;
}

/* 0, or -1 after a message. */
static int read_arguments(int argc, char **argv, struct gate_run *gate, struct arguments *arguments) {
    bool call = has_call(argc, argv);
    const struct verb_options *options = call ? call_options() : gate_options();
    struct given_option given;
    int status = 0;
    for (int option; status == 0 && (option = next_option(argc, argv, options, &given)) != -1;) {
        status = option == '?' ? -1 : set_own(gate, arguments, &given);
        gate->replicates = option == DUEL_REPLICATES ? (unsigned)given.whole : gate->replicates;
        if (status == 1 && option >= REVISION_GIT && option < REVISION_LIBRARY)
            status = revision_option(&gate->options, &given);
        else if (status == 1)
            status =
                call ? set_call_option(gate, arguments, &given) : duel_commands_option(&gate->duel, &given);
    }
    if (status)
        return -1;
    if (!arguments->base)
        return fail(-1, "gate: expected --base REV, or a result file; see `countersign gate --help`");
    gate->subjects = argv + optind;
    gate->subject_count = call ? 1 : (size_t)(argc - optind);
    if (call && (argc != optind || !gate->library || *gate->library == '/'))
        return fail(
            -1,
            "gate --call: expected --library PATH, which --build leaves, relative to the worktree, and no command");
    if (gate->subject_count == 0)
        return fail(
            -1,
            "gate: expected a command, run in the worktrees of both revisions, or a folder of a kernel or a case");
    for (size_t i = 0; i < gate->file.count; i++) {
        const char *of = gate->file.expectations[i].of;
        bool known = !*of || (call && !strcmp(of, gate->call));
        for (int k = optind; k < argc && !known; k++)
            known = !strcmp(of, argv[k]);
        if (!known)
            return fail(-1, "--expect, line %d: '%s' is not among what this gate is given",
                        gate->file.expectations[i].line, of);
    }
    return 0;
}

/* The base is a file of an earlier gate: its newer revision is the old one now. */
static int read_base(struct gate_run *gate, const struct arguments *arguments, char *range, size_t size) {
    struct stat facts;
    struct problem problem;
    const char *base = arguments->base;
    if (stat(base, &facts) == 0 && S_ISREG(facts.st_mode)) {
        if (run_load(&gate->stored, base, &problem))
            return fail(EXIT_USAGE, "--base: %s", problem.text);
        if (gate->call || gate->stored.comparison_count == 0 ||
            strcmp(gate->stored.comparisons[0].case_name, "gate"))
            return fail(
                EXIT_USAGE,
                "--base: %s is no result of `countersign gate` over commands; expected one, or a revision",
                base);
        base = gate->stored.comparisons[0].candidate;
    }
    if ((size_t)snprintf(range, size, "%s..%s", base, arguments->head ? arguments->head : "HEAD") >= size)
        return fail(EXIT_USAGE, "--base: the name is too long");
    gate->options.range = range;
    return 0;
}

static int write_file(const struct gate *gate, const char *path, const char *mode,
                      int (*write)(const struct gate *gate, FILE *stream)) {
    FILE *stream = fopen(path, mode);
    int error = stream ? write(gate, stream) : -errno;
    if (stream && fclose(stream) && !error)
        error = -errno;
    return error ? (int)fail(EXIT_USAGE, "%s: cannot write it: %s", path, strerror(-error)) : 0;
}

static int print_outcome(const struct gate *gate, const struct arguments *arguments) {
    struct report_style style = report_style_for(stdout);
    const char *summary = getenv("GITHUB_STEP_SUMMARY"), *actions = getenv("GITHUB_ACTIONS");
    int error = arguments->markdown ? report_gate_markdown(gate, stdout) : report_gate(gate, &style, stdout);
    if (error == 0 && actions && !strcmp(actions, "true"))
        error = report_gate_annotations(gate, stdout);
    int status = finish_output(error, gate_fails(gate) ? EXIT_NOT_MET : EXIT_DONE);
    int written = arguments->junit ? write_file(gate, arguments->junit, "w", report_gate_junit) : 0;
    if (written == 0 && summary && *summary)
        written = write_file(gate, summary, "a", report_gate_markdown);
    return written && status != EXIT_NOT_MET ? written : status;
}

static int run_gate(struct gate_run *gate, const struct arguments *arguments) {
    char range[512];
    int status = read_base(gate, arguments, range, sizeof range);
    if (status == 0)
        status = revisions_open(&gate->revisions, &gate->options, gate->duel.scratch, gate->duel.quiet);
    if (status == 0) {
        snprintf(gate->gate.base, sizeof gate->gate.base, "%s", gate->revisions.ends[0].name);
        snprintf(gate->gate.head, sizeof gate->gate.head, "%s", gate->revisions.ends[1].name);
        status = gate_measure(gate);
    }
    revisions_close(&gate->revisions);
    return status ? status : print_outcome(&gate->gate, arguments);
}

int verb_gate(int argc, char **argv) {
    struct arguments arguments = {0};
    struct gate_run *gate = calloc(1, sizeof *gate);
    if (!gate)
        return fail(EXIT_NOTHING, "out of memory");
    gate->command = quote_command(argc, argv);
    gate->gate.policy = GATE_RETRY;
    gate->tries = TRIES;
    gate->max_slowdown = MAX_SLOWDOWN;
    duel_commands_start(&gate->duel);
    gate->duel.options.settings.budget_s = BUDGET_S;
    int status = read_arguments(argc, argv, gate, &arguments) ? EXIT_USAGE : 0;
    if (!has_call(argc, argv))
        gate->budget_s = gate->duel.options.settings.budget_s;
    else if (gate->budget_s == 0)
        gate->budget_s = BUDGET_S;
    if (status == 0)
        status = gate->command ? run_gate(gate, &arguments) : fail(EXIT_NOTHING, "out of memory");
    gate_clear(&gate->gate);
    run_clear(&gate->stored);
    words_clear(&gate->rest);
    duel_commands_clear(&gate->duel);
    free(gate->command);
    free(gate);
    return status;
}
