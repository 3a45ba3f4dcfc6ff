/* Runs over time, as text. */
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include "report/report.h"
#include "stats/change_points.h"
#include "store/history.h"

/** Which number of a series is looked at. */
enum history_number { HISTORY_TIME, HISTORY_SPEEDUP };

/** A series with its changes, found among the values that are there: index counts those alone. */
struct history_trend {
    const struct history_series *series;
    struct change_point *points;
    size_t count;
};

/** A line a run: id, commit, compiler, machine, verdicts. 0 or -errno of the stream. */
int report_history_runs(const struct history *history, const struct report_style *style, FILE *stream);

/**
 * A series each: how many runs, a sparkline (one character a run, or the median of several; a logarithmic axis from the
 * smallest to the largest value), its first and last value, and each change point with the runs and commits around it and the
 * command that bisects between them. Change points are nominations, and it says so. 0 or -errno of the stream.
 */
int report_history_trends(const struct history_trend *trends, size_t count, enum history_number number,
                          const struct report_style *style, FILE *stream);

/** A row a value: series, run, time, speedup. RFC 4180; what is absent is an empty field. 0 or -errno. */
int report_history_csv(const struct history *history, FILE *stream);

#endif
