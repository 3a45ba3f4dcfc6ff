#include "cli/progress.h"

#include "cli/cli.h"
#include "report/format.h"
#include "report/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void clear_line(void) {
    fputs("\r\033[K", stderr);
}

static void show_progress(void *context, const struct runner_progress *now) {
    const struct progress *progress = context;
    char where[128], line[256], clean[512], doing[64];
    point_text(now->where, where, sizeof where);
    if (now->simulating)
        snprintf(doing, sizeof doing, "simulation");
    else
        snprintf(doing, sizeof doing, "replicate %zu/%zu", now->replicate + 1, now->replicates);
    unsigned left = (unsigned)(now->remaining_s + 0.5);
    snprintf(line, sizeof line, "[%zu/%zu] %u:%02u left · %s %s · %s", now->point, now->points, left / 60,
             left % 60, now->case_name, where, doing);
    style_clean(&progress->style, line, clean, sizeof clean);
    style_cut(&progress->style, clean,
              progress->style.width - 1); /* a full line would make some terminals wrap */
    clear_line();
    fputs(clean, stderr);
    fflush(stderr);
}

static void show_comparison(void *context, const struct comparison *comparison) {
    const struct progress *progress = context;
    clear_line();
    report_comparison_line(comparison, &progress->style, stderr);
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
    progress->told_s = 0;
    struct runner_listener listener = {.context = progress};
    if (!quiet)
        listener.forecast = show_forecast;
    if (progress->shown) {
        listener.progress = show_progress;
        listener.concluded = show_comparison;
    }
    return listener;
}

void progress_end(const struct progress *progress) {
    if (progress->shown) {
        clear_line();
        fflush(stderr);
    }
}
