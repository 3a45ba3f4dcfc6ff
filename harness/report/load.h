/* A load as a table: what variants do under requests that arrive by a schedule, and what became of the targets. */
#ifndef REPORT_LOAD_H
#define REPORT_LOAD_H

#include "report/style.h"
#include "store/load.h"

#include <stdio.h>

/** For a terminal. 0, -ENOMEM or -errno of the stream. */
int report_load(const struct load *load, const struct report_style *style, FILE *stream);

/** As Markdown. */
int report_load_markdown(const struct load *load, FILE *stream);

#endif
