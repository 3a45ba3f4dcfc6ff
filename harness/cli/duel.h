/* The ways of `countersign duel`, one file each; duel.c tells them apart by the words of the command line. */
#ifndef CLI_DUEL_H
#define CLI_DUEL_H

/**
 * Each reads the whole command line of the verb (argv[0] is "duel") and returns the exit status. A way's help
 * is lines of options under a heading of its own, without a usage line; `duel --help` prints them one after
 * the other.
 */
int duel_commands(int argc, char **argv); /**< 'cmd A' 'cmd B' …: no option of the others */
extern const char duel_commands_help[];
int duel_sources(int argc, char **argv); /**< --call: source files or libraries that define one function */
/** The same on behalf of another way, whose command line (taken over) goes on record. */
int duel_sources_for(int argc, char **argv, char *command);
extern const char duel_sources_help[];
int duel_git(int argc, char **argv); /**< --git: two revisions, by command or by function */
extern const char duel_git_help[];

#endif
