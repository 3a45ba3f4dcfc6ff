/* From case files to points: everything that can be refused is refused here, before anything is measured. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "store/case_file.h"
#include "store/result.h"
#include "worker/module.h"

#include <stddef.h>

/** One point to measure. */
struct plan_point {
    size_t case_index;
    struct point point;
    int64_t value[CS_MAX_PARAMETERS]; /**< for setup */
    unsigned threads;
    unsigned variants[CS_MAX_VARIANTS]; /**< descriptor indexes; [0] is the baseline */
    size_t variant_count;
};

struct plan_case {
    struct case_file file;
    struct module_description module;
};

struct plan {
    struct plan_case *cases;
    size_t case_count;
    struct plan_point *points;
    size_t point_count;
    struct skipped *skipped; /**< variants and points that cannot be measured here, with the reason */
    size_t skipped_count;
};

/** What the plan depends on besides the cases. */
struct plan_options {
    const char *points;       /**< "quick", "sweep" or "full" */
    unsigned allowed_threads; /**< processing units that may be used */
    unsigned threads;         /**< --threads: replaces a case's threads axis; 0: not given */
};

/**
 * Adds a case whose kernel is described by `module`: checks the case against it (case_file_check) and appends
 * the cartesian product of its axes. Returns 0 or -errno with the problem (file, line, what is allowed).
 */
int plan_add_case(struct plan *plan, const struct case_file *file, const struct module_description *module,
                  const struct plan_options *options, struct problem *problem);

/** Notes that nothing of a case can be measured, and why. Returns 0 or -ENOMEM with the problem. */
int plan_skip_case(struct plan *plan, const struct case_file *file, const char *reason,
                   struct problem *problem);

void plan_clear(struct plan *plan);

/** Comparisons that the plan holds. */
size_t plan_comparisons(const struct plan *plan);

#endif
