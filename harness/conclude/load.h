/* From the readings of a load to comparisons and judged targets: pure. */
#ifndef CONCLUDE_LOAD_H
#define CONCLUDE_LOAD_H

#include "store/load.h"

#define LOAD_CONFIDENCE 0.95

/**
 * Fills load->comparisons and load->judgements from arms, readings, delta and slo, in place of what is there.
 *
 * Each candidate is compared with the baseline back to back (throughput) and at each share (the quantiles of latency): of
 * every process one log ratio, and over those an interval and a verdict by the rules of a run (estimate_log_ratio, verdict_of
 * with the placebo, family_holm over all comparisons). No verdict where a request failed or was not served, or a process
 * had too few requests for the quantile. 0 or -ENOMEM.
 */
int load_conclude(struct load *load);

/**
 * Concludes again and says in how many places the file disagrees, and the first of them in words of at most `size` bytes; or
 * -ENOMEM.
 */
long load_verify(const struct load *load, char *text, size_t size);

#endif
