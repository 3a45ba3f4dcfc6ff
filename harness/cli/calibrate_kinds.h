/* What `calibrate` can try: kinds of work, the groups that they are in, and planted sizes. */
#ifndef CLI_CALIBRATE_KINDS_H
#define CLI_CALIBRATE_KINDS_H

#include "store/calibration.h"

#include <stdbool.h>

/** Memory that a kind goes through, chosen by this machine's caches. */
enum calibrate_memory { MEMORY_AS_IT_IS, MEMORY_L2, MEMORY_DRAM, MEMORY_FAR };

/** A kind of work. */
struct calibrate_kind {
    const char *name, *group;
    const char *choice; /**< of the kernel's parameter `kind`; NULL: as `name` */
    unsigned threads;   /**< 0: one */
    bool planted;       /**< of the kernel `planted`, which has sizes; of `twins` otherwise */
    bool swapped;       /**< the variant that does more is the baseline */
    enum calibrate_memory memory;
};
extern const struct calibrate_kind calibrate_kinds[]; /**< ended by a NULL name */

struct calibrate_size {
    double planted; /**< share of work more */
    const char *variant;
};
extern const struct calibrate_size calibrate_sizes[]; /**< rising, ended by a NULL variant */

/** The kind of that name, or NULL. */
const struct calibrate_kind *calibrate_kind_find(const char *name);

/**
 * Adds the kinds that a word of --kinds means, "all", a group or a kind, to those of the calibration, each
 * once. Returns 0; -EINVAL with all that can be named in the problem.
 */
int calibrate_kinds_take(struct calibration *calibration, const char *word, struct problem *problem);

/** As a word of --sizes, in per cent. Sizes are kept rising. */
int calibrate_sizes_take(struct calibration *calibration, const char *word, struct problem *problem);

/** "group (kind, kind), group (kind)" and "0, 0.1, …", for the help. Cut to `size`. */
void calibrate_kinds_help(char *text, size_t size);
void calibrate_sizes_help(char *text, size_t size);

#endif
