/* How long a point will take, once its first replicate is known. Pure. */
#ifndef MEASURE_FORECAST_H
#define MEASURE_FORECAST_H

#include "measure/runner.h"

/** What a point costs, in seconds. */
struct point_costs {
    unsigned replicates; /**< that there are at the most */
    double around,
        timing; /**< of one replicate: outside of its timing rounds (links, start, verification), and in them */
    double simulation; /**< of the point; 0: none */
    double compiling;  /**< that went by before the point, once for all; 0: none, or another point's */
    double budget;
};

/** What that comes to, with its cause in words. */
void forecast_point(const struct point_costs *costs, struct runner_forecast *forecast);

#endif
