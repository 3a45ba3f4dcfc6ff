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
 * A quantity of one arm at a share over the processes, in the units of slo.h, with its interval; of errors, over the
 * requests. NAN where it is not known, as of a quantile that some process had too few requests for.
 */
struct interval load_level(const struct load *load, size_t arm, double share, enum slo_quantity quantity);

/** What stands against a claim about an arm at a share: "requests failed", "overloaded", "a process has no reading"; or
 * NULL. Latency is then what was seen of it, and no more. */
const char *load_objection(const struct load *load, size_t arm, double share);

/**
 * Concludes again and says in how many places the file disagrees, and the first of them in words of at most `size` bytes; or
 * -ENOMEM.
 */
long load_verify(const struct load *load, char *text, size_t size);

#endif
