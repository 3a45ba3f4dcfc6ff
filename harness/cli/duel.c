/* countersign duel: two commands, two files or two revisions, as one comparison. */
#include "cli/duel.h"

#include "cli/cli.h"
#include "cli/duel_commands.h"
#include "cli/duel_files.h"

#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "usage: countersign duel [option…] [--] 'COMMAND A' 'COMMAND B' ['COMMAND C' …]\n"
    "       countersign duel FILE FILE [FILE…] [--function NAME | --setup FILE] [option…]\n"
    "       countersign duel --git REV1..REV2 --build COMMAND [option…] [--] 'COMMAND'\n"
    "       countersign duel --server 'SERVER A' --server 'SERVER B' [option…] 'CLIENT'\n"
    "       countersign duel --google-benchmark OLD NEW [--filter RE] [option…]\n"
    "       countersign duel --record FILE --function NAME [option…] -- PROGRAM [ARGUMENT…]\n\n"
    "Is B faster than A? Both run in turn, in random order, in the same rounds, the first once more as its "
    "own\n"
    "placebo; what they answer is compared; the verdict, table and result file are those of `countersign "
    "run`.\n"
    "docs/DUEL.md explains each way, also to those who come from hyperfine or poop.\n\n";

static const char ending[] = "exit status: 0 every comparison valid; 2 wrong usage or input; 3 a comparison "
                             "was invalid; 4 nothing could\n"
                             "be measured; 128 + n ended by signal n, complete rounds are kept\n";

void add_option_rows(struct option_row *table, const struct option_row *rows) {
    size_t count = 0;
    while (table[count].name || table[count].help)
        count++;
    for (; (rows->name || rows->help) && count + 1 < DUEL_ROWS; rows++)
        table[count++] = *rows;
    table[count] = (struct option_row){0};
}

const struct verb_options *duel_options(void) {
    static const struct option_row commands[] = {{.help = "commands"}, {.name = NULL}},
                                   servers[] = {{.help = "\nservers that one command asks"}, {.name = NULL}},
                                   functions[] = {{.help =
                                                       "\nfunctions: FILEs are C or C++ sources, or shared "
                                                       "libraries, that define the same function"},
                                                  {.name = NULL}},
                                   revisions[] = {{.help = "\nrevisions"}, {.name = NULL}},
                                   recorded[] = {{.help = "\ninputs of functions, as a program has them"},
                                                 {.name = NULL}},
                                   benchmarks[] = {{.help = "\nbuilds of a Google Benchmark executable"},
                                                   {.name = NULL}},
                                   end[] = {OPTIONS_END};
    static struct option_row rows[DUEL_ROWS];
    static const struct verb_options options = {
        .usage = usage, .rows = rows, .ending = ending, .operands = VALUE_FILE};
    const struct option_row *const parts[] = {commands,  duel_command_rows,  servers,    duel_server_rows,
                                              functions, duel_source_rows(), recorded,   duel_record_rows,
                                              revisions, duel_git_rows,      benchmarks, duel_benchmark_rows,
                                              end};
    rows[0] = (struct option_row){0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_option_rows(rows, parts[i]);
    return &options;
}

/* Whether an option of that name stands before a "--". */
static bool is_given(int argc, char **argv, const char *name) {
    size_t length = strlen(name);
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strncmp(argv[i], name, length) && (!argv[i][length] || argv[i][length] == '='))
            return true;
    return false;
}

bool duel_is_source(const char *word) {
    struct stat facts;
    size_t length = strlen(word);
    bool library = strstr(word, ".so.") || (length > 3 && !strcmp(word + length - 3, ".so"));
    return (library || duel_is_c(word) || duel_is_cxx(word)) && stat(word, &facts) == 0 &&
           S_ISREG(facts.st_mode);
}

/* Whether functions are compared: an option of theirs is given, or two words are sources or libraries. */
static bool names_functions(int argc, char **argv) {
    int files = 0;
    for (int i = 1; i < argc; i++)
        files += duel_is_source(argv[i]);
    return files > 1 || is_given(argc, argv, "--call") || is_given(argc, argv, "--function") ||
           is_given(argc, argv, "--inputs");
}

int verb_duel(int argc, char **argv) {
    if (is_given(argc, argv, "--help") || is_given(argc, argv, "-h"))
        return print_verb_help(duel_options());
    if (is_given(argc, argv, "--record"))
        return duel_record(argc, argv);
    if (is_given(argc, argv, "--git"))
        return duel_git(argc, argv);
    if (is_given(argc, argv, "--google-benchmark"))
        return duel_benchmarks(argc, argv);
    return names_functions(argc, argv) ? duel_sources(argc, argv) : duel_commands(argc, argv);
}
