/* Variants of one point under load: workers, one after the other. */
#ifndef MEASURE_LOAD_H
#define MEASURE_LOAD_H

#include "run/plan.h"
#include "run/supervisor.h"
#include "store/load.h"

/** What to measure. */
struct load_request {
    const struct module_description *description;
    const struct plan_point *point; /**< its variants: the baseline first */
    const struct sample_clock *clock;
    const char *cpus; /**< --cpus; NULL: the program's choice */
    const double *
        rates; /**< requests a second, load->share_count of them, which shares are made of; NULL: shares are given */
    size_t replicates; /**< processes, besides the one that finds the saturation */
    void (*progress)(void *context, size_t done, size_t all); /**< NULL: nobody asks */
    void *context;
};

/**
 * Measures: a first process finds the baseline's saturation, of which load->shares are taken for both; then `replicates`
 * processes, each on another link with inputs, orders and arrivals of its own; then memory, a process a variant. seed, shares,
 * seconds, poisson and clients (0: one for each CPU that servers leave; one without servers) are set before; arms, readings, point and what else is measured are filled. A variant that fails is
 * invalid with the reason, and the rest goes on without it. Returns 0; -EINTR where it was interrupted; or -errno with
 * the problem where nothing could be measured.
 */
int load_measure(struct supervisor *supervisor, const struct load_request *request, struct load *load,
                 struct problem *problem);

#endif
