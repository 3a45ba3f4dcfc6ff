/* Is a report one that a worker can have written? Pure: no processes, no files. */
#ifndef RUN_REPORT_CHECK_H
#define RUN_REPORT_CHECK_H

#include "worker/worker.h"

/**
 * NULL where every field of `report` is within its range, every text ends within its array, and numbers agree
 * with each other; else the name of the first field that is not: "thread count". Characters in texts that
 * would move a terminal's cursor or turn its text around become '?'. Reads no ticks. A failure that the
 * report tells of excuses what it left undone, not what is out of range.
 */
const char *report_check(const struct worker_job *job, struct worker_report *report);

/**
 * The same of the ticks of a report that report_check accepted, of a process that lived `alive_s` seconds:
 * samples do not overlap, and their rounds go on for the seconds of the job or until there are max_rounds.
 */
const char *report_check_ticks(const struct worker_job *job, const struct worker_report *report,
                               const uint64_t *ticks, double alive_s);

#endif
