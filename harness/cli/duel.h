/* The ways of `countersign duel`, one file each; duel.c tells them apart by the words of the command line. */
#ifndef CLI_DUEL_H
#define CLI_DUEL_H

#include <stdbool.h>

#include "cli/options.h"

/** Each reads the whole command line of the verb (argv[0] is "duel") and returns the exit status. */
int duel_commands(int argc, char **argv); /**< 'cmd A' 'cmd B' …: no option of the others */
int duel_sources(int argc, char **argv);  /**< --call: source files or libraries that define one function */
/** The same on behalf of another way, whose command line (taken over) goes on record. */
int duel_sources_for(int argc, char **argv, char *command);
/** The same of the libraries that two built revisions left at `library`, with the options in `rest`. */
struct revision_place;
struct words;
int duel_libraries(const struct revision_place *places, const char *library, const struct words *rest,
                   char *command);
int duel_benchmarks(int argc, char **argv); /**< --google-benchmark: two executables of it */
int duel_git(int argc, char **argv);        /**< --git: two revisions, by command or by function */
int duel_record(int argc, char **argv);     /**< --record: a program whose calls are saved, for --inputs */

/** Options of the ways that are no commands, each ended by a row without name and help. */
const struct option_row *duel_source_rows(void);
extern const struct option_row duel_git_rows[], duel_record_rows[];

/** Adds rows behind those of a table that has room for DUEL_ROWS; its end moves. */
#define DUEL_ROWS 144
void add_option_rows(struct option_row *table, const struct option_row *rows);

/** Whether a word names a C or C++ source, or a shared library, that is there: nothing that a shell would run. */
bool duel_is_source(const char *word);

#endif
