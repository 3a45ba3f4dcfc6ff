/* Result files as one page of HTML that needs nothing beside itself. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "store/result.h"

#include <stdio.h>

/** A run, and where it is from. */
struct page_run {
    const struct run *run;
    const char *name; /**< of its file */
    /** The file's text as embedded_encode wrote it, for `verify` and `show`; NULL: the page does not hold it. */
    const char *embedded;
};

/**
 * Writes the page: what came out at a glance, all comparisons, each case with its charts, the machine, how it was
 * measured, and the embedded results. It is whole without scripts, which filter, sort and change its colours; it
 * loads nothing. Returns 0, -ENOMEM, or -errno of the stream.
 */
int page_write(const struct page_run *runs, size_t count, FILE *stream);

#endif
