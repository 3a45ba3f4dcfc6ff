/* countersign duel: two commands, two files or two revisions, as one comparison. */
#include "cli/duel.h"

#include "cli/cli.h"

#include <string.h>

static const char usage[] =
    "usage: countersign duel [option…] [--] 'COMMAND A' 'COMMAND B' ['COMMAND C' …]\n"
    "       countersign duel FILE FILE [FILE…] --call 'PROTOTYPE' [option…]\n"
    "       countersign duel --git REV1..REV2 --build COMMAND [option…] [--] 'COMMAND'\n\n"
    "Is B faster than A? Both run in turn, in random order, in the same rounds, the first once more as its "
    "own\n"
    "placebo; what they answer is compared; the verdict, table and result file are those of `countersign "
    "run`.\n"
    "docs/DUEL.md explains each way, also to those who come from hyperfine or poop.\n\n";

static const char ending[] = "  --help              this text\n\n"
                             "exit status: 0 every comparison valid; 2 wrong usage or input; 3 a comparison "
                             "was invalid; 4 nothing could\n"
                             "be measured; 128 + n ended by signal n, complete rounds are kept\n";

/* Whether an option of that name stands before a "--". */
static bool is_given(int argc, char **argv, const char *name) {
    size_t length = strlen(name);
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strncmp(argv[i], name, length) && (!argv[i][length] || argv[i][length] == '='))
            return true;
    return false;
}

static int print_parts(void) {
    const char *const parts[] = {usage, duel_commands_help, duel_sources_help, duel_git_help, ending};
    int error = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !error; i++)
        error = print_help(parts[i], stdout);
    return finish_output(error, EXIT_DONE);
}

int verb_duel(int argc, char **argv) {
    if (is_given(argc, argv, "--help"))
        return print_parts();
    if (is_given(argc, argv, "--git"))
        return duel_git(argc, argv);
    return is_given(argc, argv, "--call") ? duel_sources(argc, argv) : duel_commands(argc, argv);
}
