#include "cli/cli.h"

#include "measure/worker.h"
#include "report/style.h"
#include "store/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct verb verbs[] = {
    {"doctor", verb_doctor, "what this machine has, what it lacks, why, and what would help"},
    {"list", verb_list, "kernels, cases and events"},
    {"run", verb_run, "measures cases, prints the table, writes a result file"},
    {"show", verb_show, "prints the table of a result file"},
};
#define VERBS (sizeof verbs / sizeof *verbs)

volatile sig_atomic_t caught_signal;

static void note_signal(int number) {
    caught_signal = number;
}

void catch_signals(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note_signal}, inherited;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

int fail(enum exit_status status, const char *format, ...) {
    char text[2 * sizeof(struct problem)], clean[2 * sizeof text];
    struct report_style style = report_style_for(stderr);
    va_list arguments;
    fflush(stdout);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    style_clean(&style, text, clean, sizeof clean);
    fprintf(stderr, "countersign: %s\n", clean);
    return (int)status;
}

int print_text(FILE *stream, const char *text) {
    struct report_style style = report_style_for(stream);
    size_t size = style_clean_size(text);
    char *line = strdup(text), *clean = malloc(size);
    int status = line && clean ? 0 : -ENOMEM;
    for (const char *from = text; status == 0 && *from;) {
        size_t length = strcspn(from, "\n");
        memcpy(line, from, length);
        line[length] = '\0';
        style_clean(&style, line, clean, size);
        from += length;
        if (fputs(clean, stream) == EOF || (*from == '\n' && putc(*from++, stream) == EOF))
            status = -errno;
    }
    free(line);
    free(clean);
    return status;
}

const char *output_problem(int error) {
    return error == -EPIPE    ? "closed before everything was written"
           : error == -EBADF ? "not open for writing"
                             : strerror(-error);
}

int output_failed(int error) {
    return fail(EXIT_USAGE, "standard output: %s", output_problem(error));
}

int flush_output(void) {
    errno = 0;
    if (fflush(stdout) != 0)
        return -errno;
    return ferror(stdout) ? -EIO : 0;
}

int finish_output(int status) {
    int error = flush_output();
    return error ? output_failed(error) : status;
}

static void print_help(FILE *stream) {
    print_text(stream, "countersign measures whether an optimization wins on this machine, and why.\n\n"
          "usage: countersign VERB [option…]\n\n",
          stream);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(stream, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\n`countersign VERB --help` explains a verb. First steps:\n"
          "  countersign doctor        what can be measured here\n"
          "  countersign run --quick   all cases, a minute or two\n\n"
          "exit status: 0 done, every comparison valid; 1 a required verdict was not met; 2 wrong usage or\n"
          "input, or a file that cannot be read or written; 3 a comparison was invalid; 4 nothing could be\n"
          "measured; 128 + n ended by signal n, what was complete is kept\n",
          stream);
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
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error to report, not a death */
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return finish_output(EXIT_DONE);
    }
    if (!strcmp(argv[1], "--version")) {
        puts("countersign " COUNTERSIGN_VERSION);
        return finish_output(EXIT_DONE);
    }
    for (size_t i = 0; i < VERBS; i++)
        if (!strcmp(argv[1], verbs[i].name))
            return verbs[i].main(argc - 1, argv + 1);
    return unknown_verb(argv[1]);
}
