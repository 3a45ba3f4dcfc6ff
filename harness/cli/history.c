/* countersign history: runs over time, and where something changed. */
#include "cli/cli.h"

#include "base/folder.h"
#include "compile/cache.h"
#include "history/index.h"
#include "report/history.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.01 /* of each permutation test */
#define PERMUTATIONS 199
#define MOST_POINTS 64 /* of one series */
#define MOST_RUNS 1000000

enum {
    HISTORY_TRENDS = OPTION_FIRST,
    HISTORY_OF,
    HISTORY_CASE,
    HISTORY_MACHINE,
    HISTORY_COMMIT,
    HISTORY_COMPILER,
    HISTORY_LAST,
    HISTORY_DB,
    HISTORY_REBUILD,
    HISTORY_FORMAT
};

static const struct option_row rows[] = {
    {"trends", NULL, HISTORY_TRENDS,
     "each comparison over time, with change points; --case does so for one case", FLAG},
    {"of", "NUMBER", HISTORY_OF, "what trends are of: time (default; the candidate's, an item) or speedup",
     ONE_OF("time", "speedup")},
    {"case", "NAME", HISTORY_CASE, "this case alone, as trends", .kind = VALUE_CASE},
    {"machine", "NAME", HISTORY_MACHINE, "runs of this machine alone: its name, or the key behind it",
     ANY_TEXT},
    {"commit", "HASH", HISTORY_COMMIT, "runs of this commit alone, by the start of its hash", ANY_TEXT},
    {"compiler", "TEXT", HISTORY_COMPILER, "runs whose compiler has this in its name", ANY_TEXT},
    {"last", "N", HISTORY_LAST, "the newest runs alone (default: all)", WHOLE_FROM(1, MOST_RUNS)},
    {"db", "FILE", HISTORY_DB, "the index (default: one a folder, below $XDG_CACHE_HOME or ~/.cache)",
     .kind = VALUE_FILE},
    {"rebuild", NULL, HISTORY_REBUILD, "make the index anew from the files", FLAG},
    {"format", "FORMAT", HISTORY_FORMAT, "table (default), or csv: a row a comparison and run",
     ONE_OF("table", "csv")},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign history [FOLDER] [option…]\n\n"
        "Lists the runs in a folder of result files (default: the results folder), or, with --trends or --case, each comparison "
        "over\n"
        "the runs of one machine: a sparkline, and where the series changed (E-divisive with a permutation test). A change "
        "point\n"
        "is a nomination: runs of different days are not paired, and `countersign bisect` or `gate` has to bear it out. The "
        "files are\n"
        "the truth; the index over them (SQLite) follows what is added, changed and removed, and is made anew where it is "
        "damaged.\n\n",
    .rows = rows,
    .ending = "exit status: 0 done; 2 wrong usage, or the folder or the index cannot be used\n",
    .operands = VALUE_FOLDER};

const struct verb_options *history_options(void) {
    return &options;
}

struct request {
    struct history_filter filter;
    bool trends, rebuild, csv;
    enum history_number number;
    size_t most;
    const char *db;
    char folder[PATH_MAX];
};

static int set_option(struct request *request, const struct given_option *given) {
    switch (given->row->value) {
    case HISTORY_TRENDS:
        request->trends = true;
        return 0;
    case HISTORY_OF:
        request->number = (enum history_number)given->choice;
        return 0;
    case HISTORY_CASE:
        request->filter.case_name = given->text;
        request->trends = true;
        return 0;
    case HISTORY_MACHINE:
        request->filter.machine = given->text;
        return 0;
    case HISTORY_COMMIT:
        request->filter.commit = given->text;
        return 0;
    case HISTORY_COMPILER:
        request->filter.compiler = given->text;
        return 0;
    case HISTORY_LAST:
        request->most = given->whole;
        return 0;
    case HISTORY_DB:
        request->db = given->text;
        return 0;
    case HISTORY_REBUILD:
        request->rebuild = true;
        return 0;
    case HISTORY_FORMAT:
        request->csv = given->choice == 1;
        return 0;
    default:
        return -1;
    }
}

static int read_arguments(int argc, char **argv, struct request *request) {
    struct given_option given;
    struct paths paths;
    struct problem problem;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;)
        if (option == '?' || set_option(request, &given))
            return -1;
    if (argc - optind > 1)
        return fail(-1, "history: one folder at a time, got '%s' too", argv[optind + 1]);
    if (optind >= argc && paths_find(&paths, &problem))
        return fail(-1, "%s", problem.text);
    const char *folder = optind < argc ? argv[optind] : paths.results;
    if (!realpath(folder, request->folder))
        return fail(-1, "%s: %s; expected a folder of result files%s", folder, strerror(errno),
                    optind < argc ? "" : ", which `countersign run --quick` makes");
    return 0;
}

