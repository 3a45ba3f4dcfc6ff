/* Result files as one page of HTML that needs nothing beside itself. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "store/load.h"
#include "store/result.h"

#include <stdio.h>

/** A result, and where it is from. */
struct page_result {
    const struct run *run;   /**< or NULL, */
    const struct load *load; /**< and then this */
    const char *name;        /**< of its file */
    /** The file's text as embedded_encode wrote it, for `verify` and `show`; NULL: the page does not hold it. */
    const char *embedded;
};

/**
 * Writes the page: of a run what came out at a glance, all comparisons, each case with its charts; of a load the
 * latencies along the load, all comparisons, the targets; the machine, how it was measured, and the embedded results.
 * It is whole without scripts, which filter, sort and change its colours; it loads nothing. Returns 0, -ENOMEM, or
 * -errno of the stream.
 */
int page_write(const struct page_result *results, size_t count, FILE *stream);

#endif
