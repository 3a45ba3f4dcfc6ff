/* countersign compare: two runs beside each other. */
#include "cli/cli.h"

#include "conclude/change.h"
#include "report/changes.h"

#include <errno.h>
#include <stdlib.h>

enum { COMPARE_FORMAT = OPTION_FIRST };

static const struct option_row rows[] = {{"format", "FORMAT", COMPARE_FORMAT,
                                          "table (default), markdown or json",
                                          ONE_OF("table", "markdown", "json")},
                                         OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign compare BEFORE AFTER [option…]\n\n"
        "Two result files beside each other: two days, machines or compilers. Comparisons that both have are matched; of "
        "each\n"
        "it says whether the speedup changed, from the samples of both, corrected for their number, and beyond what the "
        "placebos\n"
        "drifted. Times are shown with intervals and without a verdict: those of two runs are not paired. To tell whether "
        "code\n"
        "became slower, measure both now: `countersign duel --git` and `countersign gate` do. JSON is described by\n"
        "docs/countersign.change-1.schema.json.\n\n",
    .rows = rows,
    .ending =
        "exit status: 0 they were compared, whatever changed; 2 wrong usage, or a file cannot be read; 3 no\n"
        "comparison is in both\n",
    .operands = VALUE_FILE};

const struct verb_options *compare_options(void) {
    return &options;
}

enum { COMPARE_TABLE, COMPARE_MARKDOWN, COMPARE_JSON };

static int print_changes(const struct run_changes *changes, size_t format) {
    struct report_style style = report_style_for(stdout);
    int error = format == COMPARE_JSON       ? run_changes_print_json(changes, stdout)
                : format == COMPARE_MARKDOWN ? report_changes_markdown(changes, stdout)
                                             : report_changes(changes, &style, stdout);
    return error == 0 && fflush(stdout) ? -errno : error;
}

static int compare_runs(struct run *runs, char **files, size_t format) {
    struct problem problem;
    struct run_changes changes;
    for (size_t i = 0; i < 2; i++) {
        if (run_load(&runs[i], files[i], &problem))
            return fail(EXIT_USAGE, "%s", problem.text);
        if (!digest_is_sound(&runs[i].digest))
            fail(EXIT_DONE, "%s: changed after it was written; see `countersign verify`", files[i]);
    }
    if (run_changes_find(&runs[0], &runs[1], &changes))
        return fail(EXIT_NOTHING, "out of memory");
    int status = finish_output(print_changes(&changes, format), EXIT_DONE);
    if (status == EXIT_DONE && changes.comparison_count == 0)
        status =
            fail(EXIT_INVALID, "no comparison is in both files: the same case, kernel, point and variants");
    run_changes_clear(&changes);
    return status;
}

int verb_compare(int argc, char **argv) {
    size_t format = COMPARE_TABLE;
    struct given_option given;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        format = given.choice;
    }
    if (argc - optind != 2)
        return fail(EXIT_USAGE, "compare: expected two result files, got %d", argc - optind);
    struct run *runs = calloc(2, sizeof *runs);
    int status = runs ? compare_runs(runs, argv + optind, format) : fail(EXIT_NOTHING, "out of memory");
    for (size_t i = 0; runs && i < 2; i++)
        run_clear(&runs[i]);
    free(runs);
    return status;
}