/* Where the index of a folder is unless --db says so. */
static int default_path(const char *folder, char *path, size_t size, struct problem *problem) {
    char home[PATH_MAX];
    int status = cache_folder(folder, home, sizeof home, problem);
    if (status == 0 && (status = folder_make(home)) != 0)
        status = problem_set(problem, -status, "%s: %s; --db names another place", home, strerror(-status));
    snprintf(path, size, "%s/history.db", home);
    return status;
}

/* Change points of one series, by the logarithms of its numbers. 0 or -ENOMEM. */
static int find_trend(const struct history_series *series, enum history_number number,
                      struct history_trend *trend) {
    double *logs = malloc((series->count + 1) * sizeof *logs);
    size_t count = 0;
    *trend = (struct history_trend){.series = series, .points = calloc(MOST_POINTS, sizeof *trend->points)};
    for (size_t i = 0; logs && i < series->count; i++) {
        double value = number == HISTORY_TIME ? series->values[i].time_ns : series->values[i].speedup;
        if (isfinite(value) && value > 0)
            logs[count++] = log(value);
    }
    long found = logs && trend->points
                     ? change_points_find(logs, count, LEVEL, PERMUTATIONS, 1, trend->points, MOST_POINTS)
                     : -ENOMEM;
    free(logs);
    if (found < 0)
        return -ENOMEM;
    trend->count = found < MOST_POINTS ? (size_t)found : MOST_POINTS;
    for (size_t i = 0; i < trend->count; i++) {
        trend->points[i].before = exp(trend->points[i].before);
        trend->points[i].after = exp(trend->points[i].after);
    }
    return 0;
}

/* The last `most` runs of each series. */
static void keep_last(struct history_series *series, size_t most) {
    if (series->count <= most)
        return;
    memmove(series->values, series->values + series->count - most, most * sizeof *series->values);
    series->count = most;
}

static int print_trends(struct history *history, const struct request *request) {
    struct report_style style = report_style_for(stdout);
    struct history_trend *trends = calloc(history->series_count + 1, sizeof *trends);
    int status = trends ? 0 : -ENOMEM;
    for (size_t i = 0; i < history->series_count && status == 0; i++) {
        keep_last(&history->series[i], request->most);
        status = find_trend(&history->series[i], request->number, &trends[i]);
    }
    if (status == 0)
        status = report_history_trends(trends, history->series_count, request->number, &style, stdout);
    for (size_t i = 0; trends && i < history->series_count; i++)
        free(trends[i].points);
    free(trends);
    return status;
}

static int print_history(struct history *history, const struct request *request) {
    struct report_style style = report_style_for(stdout);
    int error = request->csv      ? report_history_csv(history, stdout)
                : request->trends ? print_trends(history, request)
                                  : report_history_runs(history, &style, stdout);
    if (history->unreadable)
        fail(EXIT_DONE, "%zu file%s left out: %s", history->unreadable,
             history->unreadable == 1 ? " was" : "s were", history->first_unreadable);
    return finish_output(error == 0 && fflush(stdout) ? -errno : error, EXIT_DONE);
}

static int show_history(const struct request *request) {
    char path[2 * PATH_MAX];
    struct problem problem;
    struct history history = {.run_count = 0};
    struct history_index *index = NULL;
    int status = request->db ? 0 : default_path(request->folder, path, sizeof path, &problem);
    if (status == 0)
        status = history_index_open(&index, request->db ? request->db : path, request->rebuild, &problem);
    if (status == 0)
        status = history_index_follow(index, request->folder, &problem);
    if (status == 0 && (request->trends || request->csv))
        status = history_index_series(index, request->folder, &request->filter, &history, &problem);
    else if (status == 0)
        status =
            history_index_runs(index, request->folder, &request->filter, request->most, &history, &problem);
    history_index_close(index);
    status = status ? fail(status == -ENOMEM ? EXIT_NOTHING : EXIT_USAGE, "%s", problem.text)
                    : print_history(&history, request);
    history_clear(&history);
    return status;
}

int verb_history(int argc, char **argv) {
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return fail(EXIT_NOTHING, "out of memory");
    request->most = MOST_RUNS;
    int status = read_arguments(argc, argv, request) ? EXIT_USAGE : show_history(request);
    free(request);
    return status;
}
