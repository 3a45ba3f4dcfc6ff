/* countersign report: result files as a page, or as a text for a pull request. */
#include "cli/cli.h"

#include "base/whole_file.h"
#include "page/page.h"
#include "report/analysis.h"
#include "report/load.h"
#include "report/report.h"
#include "store/embedded.h"
#include "store/result_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPORT_OUTPUT = OPTION_FIRST, REPORT_FORMAT, REPORT_NO_SAMPLES, REPORT_ANALYSIS };
enum report_format { REPORT_HTML, REPORT_MARKDOWN, REPORT_ADVICE };

static const struct option_row rows[] = {
    {"output", "NEW", REPORT_OUTPUT,
     "write to this file (-o), whole or not at all; without it, to standard output", .kind = VALUE_FILE,
     .letter = 'o'},
    {"format", "FORMAT", REPORT_FORMAT,
     "html (default): the page; markdown: one table, a sentence a case, details folded",
     ONE_OF("html", "markdown")},
    {"no-samples", NULL, REPORT_NO_SAMPLES,
     "leave the result files out of the page: smaller, but its verdicts can no longer be checked from it",
     FLAG},
    {"analysis", NULL, REPORT_ANALYSIS,
     "in place of the page a report to act on, as Markdown: what to take over, ranked by measured gain in groups of the "
     "effort that the installed cases declare, with its cost and the way back; what to leave; what to measure further",
     FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign report [FILE…] -o report.html\n"
        "       countersign report [FILE…] --analysis\n\n"
        "Makes one page of HTML from result files: what came out at a glance, every comparison, each case with "
        "its\n"
        "charts, the machine, and how it was measured. The page needs nothing beside itself: no network, no other "
        "file,\n"
        "and no script, though one filters and sorts. It holds the result files, with all samples: `countersign "
        "verify\n"
        "report.html` concludes every comparison again from them, `countersign show report.html` prints its "
        "tables.\n"
        "Of a load, the page shows its latencies along the load and its targets; as Markdown it is its table.\n"
        "Of several results in a page, report.html#2 is the second. FILE may be gzip-compressed, another page, "
        "or -\n"
        "for standard input; without FILE, the newest run in the results folder.\n\n",
    .rows = rows,
    .operands = VALUE_FILE};

const struct verb_options *report_options(void) {
    return &options;
}

/* What was asked for, and what was read. */
struct request {
    enum report_format format;
    const char *output;
    bool no_samples;
    struct result_file *files; /* what results point into */
    struct page_result *results;
    size_t count;
};

/* EXIT_DONE, or the exit status after a message. */
static int read_result(const struct request *request, const char *path, struct result_file *file,
                       struct page_result *result) {
    struct problem problem;
    char *text = NULL, *embedded = NULL;
    size_t length = 0;
    result->name = path;
    if (result_file_load_text(file, path, &text, &length, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    int status = EXIT_DONE;
    if (file->kind == RESULT_CALIBRATION)
        status = fail(EXIT_USAGE, "%s: a calibration; `countersign verify` judges it", path);
    else if (!digest_is_sound(result_file_digest(file)))
        fail(EXIT_DONE, "%s: changed after it was written; see `countersign verify`", path);
    if (status == EXIT_DONE && request->format == REPORT_HTML && !request->no_samples &&
        embedded_encode(text, length, &embedded))
        status = fail(EXIT_NOTHING, "%s: out of memory", path);
    result->run = file->kind == RESULT_RUN ? &file->run : NULL;
    result->load = file->kind == RESULT_LOAD ? &file->load : NULL;
    result->embedded = embedded;
    free(text);
    return status;
}

/* What the installed cases of a run declare; a case that is not installed, or that does not load, declares nothing. */
static int write_analysis(const struct run *run, FILE *stream) {
    struct paths paths;
    struct problem ignored;
    struct case_file **files = calloc(run->comparison_count + 1, sizeof *files);
    struct declared *declared = calloc(run->comparison_count + 1, sizeof *declared);
    size_t count = 0;
    bool known = paths_find(&paths, &ignored) == 0;
    int status = files && declared ? 0 : -ENOMEM;
    for (size_t i = 0; status == 0 && known && i < run->comparison_count; i++) {
        const char *name = run->comparisons[i].case_name;
        bool done = strchr(name, '/'); /* no path */
        for (size_t k = 0; k < count && !done; k++)
            done = strcmp(declared[k].case_name, name) == 0;
        struct case_file *file = done ? NULL : calloc(1, sizeof *file);
        if (!file || load_case(&paths, name, file, &ignored) != 0) {
            status = done || file ? 0 : -ENOMEM;
            free(file);
            continue;
        }
        files[count] = file;
        declared[count++] = (struct declared){name,           file->technique, file->effort, file->risk,
                                              file->rollback, file->cost,      &file->slo};
    }
    if (status == 0)
        status = report_analysis(run, declared, count, stream);
    for (size_t i = 0; files && i < count; i++)
        free(files[i]);
    free(files);
    free(declared);
    return status;
}

static int write_report(FILE *stream, const void *data) {
    const struct request *request = data;
    int status = 0;
    if (request->format == REPORT_HTML)
        return page_write(request->results, request->count, stream);
    for (size_t i = 0; i < request->count && status == 0; i++) {
        const struct page_result *result = &request->results[i];
        status = result->load                       ? report_load_markdown(result->load, stream)
                 : request->format == REPORT_ADVICE ? write_analysis(result->run, stream)
                                                    : report_brief_markdown(result->run, stream);
    }
    return status;
}

/* What is no file, as a pipe or /dev/null, is written to, not replaced. */
static int write_output(const struct request *request) {
    struct problem problem;
    struct stat facts;
    bool special = request->output && stat(request->output, &facts) == 0 && !S_ISREG(facts.st_mode) &&
                   !S_ISDIR(facts.st_mode);
    if (!request->output || strcmp(request->output, "-") == 0)
        return finish_output(write_report(stdout, request), EXIT_DONE);
    if (!special)
        return whole_file_save(request->output, 0666, "the report", write_report, request, &problem)
                   ? fail(EXIT_USAGE, "%s", problem.text)
                   : EXIT_DONE;
    FILE *stream = fopen(request->output, "w");
    int error = stream ? write_report(stream, request) : -errno;
    if (stream && fclose(stream) && !error)
        error = -errno;
    return error && !reader_left(error)
               ? fail(EXIT_USAGE, "%s: cannot write the report: %s", request->output, strerror(-error))
               : EXIT_DONE;
}

static int parse_options(int argc, char **argv, struct request *request) {
    struct given_option given;
    bool analysis = false, format_given = false;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        request->no_samples |= option == REPORT_NO_SAMPLES;
        analysis |= option == REPORT_ANALYSIS;
        format_given |= option == REPORT_FORMAT;
        if (option == REPORT_OUTPUT)
            request->output = given.text;
        if (option == REPORT_FORMAT)
            request->format = (enum report_format)given.choice;
    }
    if (analysis && format_given && request->format != REPORT_MARKDOWN)
        return fail(EXIT_USAGE, "report: --analysis is Markdown; leave --format out");
    if (analysis)
        request->format = REPORT_ADVICE;
    if (request->no_samples && request->format != REPORT_HTML)
        return fail(EXIT_USAGE, "report: --no-samples is for html; no other format holds samples");
    if (request->format == REPORT_HTML && !request->output && isatty(STDOUT_FILENO))
        return fail(EXIT_USAGE, "report: a page is for a browser; name a file for it, as -o report.html");
    return EXIT_DONE;
}

/* Every result of every file; those of a page one by one. EXIT_DONE, or the exit status after a message. */
static int read_results(struct request *request, char **paths, size_t count) {
    size_t total = 0;
    int status = EXIT_DONE;
    for (size_t i = 0; i < count; i++)
        total += result_count(paths[i]);
    request->files = calloc(total, sizeof *request->files);
    request->results = calloc(total, sizeof *request->results);
    if (!request->files || !request->results)
        return fail(EXIT_NOTHING, "out of memory");
    for (size_t i = 0; i < count && status == EXIT_DONE; i++) {
        size_t results = result_count(paths[i]);
        for (size_t k = 1; k <= results && status == EXIT_DONE && request->count < total; k++) {
            char *name = NULL;
            if (results > 1 ? asprintf(&name, "%s#%zu", paths[i], k) < 0 : !(name = strdup(paths[i])))
                return fail(EXIT_NOTHING, "out of memory");
            size_t at = request->count++;
            status = read_result(request, name, &request->files[at], &request->results[at]);
        }
    }
    return status;
}

static void free_results(struct request *request) {
    for (size_t i = 0; i < request->count; i++) {
        result_file_clear(&request->files[i]);
        free((char *)request->results[i].embedded);
        free((char *)request->results[i].name);
    }
    free(request->files);
    free(request->results);
}

int verb_report(int argc, char **argv) {
    struct request request = {.format = REPORT_HTML};
    char newest[8192], *newest_path = newest;
    struct problem problem;
    int status = parse_options(argc, argv, &request);
    if (status)
        return status;
    if (optind >= argc && find_newest_run(newest, sizeof newest, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    status = optind < argc ? read_results(&request, argv + optind, (size_t)(argc - optind))
                           : read_results(&request, &newest_path, 1);
    if (status == EXIT_DONE)
        status = write_output(&request);
    free_results(&request);
    return status;
}
