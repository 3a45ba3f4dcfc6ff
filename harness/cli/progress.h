/* The progress line of `run`: on a terminal alone. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "measure/runner.h"
#include "report/report.h"

struct progress {
    bool shown;
    double plain_s; /**< when the last plain line was printed, of elapsed seconds */
    double told_s;  /**< expected duration of a point, where it was told */
    struct report_style style;
};

/** Whether a line that is rewritten can be shown on stderr: on a terminal, unless `quiet`. */
bool progress_wanted(bool quiet);

/** A listener that shows progress on stderr, unless `quiet`: a line that is rewritten where it is wanted, elsewhere a
 * line a minute; and says once what will take much longer than was asked for. `progress` must outlive it. */
struct runner_listener progress_listener(struct progress *progress, bool quiet);

/** Clears the line. */
void progress_end(const struct progress *progress);

#endif
