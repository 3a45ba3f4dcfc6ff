#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void clear_line(void) {
    fputs("\r\033[K", stderr);
}

static void show_progress(void *context, const struct runner_progress *now) {
    const struct progress *progress = context;
    char where[128], line[256];
    point_text(now->where, where, sizeof where);
    unsigned left = (unsigned)(now->remaining_s + 0.5);
    snprintf(line, sizeof line, "[%zu/%zu] %s %s %s replicate %zu/%zu %s %u:%02u left", now->point,
             now->points, now->case_name, where, progress->style.unicode ? "·" : "-", now->replicate + 1,
             now->replicates, progress->style.unicode ? "·" : "-", left / 60, left % 60);
    if (strlen(line) > progress->style.width)
        line[progress->style.width] = '\0';
    clear_line();
    fputs(line, stderr);
    fflush(stderr);
}

static void show_comparison(void *context, const struct comparison *comparison) {
    const struct progress *progress = context;
    clear_line();
    report_comparison_line(comparison, &progress->style, stderr);
}

struct runner_listener progress_listener(struct progress *progress) {
    progress->terminal = isatty(STDERR_FILENO);
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
