/* countersign show: the table of a result file, made again. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static const char help[] = "usage: countersign show [FILE] [option…]\n\n"
                           "Prints the table of a result file, made again from what the file holds. FILE may "
                           "be gzip-compressed, or -\n"
                           "for standard input; without FILE, the newest run in the results folder.\n\n"
                           "  --format FORMAT   table (default), markdown, csv or json\n"
                           "  --help            this text\n";

/* Names of runs start with their time, so the newest is the last by name. */
static int find_newest(char *path, size_t size, struct problem *problem) {
    struct paths paths;
    int status = paths_find(&paths, problem);
    if (status)
        return status;
    size_t count;
    char **names = names_with_suffix(paths.results, ".json", &count);
    if (count)
        snprintf(path, size, "%s/%s.json", paths.results, names[count - 1]);
    else
        status =
            problem_set(problem, ENOENT, "no run in %s; `countersign run --quick` makes one", paths.results);
    names_free(names);
    return status;
}

int verb_show(int argc, char **argv) {
    static const struct option options[] = {
        {"format", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int format = FORMAT_TABLE;
    for (int option; (option = next_option(argc, argv, options)) != -1;) {
        if (option == 'h')
            return finish_output(print_text(help, stdout), EXIT_DONE);
        if (option != 'f' || (format = parse_format_option(optarg)) < 0)
            return EXIT_USAGE;
    }
    if (argc - optind > 1)
        return fail(EXIT_USAGE, "show: one file at a time, got '%s' too", argv[optind + 1]);
    char newest[8192];
    struct problem problem;
    const char *path = optind < argc ? argv[optind] : newest;
    if (optind >= argc && find_newest(newest, sizeof newest, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    struct run *run = calloc(1, sizeof *run);
    if (!run || run_load(run, path, &problem)) {
        free(run);
        return fail(EXIT_USAGE, "%s", run ? problem.text : "out of memory");
    }
    int status = print_run(run, (enum table_format)format);
    run_clear(run);
    free(run);
    return finish_output(status, EXIT_DONE);
}
