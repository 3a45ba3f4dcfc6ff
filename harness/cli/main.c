#include "cli/cli.h"

#include "measure/worker.h"
#include "store/suggest.h"

#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

static const struct verb verbs[] = {
    {"doctor", verb_doctor, "what this machine has, what it lacks, why, and what would help", true},
    {"list", verb_list, "kernels, cases and events", true},
    {"run", verb_run, "measures cases, prints the table, writes a result file", true},
    {"duel", verb_duel, "two commands, files or revisions of your own, as one comparison", true},
    {"bisect", verb_bisect, "finds the commit that made a command slower", true},
    {"new", verb_new, "a kernel of your own, from a template", false},
    {"profile", verb_profile, "where the time of variants goes, and what bounds them", true},
    {"calibrate", verb_calibrate, "counts false claims here, and the smallest difference seen", true},
    {"show", verb_show, "prints the table of a result file", false},
    {"verify", verb_verify, "concludes a result file again from its samples", false},
};
#define VERBS (sizeof verbs / sizeof *verbs)

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
    for (size_t i = 0; i < VERBS; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "  %-9s %s\n", verbs[i].name,
                           verbs[i].summary);
    snprintf(
        text + length, sizeof text - (size_t)length, "%s",
        "\n`countersign VERB --help` explains a verb. First steps:\n"
        "  countersign doctor        what can be measured here\n"
        "  countersign run --quick   all cases, a minute or two\n\n"
        "exit status: 0 done, every comparison valid; 1 a required verdict was not met; 2 wrong usage or\n"
        "input, or a file that cannot be read or written; 3 a comparison was invalid; 4 nothing could be\n"
        "measured, or a run could not go on; 128 + n ended by signal n, what was complete is kept\n");
    return print_help(text, stream);
}

static int unknown_verb(const char *name) {
    const char *names[VERBS + 1] = {NULL};
    char hint[256];
    for (size_t i = 0; i < VERBS; i++)
        names[i] = verbs[i].name;
    struct name_list list = name_list_of(names);
    return fail(EXIT_USAGE, "no verb '%s'%s", name, suggest_names(name, &list, hint, sizeof hint));
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], WORKER_VERB))
        return worker_main();
    if (open_standard_streams())
        return EXIT_USAGE;
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error to report, not a death, and so is a full file */
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
        return finish_output(print_usage(stdout), EXIT_DONE);
    if (!strcmp(argv[1], "--version"))
        return finish_output(print_text("countersign " COUNTERSIGN_VERSION "\n", stdout), EXIT_DONE);
    for (size_t i = 0; i < VERBS; i++)
        if (!strcmp(argv[1], verbs[i].name)) {
            int status = verbs[i].measures ? require_limits() : EXIT_DONE;
            return status ? status : verbs[i].main(argc - 1, argv + 1);
        }
    return unknown_verb(argv[1]);
}
