/* What is to be said of several points of a case in the same words: once, with a number that each of them names, or as of
 * all points. */
#ifndef PAGE_SHARED_H
#define PAGE_SHARED_H

#include "report/case_view.h"
#include "report/notes.h"

/** A line about one point. */
struct shared_line {
    const struct note *note;
    const struct shared_line *first; /**< with the same words; NULL: they are not shared */
    bool everywhere;                 /**< every point has it */
    size_t number;                   /**< from 1 on, of words that only some share */
};

struct shared_notes {
    struct notes *notes; /**< of each row of the view */
    size_t row_count;
    struct shared_line *lines; /**< of all rows, in their order */
    size_t line_count;
};

/** Collects the lines of all rows of a view, but for predictions, which section_details lists one by one. 0 or -ENOMEM; free with shared_close, which is safe on {0}. */
int shared_open(struct shared_notes *shared, const struct case_view *view);
void shared_close(struct shared_notes *shared);

/** The lines that are shared: of all points, then, numbered, of some. */
void shared_print(const struct shared_notes *shared, struct text *out);

/** The other lines of a row, and the numbers of those that it shares with some. */
void shared_print_row(const struct shared_notes *shared, size_t row, struct text *out);

#endif
