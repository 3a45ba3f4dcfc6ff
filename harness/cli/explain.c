/* countersign explain: a case's lesson, with this machine's newest table in it. */
#include "cli/cli.h"

#include "cli/newest.h"
#include "report/lesson.h"
#include "report/report.h"
#include "store/run_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EXPLAIN_FORMAT = OPTION_FIRST };

static const struct option_row rows[] = {
    {"format", "FORMAT", EXPLAIN_FORMAT,
     "text (default): wrapped to the terminal; markdown: as it is written", ONE_OF("text", "markdown")},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign explain CASE [--format FORMAT]\n\n"
        "Prints the lesson of a case: the claim, the variants, the mechanism, the prediction, what was measured\n"
        "and where it stops winning. Where the recorded table stands there, this machine's newest result of the\n"
        "case is put, if the results folder has one among its 64 newest files; else the recorded table stays,\n"
        "and it is said that another machine made it. CASE is a name of `countersign list cases` or a folder.\n\n",
    .rows = rows,
    .operands = VALUE_CASE};

const struct verb_options *explain_options(void) {
    return &options;
}

static int read_lesson(const struct case_file *file, char **lesson, struct problem *problem) {
    char path[sizeof file->path + 16];
    const char *slash = strrchr(file->path, '/');
    size_t size = 0;
    snprintf(path, sizeof path, "%.*s/README.md", (int)(slash - file->path), file->path);
    *lesson = NULL;
    FILE *from = fopen(path, "re");
    if (!from)
        return problem_set(problem, errno, "%s: %s; the case has no lesson", path, strerror(errno));
    ssize_t length = getdelim(lesson, &size, '\0', from);
    int error = length < 0 ? (ferror(from) ? errno : ENODATA) : 0;
    fclose(from);
    return error ? problem_set(problem, error, "%s: %s", path,
                               error == ENODATA ? "empty; the case has no lesson" : strerror(error))
                 : 0;
}

/* This machine's newest table of the case, as text; NULL where there is none. */
static char *newest_table(const char *case_name, bool markdown, const struct report_style *style,
                          char path[8192], char started[32]) {
    struct newest newest;
    struct problem problem;
    struct run *run = calloc(2, sizeof *run), *part = run + 1;
    char *text = NULL;
    size_t size = 0;
    int status = run ? newest_open(&newest, &problem) : -ENOMEM;
    if (status == 0 && (status = newest_next(&newest, case_name, run, path)) == 0) {
        snprintf(started, 32, "%s", run->started);
        FILE *stream = open_memstream(&text, &size);
        if (stream && run_part_of_case(run, case_name, part) == 0) {
            status = markdown ? report_markdown(part, stream)
                              : report_table(part, &(struct report_extent){0}, style, stream);
            run_part_free(part);
        }
        if (stream)
            fclose(stream);
        run_clear(run);
    }
    if (run)
        newest_close(&newest);
    free(run);
    if (status) {
        free(text);
        text = NULL;
    }
    return text;
}

static void add_markdown(struct text *out, const struct report_style *style, bool markdown, const char *from,
                         size_t bytes) {
    if (markdown)
        text_add_bytes(out, from, bytes);
    else
        lesson_print(out, style, from, bytes);
}

/* Says whose table follows. */
static void add_origin(struct text *out, const struct report_style *style, bool markdown,
                       const char *case_name, const char *path, const char *started) {
    struct text line = {0};
    if (path)
        text_printf(&line, "Measured on this machine, %.10s: %s", started, path);
    else
        text_printf(&line,
                    "This machine has no result of it; `countersign run %s` makes one. Recorded elsewhere:",
                    case_name);
    if (markdown)
        text_printf(out, "%s\n\n", text_string(&line));
    else
        text_wrap(out, style, "", PAINT_CYAN, text_string(&line));
    out->failed |= line.failed;
    text_clear(&line);
}

static void compose(const struct case_file *file, const char *lesson, bool markdown, struct text *out) {
    struct report_style style = report_style_for(stdout);
    char path[8192], started[32] = "";
    const char *end = NULL, *start = lesson_table(lesson, file->name, &end);
    char *table = newest_table(file->name, markdown, &style, path, started);
    if (!start) /* a lesson of one's own need not have a place for it */
        start = end = lesson + strlen(lesson);
    add_markdown(out, &style, markdown, lesson, (size_t)(start - lesson));
    bool place = *start || table;
    if (place)
        add_origin(out, &style, markdown, file->name, table ? path : NULL, started);
    if (table)
        text_add(out, table);
    else
        add_markdown(out, &style, markdown, start, (size_t)(end - start));
    add_markdown(out, &style, markdown, end, strlen(end));
    free(table);
}

static int explain(const char *name, bool markdown) {
    struct paths paths;
    struct problem problem;
    struct case_file *file = calloc(1, sizeof *file);
    char *lesson = NULL;
    int status = file ? paths_find(&paths, &problem) : problem_set(&problem, ENOMEM, "out of memory");
    if (status == 0)
        status = load_case(&paths, name, file, &problem);
    if (status == 0)
        status = read_lesson(file, &lesson, &problem);
    if (status == 0) {
        struct text out = {0};
        compose(file, lesson, markdown, &out);
        int error = text_write(&out, stdout);
        text_clear(&out);
        status = finish_output(error, EXIT_DONE);
    } else {
        status = fail(EXIT_USAGE, "%s", problem.text);
    }
    free(lesson);
    free(file);
    return status;
}

int verb_explain(int argc, char **argv) {
    struct given_option given;
    bool markdown = false;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        markdown = given.choice == 1;
    }
    if (argc - optind != 1)
        return fail(EXIT_USAGE, "explain: expected one case, got %d; `countersign list cases` shows them",
                    argc - optind);
    return explain(argv[optind], markdown);
}
