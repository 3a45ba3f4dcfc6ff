/* The links of all modules of a run. */
#ifndef MEASURE_LINK_TABLE_H
#define MEASURE_LINK_TABLE_H

#include "compile/links.h"
#include "run/plan.h"

/** Links of the first module of a plan, opened as number 0 before there is a plan. Starts zeroed; links_close what stays. */
struct links_ahead {
    struct links *links; /**< NULL: there are none */
    char module[4096];
};

/** By case of the plan; cases of one kernel share theirs. */
struct link_table {
    struct links **links; /**< NULL each: the module has none, or settings.layout is "fixed" */
    size_t count;
};

/**
 * Opens the links of one module (links_open), number `index` of those that share `scratch`, in a folder there. *links stays
 * as it is where the module comes without what links are made of. `worker` is the path of the program that workers run,
 * beside which link-recipe lies. Returns 0 or -errno with the problem.
 */
int module_links_open(struct links **links, const char *module, size_t index, uint64_t seed,
                      const char *scratch, const char *worker, struct problem *problem);

/**
 * Opens the links of every case's module by module_links_open, those but that are in `ahead` (NULL: none), which are taken
 * out of it. Returns 0 or -errno with the problem. Close it in any case.
 */
int link_table_open(struct link_table *table, const struct plan *plan, const struct run_settings *settings,
                    const char *scratch, const char *worker, struct links_ahead *ahead,
                    struct problem *problem);

/** The seed of all links of a run (links_open). */
uint64_t link_table_seed(const struct run_settings *settings);

void link_table_close(struct link_table *table);

#endif
