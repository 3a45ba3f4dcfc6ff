#include "cli/cli.h"

#include "store/suggest.h"

#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

const struct verb verbs[] = {
    {"doctor", verb_doctor, "what this machine has, what it lacks, why, and what would help", doctor_options,
     true},
    {"list", verb_list, "kernels, cases and events", list_options, true},
    {"explain", verb_explain, "the lesson of a case, with the newest table of this machine", explain_options,
     false},
    {"run", verb_run, "measures cases, prints what came out, writes a result file", run_options, true},
    {"duel", verb_duel, "two commands, files or revisions of your own, as one comparison", duel_options,
     true},
    {"bisect", verb_bisect, "finds the commit that made a command slower", bisect_options, true},
    {"gate", verb_gate, "fails where a change made commands or a function slower, measured now", gate_options,
     true},
    {"new", verb_new, "a kernel or a setup of your own, from a template, a case or two sources", new_options,
     false},
    {"profile", verb_profile, "where the time of variants, or of a command, goes, and what bounds it",
     profile_options, true},
    {"load", verb_load, "latency of variants under requests that arrive by a schedule", load_options, true},
    {"calibrate", verb_calibrate, "counts false claims here, and the smallest difference seen",
     calibrate_options, true},
    {"show", verb_show, "prints what came out again, from a result file", show_options, false},
    {"report", verb_report, "makes a page of HTML, or a text for a pull request, of result files",
     report_options, false},
    {"verify", verb_verify, "concludes a result file again from its samples", verify_options, false},
    {"compare", verb_compare, "what changed between two result files", compare_options, false},
    {"history", verb_history, "runs over time, and where something changed", history_options, false},
    {"completion", verb_completion, "what completes command lines in bash, zsh or fish", completion_options,
     false},
    {.name = NULL},
};
#define MOST_VERBS 32

volatile sig_atomic_t caught_signal;

static void note_signal(int number) {
    caught_signal = number;
}

void catch_signals(void) {
    /* The kernel says so a while before it kills what used up its CPU time (ulimit -t). */
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    struct sigaction action = {.sa_handler = note_signal}, inherited;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

/* A process may be started without standard streams; files opened later must not take their numbers. Opened
 * the wrong way round, so that using them fails as it would have. */
static int open_standard_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    return 0;
}

static int print_usage(FILE *stream) {
    char text[4096];
    int length = snprintf(text, sizeof text, "%s",
                          "countersign measures whether an optimization wins on this machine, and why.\n\n"
                          "usage: countersign VERB [option…]\n\n");
    for (size_t i = 0; verbs[i].name; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "  %-10s %s\n", verbs[i].name,
                           verbs[i].summary);
    snprintf(
        text + length, sizeof text - (size_t)length, "%s",
        "\n`countersign help VERB` or `countersign VERB --help` explains a verb. First steps:\n"
        "  countersign doctor        what can be measured here\n"
        "  countersign run           a few points of all cases, some minutes\n\n"
        "exit status: 0 done, every comparison valid; 1 a required verdict was not met; 2 wrong usage or\n"
        "input, or a file that cannot be read or written; 3 a comparison was invalid; 4 nothing could be\n"
        "measured, or a run could not go on; 128 + n ended by signal n, what was complete is kept\n");
    return print_help(text, stream);
}

static const struct verb *find_verb(const char *name) {
    for (size_t i = 0; verbs[i].name; i++)
        if (!strcmp(name, verbs[i].name))
            return &verbs[i];
    return NULL;
}

static int unknown_verb(const char *name) {
    const char *names[MOST_VERBS] = {NULL}, *const options[] = {"--help", "--version", "-h", "-V", NULL};
    char hint[256];
    for (size_t i = 0; verbs[i].name && i < MOST_VERBS - 1; i++)
        names[i] = verbs[i].name;
    struct name_list list = name_list_of(*name == '-' ? options : names);
    return fail(EXIT_USAGE, "no %s '%s'%s", *name == '-' ? "option" : "verb", name,
                suggest_names(name, &list, hint, sizeof hint));
}

/* `help`, `help VERB`. */
static int explain(int argc, char **argv) {
    const struct verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;
    if (argc > 2)
        return fail(EXIT_USAGE, "help: one verb at a time, got '%s' too", argv[2]);
    if (argc > 1 && strcmp(argv[1], "help") && *argv[1] != '-')
        return verb ? print_verb_help(verb->options()) : unknown_verb(argv[1]);
    return finish_output(print_usage(stdout), EXIT_DONE);
}

int main(int argc, char **argv) {
    if (open_standard_streams())
        return EXIT_USAGE;
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves, as `head` does, must not cost a result */
    signal(SIGXFSZ, SIG_IGN); /* a full file is an error to report, not a death */
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return finish_output(print_usage(stdout), EXIT_DONE);
    if (!strcmp(argv[1], "help"))
        return explain(argc - 1, argv + 1);
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
        return print_version();
    const struct verb *verb = find_verb(argv[1]);
    if (!verb)
        return unknown_verb(argv[1]);
    int status = verb->measures ? require_limits() : EXIT_DONE;
    return status ? status : verb->main(argc - 1, argv + 1);
}
