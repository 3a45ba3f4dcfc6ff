/* Where a run's result goes, and what is said at its end. */
#ifndef CLI_RUN_OUTPUT_H
#define CLI_RUN_OUTPUT_H

#include "cli/cli.h"

/**
 * Chooses the result file: `output` (NULL: the user's results folder) is a file if it ends in ".json" and is
 * no folder, else a folder, made if need be, for a file named after `id`. Tried at once, because hours of
 * samples must not meet a closed door. Returns 0 or -errno with the problem.
 */
int choose_output(const char *output, const struct paths *paths, const char *id, char *path, size_t size,
                  struct problem *problem);

/**
 * Writes the result file, prints the run and, of all that went wrong, one line. `failure` (may be NULL) is
 * what ended the run early. Returns the exit status.
 */
int conclude_run(const struct run *run, const struct table_request *request, const char *path,
                 const struct problem *failure);

#endif
