/* Charts of lines over one axis: what a sweep and a load draw alike. Places are in the units of a `viewBox`. */
#ifndef PAGE_CHART_H
#define PAGE_CHART_H

#include "page/scale.h"
#include "report/format.h"

#define CHART_WIDTH 480.0
#define CHART_HEIGHT 270.0
#define CHART_LEFT 52.0
#define CHART_RIGHT 376.0 /**< names of lines stand behind it */
#define CHART_TOP 12.0
#define CHART_BOTTOM 226.0
#define CHART_TICKS 7  /**< across, where nothing else asks for another number */
#define CHART_LINES 32 /**< more than a kernel has variants */
#define CHART_POINTS 256

/** One line: where its points lie along the axis, and what is shown there; NAN where there is nothing. */
struct chart_line {
    const char *name;
    size_t style;  /**< below LINE_STYLES */
    bool separate; /**< points are of things, not of numbers: no line joins them */
    size_t count;  /**< of points, at most CHART_POINTS */
    double places[CHART_POINTS];
    struct interval values[CHART_POINTS];
};

/** The scale of times, with some room at either end; high is not above low where the range is empty. */
struct scale chart_time_scale(struct interval range);

/** "2 ns", without the zeros that a table needs; "1.5×". */
void chart_time_label(double value, char text[FORMAT_SIZE]);
void chart_ratio_label(double value, char text[FORMAT_SIZE]);

/** Behind a figure's caption: the picture's beginning, up to the words that stand for it. */
void chart_open(struct text *out);

/** At most so many lines across and their labels, of round numbers. Then ticks, then the axis' name, which ends it. */
void chart_grid(const struct scale *y, size_t most, void (*label)(double value, char text[FORMAT_SIZE]),
                struct text *out);

/** A tick of the axis, with its label where the one before has left room: *free_from starts as 0. */
void chart_tick(double x, const char *label, double *free_from, struct text *out);

/** What the axis is of; the last of it. */
void chart_axis_name(const char *name, struct text *out);

/** Intervals as a band, one for each stretch without a hole. */
void chart_band(const struct scale *y, const struct chart_line *line, struct text *out);

/** What joins the points; marks are the caller's. */
void chart_path(const struct scale *y, const struct chart_line *line, struct text *out);

/** Names beside the lines' last points, none upon another. At most CHART_LINES. */
void chart_names(const struct scale *y, const struct chart_line *lines, size_t count, struct text *out);

#endif
