/* countersign show: the table of a result file, made again. */
#include "cli/cli.h"

#include "report/load.h"
#include "report/report.h"
#include "store/result_file.h"
#include "store/run_part.h"
#include "store/suggest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOW_DETAILS = OPTION_FIRST,
    SHOW_CASE,
    SHOW_WHERE,
    SHOW_FORMAT,
    SHOW_SAMPLES,
    SHOW_TABLES,
    SHOW_NOTES
};

static const struct option_row rows[] = {
    {"details", NULL, SHOW_DETAILS,
     "every counter of each comparison with its source, what the spread comes from, memory, latencies, "
     "threads "
     "(as table or markdown)",
     FLAG},
    TABLE_OPTION(SHOW_TABLES),
    NOTES_OPTION(SHOW_NOTES),
    {"case", "NAME", SHOW_CASE, "this case alone", .kind = VALUE_CASE},
    {"where", "NAME=VALUE", SHOW_WHERE, "details where a parameter has this value; may be repeated",
     ANY_TEXT},
    {"format", "FORMAT", SHOW_FORMAT,
     "table (default), markdown, csv or json; for other tools: google-benchmark (JSON that its compare.py reads), "
     "openmetrics (for Prometheus), junit (for CI)",
     EXPORT_FORMATS},
    {"samples", NULL, SHOW_SAMPLES, "with csv: a row a round of each variant, in place of a row a comparison",
     FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign show [FILE] [option…]\n\n"
        "Prints a result file: the table of one case, or of several cases a line a candidate, and what needs "
        "attention;\n"
        "made again from what the file holds. FILE may be gzip-compressed, the page of a report, or - for "
        "standard\n"
        "input; without FILE, the newest run in the results folder.\n\n",
    .rows = rows,
    .operands = VALUE_FILE};

const struct verb_options *show_options(void) {
    return &options;
}

/* What was asked for. */
struct request {
    struct table_request table;
    bool samples;
    struct report_filter filter;
};

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
    if (request->filter.where_count && !request->table.details)
        return fail(EXIT_USAGE, "show: --where chooses among --details; add it");
    if (request->filter.case_name && request->table.format == FORMAT_JSON)
        return fail(EXIT_USAGE, "show: --case chooses what is printed, and json is the file as a whole");
    if (request->table.details && request->table.format != FORMAT_TABLE &&
        request->table.format != FORMAT_MARKDOWN)
        return fail(EXIT_USAGE, "show: --details is a table or markdown; csv and json hold all of it anyway");
    if (request->samples && request->table.format != FORMAT_CSV)
        return fail(EXIT_USAGE, "show: --samples is for --format csv; json holds them anyway");
    return check_table_request("show", &request->table);
}

/* EXIT_DONE, or the exit status after a message. */
static int parse_options(int argc, char **argv, struct request *request) {
    struct given_option given;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?' || (option == SHOW_WHERE && add_condition(&request->filter, given.text)))
            return EXIT_USAGE;
        request->table.details |= option == SHOW_DETAILS;
        request->table.tables |= option == SHOW_TABLES;
        request->table.notes |= option == SHOW_NOTES;
        request->samples |= option == SHOW_SAMPLES;
        if (option == SHOW_FORMAT)
            request->table.format = (enum table_format)given.choice;
        if (option == SHOW_CASE)
            request->filter.case_name = given.text;
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
    int error = request->table.format == FORMAT_MARKDOWN
                    ? report_details_markdown(run, &request->filter, stdout)
                    : report_details(run, &request->filter, &style, stdout);
    if (error == 0 && fflush(stdout) != 0)
        error = -errno;
    return finish_output(error, EXIT_DONE);
}

/* Names of cases that a run holds, for who mistyped one. */
static int refuse_case(const struct run *run, const char *case_name, const char *path) {
    const char **names = calloc(run->comparison_count + run->skipped_count + 1, sizeof *names);
    char hint[512];
    size_t count = 0;
    for (size_t i = 0; names && i < run->comparison_count + run->skipped_count; i++) {
        const char *name = i < run->comparison_count ? run->comparisons[i].case_name
                                                     : run->skipped[i - run->comparison_count].case_name;
        bool known = false;
        for (size_t k = 0; k < count; k++)
            known |= !strcmp(names[k], name);
        if (!known)
            names[count++] = name;
    }
    struct name_list list = name_list_of(names);
    int status = names ? fail(EXIT_USAGE, "%s: no case '%s' in it%s", path, case_name,
                              suggest_names(case_name, &list, hint, sizeof hint))
                       : fail(EXIT_NOTHING, "out of memory");
    free(names);
    return status;
}

static int print_table(const struct run *run, const struct request *request, const char *path) {
    struct run *part = calloc(1, sizeof *part);
    const struct run *shown = request->filter.case_name ? part : run;
    int status = part ? 0 : -ENOMEM;
    if (status == 0 && request->filter.case_name)
        status = run_part_of_case(run, request->filter.case_name, part);
    if (status == 0)
        status = finish_output(request->samples ? report_samples_csv(shown, stdout)
                                                : print_run(shown, &request->table),
                               EXIT_DONE);
    else
        status = status == -ENOENT ? refuse_case(run, request->filter.case_name, path)
                                   : fail(EXIT_NOTHING, "out of memory");
    if (part)
        run_part_free(part);
    free(part);
    return status;
}

static int print_load(const struct load *load, const struct request *request, const char *path) {
    struct report_style style = report_style_for(stdout);
    if (request->table.details || request->samples || request->filter.case_name ||
        request->table.format == FORMAT_CSV || request->table.format > FORMAT_JSON)
        return fail(EXIT_USAGE, "%s: a load; it is shown whole, as table, markdown or json", path);
    if (!digest_is_sound(&load->digest))
        fail(EXIT_DONE, "%s: changed after it was written; see `countersign verify`", path);
    return finish_output(request->table.format == FORMAT_JSON       ? load_print_json(load, stdout)
                         : request->table.format == FORMAT_MARKDOWN ? report_load_markdown(load, stdout)
                                                                    : report_load(load, &style, stdout),
                         EXIT_DONE);
}

static int print_run_file(const struct run *run, const struct request *request, const char *path) {
    if (!digest_is_sound(&run->digest))
        fail(EXIT_DONE, "%s: changed after it was written; see `countersign verify`", path);
    return request->table.details ? print_details(run, request, path) : print_table(run, request, path);
}

int verb_show(int argc, char **argv) {
    struct request request = {.table = {.format = FORMAT_TABLE}};
    int status = parse_options(argc, argv, &request);
    if (status)
        return status;
    char newest[8192];
    struct problem problem;
    const char *path = optind < argc ? argv[optind] : newest;
    if (optind >= argc && find_newest_run(newest, sizeof newest, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    struct result_file *file = calloc(1, sizeof *file);
    if (!file || result_file_load(file, path, &problem))
        status = fail(EXIT_USAGE, "%s", file ? problem.text : "out of memory");
    else
        status = file->kind == RESULT_LOAD ? print_load(&file->load, &request, path)
                 : file->kind == RESULT_RUN
                     ? print_run_file(&file->run, &request, path)
                     : fail(EXIT_USAGE, "%s: a calibration; `countersign verify` judges it", path);
    if (file)
        result_file_clear(file);
    free(file);
    return status;
}
