/* The tables of a calibration. */
#ifndef REPORT_CALIBRATION_H
#define REPORT_CALIBRATION_H

#include "report/report.h"
#include "store/calibration.h"

/**
 * For the terminal: claims on identical code with the interval of their rate, then for each planted
 * difference how often it was told apart, how often it was claimed, and what was measured; then what follows,
 * in words. Returns 0, -ENOMEM, or -errno of the stream.
 */
int report_calibration_table(const struct calibration *calibration, const struct report_style *style,
                             FILE *stream);

/** The same as GitHub-flavoured Markdown. */
int report_calibration_markdown(const struct calibration *calibration, FILE *stream);

#endif
