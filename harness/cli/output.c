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

int print_run(const struct run *run, enum table_format format) {
    static int (*const exports[])(const struct run *run,
                                  FILE *stream) = {[FORMAT_MARKDOWN] = report_markdown,
                                                   [FORMAT_CSV] = report_csv,
                                                   [FORMAT_JSON] = run_print_json,
                                                   [FORMAT_GOOGLE_BENCHMARK] = report_google_benchmark,
                                                   [FORMAT_OPENMETRICS] = report_openmetrics,
                                                   [FORMAT_JUNIT] = report_junit};
    struct report_style style = report_style_for(stdout);
    int status = format == FORMAT_TABLE ? report_table(run, &style, stdout) : exports[format](run, stdout);
    if (status == 0 && fflush(stdout) != 0)
        status = -errno;
    return status;
}
