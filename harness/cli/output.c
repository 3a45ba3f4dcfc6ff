/* What the verbs print, and what became of it. */
#include "cli/cli.h"

#include "report/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

bool reader_left(int error) {
    return error == -EPIPE;
}

const char *output_problem(int error) {
    return error == -EBADF ? "not open for writing" : strerror(-error);
}

int finish_output(int error, int status) {
    return error && !reader_left(error) ? fail(EXIT_USAGE, "standard output: %s", output_problem(error))
                                        : status;
}

int print_text(const char *string, FILE *stream) {
    struct report_style style = report_style_for(stream);
    struct text text = {0};
    size_t size = style_clean_size(string);
    char *line = strdup(string), *clean = malloc(size);
    int status = line && clean ? 0 : -ENOMEM;
    for (char *next = line; status == 0 && next;) {
        char *from = strsep(&next, "\n");
        style_clean(&style, from, clean, size);
        text_add(&text, clean);
        if (next)
            text_add(&text, "\n");
    }
    if (status == 0)
        status = text_write(&text, stream);
    text_clear(&text);
    free(line);
    free(clean);
    return status;
}

int check_table_request(const char *verb, const struct table_request *request) {
    if ((request->tables || request->notes) && request->format != FORMAT_TABLE)
        return fail(EXIT_USAGE, "%s: --%s is for the table; the other formats hold all of it anyway", verb,
                    request->tables ? "tables" : "notes");
    if (request->details && (request->tables || request->notes))
        return fail(EXIT_USAGE,
                    "%s: --details shows each comparison by itself, with its notes: leave out --%s", verb,
                    request->tables ? "tables" : "notes");
    return EXIT_DONE;
}

/* The group of a case that this program knows: the folder above the case's. */
static const char *group_of_case(const void *context, const char *case_name) {
    for (char *const *folder = context; folder && *folder; folder++) {
        const char *name = case_folder_name(*folder);
        if (name == *folder || strcmp(name, case_name) != 0)
            continue;
        for (size_t i = 0; case_groups[i]; i++)
            if (strlen(case_groups[i]) == (size_t)(name - 1 - *folder) &&
                strncmp(case_groups[i], *folder, (size_t)(name - 1 - *folder)) == 0)
                return case_groups[i];
    }
    return NULL;
}

static int print_table(const struct run *run, const struct table_request *request) {
    struct report_style style = report_style_for(stdout);
    struct paths paths;
    struct problem problem;
    size_t count;
    char **folders = paths_find(&paths, &problem) ? NULL : case_folders(&paths, &count);
    struct report_groups groups = {.of = group_of_case, .context = folders};
    struct report_extent extent = {.tables = request->tables, .notes = request->notes, .groups = &groups};
    int status = report_table(run, &extent, &style, stdout);
    names_free(folders);
    return status;
}

int print_run(const struct run *run, const struct table_request *request) {
    static int (*const exports[])(const struct run *run,
                                  FILE *stream) = {[FORMAT_MARKDOWN] = report_markdown,
                                                   [FORMAT_CSV] = report_csv,
                                                   [FORMAT_JSON] = run_print_json,
                                                   [FORMAT_GOOGLE_BENCHMARK] = report_google_benchmark,
                                                   [FORMAT_OPENMETRICS] = report_openmetrics,
                                                   [FORMAT_JUNIT] = report_junit};
    struct report_style style = report_style_for(stdout);
    int status = request->details ? report_details(run, &(struct report_filter){0}, &style, stdout)
                 : request->format == FORMAT_TABLE ? print_table(run, request)
                                                   : exports[request->format](run, stdout);
    if (status == 0 && fflush(stdout) != 0)
        status = -errno;
    return status;
}
