/* What belongs under the tables: legend, absent counters, disturbances, skipped points, settings, how to
 * read. */
#ifndef REPORT_NOTES_H
#define REPORT_NOTES_H

#include "report/text.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

/** The notes under a table; docs/REPORT.md says of each when it is shown. */
enum note_kind {
    NOTE_INCOMPLETE,
    NOTE_COUNTERS,
    NOTE_SCALED,
    NOTE_ABSENT,
    NOTE_NOISE,
    NOTE_CARRY_OVER,
    NOTE_LAYOUT,
    NOTE_OVERLAP,
    NOTE_REPEATS,
    NOTE_EVIDENCE,
    NOTE_VARIANT,
    NOTE_SERVER,
    NOTE_FILES,
    NOTE_KINDS,
    NOTE_NEIGHBOURS,
    NOTE_SAME_CODE,
    NOTE_LIMITS,
    NOTE_SKIPPED,
    NOTE_PLACEBO,
    NOTE_MACHINE,
    NOTE_SETTINGS,
    NOTE_READING,
    NOTE_MARKS,
    NOTE_COUNT
};

struct note {
    const char *label;   /**< "absent", "noise"; at most 10 columns */
    const char *meaning; /**< of all notes of its label for a verdict; NULL: the text says it */
    struct text text;
};

struct notes {
    struct note *items;
    size_t count, capacity;
    struct text nowhere; /**< where a note goes that memory had no room for */
    bool failed;
};

/** Lines of one kind; more are counted, and are in the result file and the CSV. */
#define NOTES_MOST 8

/** Collects the notes of a run. Returns 0 or -ENOMEM; free with notes_close. */
int notes_open(struct notes *notes, const struct run *run);

/**
 * The notes under the details: what the marks of counters mean and why some are absent, machine, settings.
 */
int notes_open_details(struct notes *notes, const struct run *run);

/** Opens a note; the text that it returns stays valid until the next one is opened. `label` is not copied. */
struct text *notes_add(struct notes *notes, const char *label);

/** The same with the label and the meaning of its kind. */
struct text *notes_add_kind(struct notes *notes, enum note_kind kind);

/** Call it when all were added: 0, or -ENOMEM where memory ran out, and the notes are closed. */
int notes_check(struct notes *notes);

/** Where a server ran, and as whom: "on CPU 1, its own". */
void notes_print_place(const struct service *service, struct text *text);

/** Median over replicates of the double at offset `member` of a server's struct service_use. NAN where none knows. */
double notes_median_use(const struct measurement *measurement, size_t service, size_t member);

/** Says of executables of Google Benchmark what could not be compared. */
void notes_add_google_benchmark(struct notes *notes, const struct run *run);

/**
 * Adds what is to be said of counters: the legend of the sources that are shown (by the table, or by the
 * details where `all`), what was simulated at a smaller point, and what is absent, with the reason.
 */
void notes_add_counters(struct notes *notes, const struct run *run, bool all);

/** "lookup-hash-vs-linear hash, n = 8". */
void notes_print_subject(const struct comparison *comparison, struct text *text);
void notes_close(struct notes *notes);

#endif
