/* The progress line of `run`: on a terminal alone. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "measure/runner.h"
#include "report/report.h"

struct progress {
    bool terminal;
    struct report_style style;
};

/** A listener that writes to stderr if that is a terminal, and is silent otherwise. `progress` must outlive
 * it. */
struct runner_listener progress_listener(struct progress *progress);

/** Clears the line. */
void progress_end(const struct progress *progress);

#endif
