/* GitHub-flavoured Markdown. */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include "report/text.h"

/** The style of text that becomes Markdown: no colour, Unicode. */
extern const struct report_style markdown_style;

/** Appends text in which nothing is markup and nothing ends a table's cell or row. */
void markdown_add(struct text *out, const char *string);

#endif
