/* Verdicts as shapes: the same in charts and beside words, so that a page is read without its colours. */
#ifndef PAGE_MARKS_H
#define PAGE_MARKS_H

#include "report/text.h"
#include "stats/verdict.h"

/** "▲", "▼", "■", "◇", "✕". */
const char *mark_of_verdict(enum verdict verdict);

/** Shapes that `<use href="#m-VERDICT">` refers to, once a page. They take the colour of the verdict that encloses them. */
void marks_define(struct text *out);

/** "▲ faster ★" as an element in its colour; the star where a target is met. */
void verdict_element(struct text *out, enum verdict verdict, bool star);

#endif
