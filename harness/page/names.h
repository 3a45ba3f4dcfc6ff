/* Names of a chart's lines, behind the lines' ends. */
#ifndef PAGE_NAMES_H
#define PAGE_NAMES_H

#include "report/text.h"

#include <stddef.h>

#define LINE_STYLES 6 /* in page.css: s0 to s5 */

struct name_place {
    const char *name;
    size_t style; /**< < LINE_STYLES */
    double y;     /**< where its line ends */
};

/** Prints the names one below another from `x` on, each as near to its line as the others and `bottom` allow. Sorts
 * and moves the places. */
void names_print(struct name_place *places, size_t count, double x, double bottom, struct text *out);

#endif
