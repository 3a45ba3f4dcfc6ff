/* The progress line of `run`: on a terminal alone. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "measure/runner.h"
#include "report/report.h"

struct progress {
    bool shown;
    double told_s; /**< expected duration of a point, where it was told */
    struct report_style style;
};

/** Whether a line that is rewritten can be shown on stderr: on a terminal, unless `quiet`. */
bool progress_wanted(bool quiet);

/** A listener that shows progress on stderr where it is wanted, and says once what will take much longer than
 * was asked for, unless `quiet`. `progress` must outlive it. */
struct runner_listener progress_listener(struct progress *progress, bool quiet);

/** Clears the line. */
void progress_end(const struct progress *progress);

#endif
