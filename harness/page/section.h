/* The parts of a page about one result. Private to page/. */
#ifndef PAGE_SECTION_H
#define PAGE_SECTION_H

#include "page/forest.h"
#include "page/page.h"
#include "report/notes.h"

/** "r1-c4": the element of the case that comparison `index` belongs to. */
void section_case_id(const struct run *run, size_t number, size_t index, struct text *out);

/** A comparison's verdict and its speedup, as attributes that the page's script filters and sorts by. */
void section_data(const struct comparison *comparison, struct text *out);

/** "n = 8, hit = 50 %" of a comparison among those of its case; the candidate before it where there are several. */
void section_point(const struct case_view *view, const struct comparison *comparison, bool candidate,
                   struct text *out);

/** One case with the comparison `index` as its first: lesson, sentences, charts, table, details. 0 or -errno. */
int section_case(const struct forest *forest, const struct run *run, size_t index, struct text *out);

/** The counters, predictions and processes of one comparison; what else is to be said of it is in shared.h. 0 or
 * -errno. */
int section_details(const struct run *run, const struct comparison *comparison, struct text *out);

/** The machine: drawn, and in words. */
void section_host(const struct fingerprint *host, struct text *out);

/** The same, its counters by source, and what disturbed the run. 0 or -errno. */
int section_machine(const struct run *run, struct text *out);

/** Number of verdicts, of which tiles count each. */
#define SECTION_VERDICTS 5

/** Counts of verdicts, by enum verdict, as tiles; further `<li>` may follow, then `</ul>`. */
void section_tiles(const size_t counts[SECTION_VERDICTS], struct text *out);

/** Their sizes as a bar; decoration. Without any it is empty. */
void section_shares(const size_t counts[SECTION_VERDICTS], struct text *out);

/** When and where it was measured, with which command, and what would make somebody doubt all of it. */
void section_facts(const struct page_result *source, struct text *out);

/** Which file a result is from, as the last line of it. */
void section_origin(const struct page_result *source, struct text *out);

/** All of a load. 0 or -ENOMEM. */
int section_load(const struct page_result *source, size_t number, struct text *out);

/** Labelled lines as a list of terms; what repeats its label shares the term. */
void section_notes(const struct notes *notes, struct text *out);

#endif
