/* countersign show: the table of a result file, made again. */
#include "cli/cli.h"

#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "usage: countersign show [FILE] [option…]\n\n"
                           "Prints the table of a result file, made again from what the file holds. FILE may "
                           "be gzip-compressed, or -\n"
                           "for standard input; without FILE, the newest run in the results folder.\n\n"
                           "  --details             every counter of each comparison with its source, what "
                           "the spread comes from,\n"
                           "                        memory, latencies, threads (as table or markdown)\n"
                           "  --case NAME           details of this case alone\n"
                           "  --where NAME=VALUE    details where a parameter has this value; may be "
                           "repeated\n"
                           "  --format FORMAT       table (default), markdown, csv or json\n"
                           "  --help                this text\n";

/* What was asked for. */
struct request {
    enum table_format format;
    bool details, filtered;
    struct report_filter filter;
};

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

static int add_condition(struct report_filter *filter, const char *text) {
    const char *equals = strchr(text, '=');
    size_t length = equals ? (size_t)(equals - text) : 0;
    if (!length || !equals[1] || length >= RESULT_NAME || strlen(equals + 1) >= RESULT_NAME)
        return fail(EXIT_USAGE, "--where: expected a parameter and its value, as n=4096, got '%s'", text);
    if (filter->where_count == RESULT_PARAMETERS)
        return fail(EXIT_USAGE, "--where: at most %d conditions", RESULT_PARAMETERS);
    snprintf(filter->where[filter->where_count].parameter, RESULT_NAME, "%.*s", (int)length, text);
    snprintf(filter->where[filter->where_count++].value, RESULT_NAME, "%s", equals + 1);
    return EXIT_DONE;
}

/* EXIT_DONE, or the exit status after a message. */
static int check_request(const struct request *request) {
    if (request->filtered && !request->details)
        return fail(EXIT_USAGE, "show: --case and --where choose among --details; add it");
    if (request->details && request->format != FORMAT_TABLE && request->format != FORMAT_MARKDOWN)
        return fail(EXIT_USAGE, "show: --details is a table or markdown; csv and json hold all of it anyway");
    return EXIT_DONE;
}

/* Reads the options; *help where that is all that was asked. EXIT_DONE, or the exit status after a message.
 */
static int parse_options(int argc, char **argv, struct request *request, bool *help_asked) {
    static const struct option options[] = {
        {"details", no_argument, NULL, 'd'},     {"case", required_argument, NULL, 'c'},
        {"where", required_argument, NULL, 'w'}, {"format", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
    for (int option; (option = next_option(argc, argv, options)) != -1;) {
        int format = request->format;
        if (option == 'h') {
            *help_asked = true;
            return EXIT_DONE;
        }
        if (option == '?' || (option == 'f' && (format = parse_format_option(optarg)) < 0) ||
            (option == 'w' && add_condition(&request->filter, optarg)))
            return EXIT_USAGE;
        request->format = (enum table_format)format;
        request->details |= option == 'd';
        request->filtered |= option == 'c' || option == 'w';
        if (option == 'c')
            request->filter.case_name = optarg;
    }
    if (argc - optind > 1)
        return fail(EXIT_USAGE, "show: one file at a time, got '%s' too", argv[optind + 1]);
    return check_request(request);
}

static bool anything_matches(const struct run *run, const struct report_filter *filter) {
    for (size_t i = 0; i < run->comparison_count; i++)
        if (report_filter_matches(filter, &run->comparisons[i]))
            return true;
    return run->comparison_count == 0;
}

static int print_details(const struct run *run, const struct request *request, const char *path) {
    struct report_style style = report_style_for(stdout);
    if (!anything_matches(run, &request->filter))
        return fail(EXIT_USAGE,
                    "%s: no comparison of that case and point; without --case and --where all are "
                    "shown",
                    path);
    int error = request->format == FORMAT_MARKDOWN ? report_details_markdown(run, &request->filter, stdout)
                                                   : report_details(run, &request->filter, &style, stdout);
    if (error == 0 && fflush(stdout) != 0)
        error = -errno;
    return finish_output(error, EXIT_DONE);
}

int verb_show(int argc, char **argv) {
    struct request request = {.format = FORMAT_TABLE};
    bool help_asked = false;
    int status = parse_options(argc, argv, &request, &help_asked);
    if (status || help_asked)
        return status ? status : finish_output(print_help(help, stdout), EXIT_DONE);
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
    if (!digest_is_sound(&run->digest))
        fail(EXIT_DONE, "%s: changed after it was written; see `countersign verify`", path);
    status = request.details ? print_details(run, &request, path)
                             : finish_output(print_run(run, request.format), EXIT_DONE);
    run_clear(run);
    free(run);
    return status;
}
