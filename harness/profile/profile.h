/*
 * Profiling: which functions and lines of a variant take its time, and what bounds it. See docs/PROFILE.md.
 */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "counters/callgrind_file.h"
#include "run/plan.h"
#include "run/supervisor.h"
#include "store/profile.h"

#include <stdio.h>

/** Where shares of functions and lines come from. */
enum profile_tool {
    PROFILE_ANY,       /**< Callgrind; perf for variants that it cannot simulate, or without it */
    PROFILE_CALLGRIND, /**< counts of a simulation */
    PROFILE_PERF       /**< samples of hardware cycles, or of the CPU clock */
};

/** A variant of that name, of which nothing is known yet. */
void profile_variant_start(struct profile_variant *variant, const char *name);

/** What to profile. */
struct profile_request {
    const struct module_description *description;
    const struct plan_point *point; /**< its variants: the baseline first, which the others must agree with */
    bool wanted[CS_MAX_VARIANTS];   /**< which of point->variants are profiled */
    enum profile_tool tool;
    const struct topology *topology;
    const struct sample_clock *clock;
    const char *cpus;           /**< --cpus; NULL: the program's choice */
    bool hardware_cycles;       /**< perf can sample them here */
    double simulation_budget_s; /**< a point that takes longer to simulate is scaled down */
    double seconds;             /**< of timing a variant, and of sampling it */
};

/**
 * Profiles the portable build where Callgrind is used, the module as it is described where perf alone is. A
 * variant that fails carries the reason. Fills *profile, but for case_name and title; free with profile_clear
 * in any case. Returns 0; -EINTR where the program was interrupted; -errno with the problem where nothing
 * could be profiled: -ENOTSUP where there is no tool.
 */
int profile_measure(struct supervisor *supervisor, const struct profile_request *request,
                    struct profile *profile, struct problem *problem);

/**
 * Makes a point of all parameters of a module: values of `from`, or defaults where it is NULL, then those of
 * `where`, texts "NAME=VALUE[,NAME=VALUE…]". The variants are `from`'s. Returns 0, or -EINVAL with the
 * problem: what is not known or not allowed, and what is.
 */
int profile_point_make(const struct module_description *module, const struct plan_point *from,
                       const char *const *where, size_t where_count, unsigned allowed_threads,
                       struct plan_point *point, struct problem *problem);

/** Costs as Callgrind counts them, for one run of a variant. */
struct profile_costs {
    const struct callgrind_profile *profiles; /**< of the processes that did it, one or several */
    size_t profile_count;
    const char *own;    /**< the program itself, whose functions only call the variant */
    double items;       /**< of one run */
    double miss_cycles; /**< that one L1D miss is charged with */
};

/**
 * Chooses the hottest functions and lines of Callgrind's profiles, with the text of the lines where their
 * files can be read. Shares are of the cycles estimated by bound.h's costs. A function without a symbol is its
 * file, "(ls)"; *nameless becomes the share of all such. 0 or -ENOMEM.
 */
int profile_places_of_costs(const struct profile_costs *costs, struct profile_variant *variant,
                            double *nameless);

/**
 * The same from the output of `perf script -F ip,sym,dso,srcline --full-source-path`: a line a sample, and
 * its source line below. Sets samples, and evidence.runtime. 0, -ENODATA without samples, or -ENOMEM.
 */
int profile_places_of_samples(FILE *script, const char *own, struct profile_variant *variant);

#endif
