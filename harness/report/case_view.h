/* The comparisons of one case in the order in which they are shown, and what varies among them. */
#ifndef REPORT_CASE_VIEW_H
#define REPORT_CASE_VIEW_H

#include "report/text.h"
#include "stats/spread.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

#define CASE_VIEW_PARAMETERS (2 * RESULT_PARAMETERS)

struct case_parameter {
    const char *name;
    bool varies;  /**< takes more than one value in the view, or is missing at some point */
    bool numeric; /**< has no choices */
    size_t distinct;
};

struct case_view {
    const struct run *run;
    const struct comparison **rows; /**< by candidate, then by the other parameters, then along the axis */
    size_t count;
    struct case_parameter parameters[CASE_VIEW_PARAMETERS]; /**< the axis, if any, last */
    size_t parameter_count;
    bool has_axis; /**< the last parameter varies: the numeric one of most values, else a choice */
};

/**
 * Collects the comparisons of `case_name`; of one candidate, or of all where `candidate` is NULL. The view
 * points into the run. Returns 0 (also for an empty view) or -ENOMEM; free with case_view_close.
 */
int case_view_open(struct case_view *view, const struct run *run, const char *case_name,
                   const char *candidate);
void case_view_close(struct case_view *view);

/** The parameter the rows run along, or NULL. */
const struct case_parameter *case_view_axis(const struct case_view *view);

/** The measurement that a comparison was concluded from; NULL where the run does not hold it. */
const struct measurement *measurement_of(const struct run *run, const struct comparison *comparison);

/** Shares of the spread of a comparison's replicates; see spread_shares. */
struct spread comparison_spread(const struct comparison *comparison);

/** A point's value of a parameter by name; NULL where it has none. */
const struct point_value *point_find(const struct point *point, const char *name);

/** Whether a point has all values of another one, as of a fit, whose point lacks what it is over. */
bool point_has_values(const struct point *point, const struct point *others);

/** Whether two points have the same values of all varying parameters except the axis. */
bool case_view_same_group(const struct case_view *view, const struct point *first,
                          const struct point *second);

/** "hit = 50 %, order = random": the varying parameters of a point, with or without the axis. */
void case_view_point_text(const struct case_view *view, const struct point *point, bool with_axis,
                          struct text *text);

/** Whether a run has comparisons of more than one case. */
bool has_several_cases(const struct run *run);

/** Index of the first comparison of the run with the case of comparison `index`: equal to `index` if it opens
 * a case. */
size_t first_of_case(const struct run *run, size_t index);

/** Index of the first row with the candidate of row `row`. */
size_t first_of_candidate(const struct case_view *view, size_t row);

#endif
