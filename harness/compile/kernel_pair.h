/* Two revisions of a kernel's folder in one module: a variant of the old one beside those of the new one. */
#ifndef COMPILE_KERNEL_PAIR_H
#define COMPILE_KERNEL_PAIR_H

#include "base/command.h"
#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>

/** One revision's folder, built. */
struct kernel_side {
    const char *folder; /**< absolute */
    const char *module; /**< kernel_build.module of it */
    const char *merged; /**< where kernel_side_merge leaves all its objects as one */
};

/** Links the module's objects into one, in which a function leads to all that it calls. Returns 0 or -errno with the problem. */
int kernel_side_merge(const struct kernel_side *side, const struct command_limits *limits,
                      struct problem *problem);

/** Whether a variant of each, by its index, has the same machine code, with all that it calls and reads. */
bool kernel_sides_equal(const struct kernel_side *old_side, size_t old_variant,
                        const struct kernel_side *new_side, size_t new_variant);

/** Which variant is laid beside which. */
struct kernel_pair {
    size_t old_variant, new_variant; /**< indices */
    size_t place;                    /**< index that the old one gets among the new ones */
    char old_name[64];               /**< that it is given */
};

/**
 * Makes `folder`, which is not there, the folder of a kernel that has the new revision's variants and, at pair->place, one of
 * the old revision, with the old sources as they were. What else the kernel does is the new revision's: see
 * kernel_common_same. Returns 0 or -errno with the problem.
 */
int kernel_pair_write(const struct kernel_pair *pair, const struct kernel_side *old_side,
                      const struct kernel_side *new_side, const char *folder,
                      const struct command_limits *limits, struct problem *problem);

#endif
