#include "cli/progress.h"

#include "cli/cli.h"
#include "report/format.h"
#include "report/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAIN_INTERVAL_S 60 /* between lines where none can be rewritten */

static void clear_line(void) {
    fputs("\r\033[K", stderr);
}

/* "case 3 of 66", or of one case its points; and how long all of it takes still. */
static void print_place(const struct runner_progress *now, char *text, size_t size) {
    unsigned left = (unsigned)(now->remaining_s + 0.5);
    bool several = now->cases > 1;
    snprintf(text, size, "%s %zu of %zu · %u:%02u left · %s", several ? "case" : "point",
             several ? now->case_number : now->point, several ? now->cases : now->points, left / 60,
             left % 60, now->case_name);
}

static void show_progress(void *context, const struct runner_progress *now) {
    const struct progress *progress = context;
    char place[160], where[128], line[384], clean[768], doing[64];
    print_place(now, place, sizeof place);
    point_text(now->where, where, sizeof where);
    if (now->finishing)
        snprintf(doing, sizeof doing, "memory, simulation");
    else
        snprintf(doing, sizeof doing, "replicate %zu/%zu", now->replicate + 1, now->replicates);
    snprintf(line, sizeof line, "%s%s%s · %s", place, where[0] ? " " : "", where, doing);
    style_clean(&progress->style, line, clean, sizeof clean);
    style_cut(&progress->style, clean,
              progress->style.width - 1); /* a full line would make some terminals wrap */
    clear_line();
    fputs(clean, stderr);
    fflush(stderr);
}

/* For a log: a short run has no such line. */
static void print_progress(void *context, const struct runner_progress *now) {
    struct progress *progress = context;
    char place[160], line[192];
    if (now->elapsed_s - progress->plain_s < PLAIN_INTERVAL_S)
        return;
    progress->plain_s = now->elapsed_s;
    print_place(now, place, sizeof place);
    snprintf(line, sizeof line, "%s\n", place);
    print_text(line, stderr);
}

/* Of a sweep the first such point, and those that take much longer still. */
static void show_forecast(void *context, const struct runner_forecast *forecast) {
    struct progress *progress = context;
    char expected[FORMAT_SIZE], budget[FORMAT_SIZE], line[512];
    if (forecast->expected_s < 2 * progress->told_s)
        return;
    progress->told_s = forecast->expected_s;
    format_duration(forecast->expected_s, expected);
    format_duration(forecast->budget_s, budget);
    snprintf(line, sizeof line, "note: a point takes up to %s instead of %s (--budget): %s\n", expected,
             budget, forecast->cause);
    if (progress->shown)
        clear_line();
    print_text(line, stderr);
}

bool progress_wanted(bool quiet) {
    const char *terminal = getenv("TERM");
    return !quiet && isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

struct runner_listener progress_listener(struct progress *progress, bool quiet) {
    progress->shown = progress_wanted(quiet);
    progress->style = report_style_for(stderr);
    progress->told_s = progress->plain_s = 0;
    struct runner_listener listener = {.context = progress};
    if (!quiet)
        listener.forecast = show_forecast;
    if (!quiet)
        listener.progress = progress->shown ? show_progress : print_progress;
    return listener;
}

void progress_end(const struct progress *progress) {
    if (progress->shown) {
        clear_line();
        fflush(stderr);
    }
}
