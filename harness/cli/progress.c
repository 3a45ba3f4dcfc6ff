#include "cli/progress.h"

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

struct runner_listener progress_listener(struct progress *progress) {
    const char *terminal = getenv("TERM");
    progress->terminal = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    progress->style = report_style_for(stderr);
    if (!progress->terminal)
        return (struct runner_listener){0};
    return (struct runner_listener){
        .context = progress, .progress = show_progress, .concluded = show_comparison};
}

void progress_end(const struct progress *progress) {
    if (progress->terminal) {
        clear_line();
        fflush(stderr);
    }
}
