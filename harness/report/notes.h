/* What belongs under the tables: legend, absent counters, disturbances, skipped points, settings, how to
 * read. */
#ifndef REPORT_NOTES_H
#define REPORT_NOTES_H

#include "report/text.h"
#include "store/result.h"

#include <stddef.h>

struct note {
    const char *label; /**< "absent", "noise"; at most 10 columns */
    struct text text;
};

struct notes {
    struct note *items;
    size_t count, capacity;
    struct text nowhere; /**< where a note goes that memory had no room for */
    bool failed;
};

/** Collects the notes of a run. Returns 0 or -ENOMEM; free with notes_close. */
int notes_open(struct notes *notes, const struct run *run);
void notes_close(struct notes *notes);

#endif
