/*
 * What is to be said of the replicates of a comparison: kinds of processes, neighbours, what may be missed.
 */
#ifndef REPORT_DRAWS_H
#define REPORT_DRAWS_H

#include "report/text.h"
#include "store/result.h"

#include <stdbool.h>

/** Whether its replicates fall into two kinds that lie further apart than delta. */
bool draws_have_kinds(const struct run *run, const struct comparison *comparison);

/** "two kinds of processes: 1.52× in 13, 2.95× in 3 of 16": of links, where they are what was drawn; of
 * either, where each process had a link of its own and it cannot be told. */
void draws_print_kinds(const struct run *run, const struct comparison *comparison, struct text *text);

/** Whether neighbouring replicates resemble each other more than chance explains. */
bool draws_are_serial(const struct comparison *comparison);

/** "neighbouring replicates resemble each other (…): …". */
void draws_print_serial(const struct comparison *comparison, struct text *text);

/** "32 replicates; of a kind that up to 9 % of the processes are, none may have been drawn"; nothing for a
 * file from before. */
void draws_print_count(const struct comparison *comparison, struct text *text);

#endif
