/* A part of a run, to be shown by itself. */
#ifndef STORE_RUN_PART_H
#define STORE_RUN_PART_H

#include "store/result.h"

/**
 * Makes `part` the run without what is of other cases; verdicts and their corrections stay those of the
 * whole, and part->whole says of how many comparisons. It borrows from the run, which must outlive it: free
 * it with run_part_free. Returns 0; -ENOENT where nothing is of that case; -ENOMEM.
 */
int run_part_of_case(const struct run *run, const char *case_name, struct run *part);
void run_part_free(struct run *part);

#endif
