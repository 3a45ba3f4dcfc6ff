/* How a run begins: its name, its date and the command line that it came from. */
#ifndef CLI_RUN_START_H
#define CLI_RUN_START_H

#include "store/result.h"

/** The command line, quoted for a shell, behind "countersign". NULL where there is no memory; free it. */
char *quote_command(int argc, char **argv);

/** A seed short enough to be typed again. */
uint64_t draw_seed(void);

/** Has git find the commit, which take_commit then waits for: for what is done meanwhile, of which nothing is timed. */
void commit_anticipate(void);

/** Fills id, date, version, command (taken over) and settings of a run. */
void start_run(struct run *run, const struct run_settings *settings, char *command);

/** Fills the commit of a run, empty outside of a repository: before anything is timed, as git works until then. */
void take_commit(struct run *run);

#endif
