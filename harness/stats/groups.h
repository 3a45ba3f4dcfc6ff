/* Values that fall into two kinds, as of processes or links: pure functions. */
#ifndef STATS_GROUPS_H
#define STATS_GROUPS_H

#include <stddef.h>

/** Two groups of values; low_count and high_count are 0 where there is one kind only. */
struct value_groups {
    size_t low_count, high_count;
    double low, high; /**< their means; NAN where there is one kind */
};

/**
 * Whether `count` values fall into two separated groups. Of all cuts of the sorted values that leave at least
 * 2, and at least a sixteenth, on either side, the one with the largest gap is taken, in standard deviations
 * within the groups (pooled, count - 2 degrees of freedom). It separates them if the gap is above
 * 2.5 + 61 / (count - 2)^1.5: under 1 % of samples of the normal distribution and of Student's t with 5
 * degrees of freedom have such a gap, at 4 to 512 values (tests/stats/test_groups.c). Fewer than 4 values are
 * one kind. Sorts `values`, which must be finite, in place.
 */
struct value_groups groups_find(double *values, size_t count);

#endif
