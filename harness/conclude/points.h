/* Points of a case that differ in one parameter. */
#ifndef CONCLUDE_POINTS_H
#define CONCLUDE_POINTS_H

#include "store/result.h"

/** A point's value of a parameter; NULL where it has none. */
const struct point_value *point_value_of(const struct point *point, const char *name);

/** A point without one parameter. */
struct point point_without(const struct point *point, const char *parameter);

/** Whether two points have the same parameters and values, in any order. */
bool point_equals(const struct point *first, const struct point *second);

#endif
