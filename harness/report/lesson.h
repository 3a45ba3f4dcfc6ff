/* A case's lesson, which is Markdown, for the terminal. */
#ifndef REPORT_LESSON_H
#define REPORT_LESSON_H

#include "report/text.h"

/**
 * Where the recorded table of a case stands in its lesson: from the line "<!-- table: NAME -->" to the line
 * "<!-- end -->", both included. Returns its first byte and sets *end behind its last one; NULL where there is none.
 */
const char *lesson_table(const char *lesson, const char *case_name, const char **end);

/**
 * Appends Markdown as text: headings stand out, paragraphs and lists are wrapped to the style, tables aligned, or
 * told row by row where they are too wide, code left as it is, comments left out. Emphasis and the addresses of
 * links within the project go; other addresses stay, in parentheses. `bytes` of `markdown` are read.
 */
void lesson_print(struct text *out, const struct report_style *style, const char *markdown, size_t bytes);

#endif
