/* What verbs share that work on one point of one case: what was asked for, a supervisor, and the point itself. */
#ifndef CLI_ONE_POINT_H
#define CLI_ONE_POINT_H

#include "cli/cli.h"
#include "cli/run_plan.h"

#define ONE_POINT_WHERE 32

/** As its options have it. */
struct one_point {
    struct worker_limits limits;
    const char *cpus, *scratch, *subject;
    const char *where[ONE_POINT_WHERE];
    size_t where_count;
    bool quiet;
};

/** Limits where no option says another. */
#define ONE_POINT_LIMITS                                                                                     \
    { .memory_bytes = (uint64_t)4 << 30, .stall_s = 30, .file_bytes = (uint64_t)4 << 30 }

/** Opens what measuring takes, has `work` done with it, and closes it. Returns work's exit status, or one after a message. */
int one_point_supervise(const struct one_point *asked,
                        int (*work)(struct supervisor *supervisor, const struct paths *paths, void *context),
                        void *context);

/**
 * The first quick point of the case that `subject` names, with what `where` changes in it. 0 or -errno with the problem;
 * see plan_first_point.
 */
int one_point_of_case(const struct one_point *asked, struct supervisor *supervisor, const struct paths *paths,
                      struct case_file *file, struct module_description *module, struct plan_point *point,
                      struct problem *problem);

#endif
