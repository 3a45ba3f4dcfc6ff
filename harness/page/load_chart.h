/* Latency along the load. */
#ifndef PAGE_LOAD_CHART_H
#define PAGE_LOAD_CHART_H

#include "report/text.h"
#include "store/load.h"

/**
 * A chart for each quantile of latency that is known: every variant along the shares of saturation, with the interval over
 * the processes and the bounds of targets; all on one logarithmic axis. Nothing where nothing is known. 0 or -ENOMEM.
 */
int load_charts_print(const struct load *load, struct text *out);

#endif
