/* One command without a rival: its times, and no claim. */
#ifndef CLI_DUEL_ALONE_H
#define CLI_DUEL_ALONE_H

#include "cli/cli.h"

/**
 * Prints what was measured of the baseline of each measurement, and writes the result file where `path` is
 * not NULL. `failure` (may be NULL) is what ended the run early. Returns the exit status.
 */
int conclude_alone(const struct run *run, enum table_format format, const char *path,
                   const struct problem *failure);

#endif
