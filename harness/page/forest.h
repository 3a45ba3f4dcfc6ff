/* Speedups with their intervals on one logarithmic axis, a row a comparison or a candidate. */
#ifndef PAGE_FOREST_H
#define PAGE_FOREST_H

#include "page/scale.h"
#include "report/case_view.h"
#include "store/load.h"

/** The axis that all rows of a run share: places in percent of a row's width. */
struct forest {
    struct scale scale;
    double delta;
    size_t number; /**< of the run in the page, from 1 on */
};

void forest_open(struct forest *forest, const struct run *run, size_t number);

/** The same of a load: how much better candidates are. */
void forest_open_load(struct forest *forest, const struct load *load, size_t number);

/** The background of all rows, once a run, as a rule of a style sheet: the ticks' lines, 1× and the band of ±delta. */
void forest_define(const struct forest *forest, struct text *out);

/** The axis with its numbers, for the head of the column. */
void forest_axis(const struct forest *forest, struct text *out);

/** The opening tag of a cell that shows an interval and the verdict's shape at the estimate, by the style sheet alone; what
 * lies beyond the axis has an arrow. Of an invalid one it shows nothing but the axis. Decoration: its numbers stand beside
 * it. */
void forest_cell(const struct forest *forest, enum verdict verdict, struct interval ratio, struct text *out);

/** All comparisons of a view in one row, with words for who does not see it. */
void forest_points(const struct forest *forest, const struct case_view *view, struct text *out);

#endif
