/* What the verbs share. Only cli/ prints and exits. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/problem.h"
#include "cli/options.h"
#include "host/topology.h"
#include "store/case_file.h"
#include "store/result.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Exit status of the program; part of its interface. */
enum exit_status {
    EXIT_DONE = 0,         /**< done, every comparison valid */
    EXIT_NOT_MET = 1,      /**< a required verdict or gate was not met */
    EXIT_USAGE = 2,        /**< wrong usage or input, or a file that cannot be read or written */
    EXIT_INVALID = 3,      /**< a comparison was invalid */
    EXIT_NOTHING = 4,      /**< nothing could be measured */
    EXIT_INTERRUPTED = 128 /**< plus the number of the signal; what was complete is kept */
};

/** One verb. */
struct verb {
    const char *name;
    int (*main)(int argc, char **argv); /**< argv[0] is the verb; returns the exit status */
    const char *summary;
    const struct verb_options *(*options)(void); /**< the whole table, also of a verb of several ways */
    bool measures;                               /**< opens more files than a bare process may be allowed */
};
/** All verbs, ended by one without a name. */
extern const struct verb verbs[];
#define DECLARE_VERB(name)                                                                                   \
    int verb_##name(int argc, char **argv);                                                                  \
    const struct verb_options *name##_options(void)
DECLARE_VERB(bisect);
DECLARE_VERB(calibrate);
DECLARE_VERB(compare);
DECLARE_VERB(completion);
DECLARE_VERB(doctor);
DECLARE_VERB(duel);
DECLARE_VERB(explain);
DECLARE_VERB(gate);
DECLARE_VERB(history);
DECLARE_VERB(list);
DECLARE_VERB(load);
DECLARE_VERB(new);
DECLARE_VERB(profile);
DECLARE_VERB(report);
DECLARE_VERB(run);
DECLARE_VERB(show);
DECLARE_VERB(verify);
/** `run` on behalf of another verb, whose command line (taken over) goes on record. */
int run_for(int argc, char **argv, char *command);

/** Prints "countersign: TEXT" to stderr, in one line without control characters, and returns `status`. */
__attribute__((format(printf, 2, 3))) int fail(enum exit_status status, const char *format, ...);

/**
 * Prints and flushes lines of text in the stream's characters: ASCII where the locale has no more, nothing
 * that controls a terminal. Returns 0 or -errno.
 */
int print_text(const char *text, FILE *stream);

/**
 * Prints the explanation of a verb, its paragraphs and options wrapped to the stream's width: lines that go
 * on under the text of the one before are joined with it. 0 or -errno.
 */
int print_help(const char *help, FILE *stream);

/**
 * As print_text; on a terminal, rows that are too long go on under their last column. Elsewhere a row stays a
 * line, for the programs that read it. 0 or -errno.
 */
int print_rows(const char *rows, FILE *stream);

/**
 * Whether `error` (-errno) says that nobody reads any more, as `head` leaves: no failure, and no word about
 * it.
 */
bool reader_left(int error);

/** `error` of standard output in words. */
const char *output_problem(int error);

/** `status`, or EXIT_USAGE after a message where writing to standard output ended with another
 * `error` (-errno) than that the reader left. */
int finish_output(int error, int status);

/** Where the program's data lie; all end without a slash. */
struct paths {
    char worker[4096];    /**< the program that workers run */
    char kernels[4096];   /**< $COUNTERSIGN_KERNELS, or lib/countersign/kernels beside bin/ */
    char cases[4096];     /**< $COUNTERSIGN_CASES, or share/countersign/cases beside bin/ */
    char include[4096];   /**< folder of countersign.h: include beside bin/ */
    char templates[4096]; /**< share/countersign/templates beside bin/ */
    char sources[4096];   /**< of the kernels: share/countersign/kernels beside bin/ */
    char results[4096]; /**< $COUNTERSIGN_RESULTS, or results/runs where ./results is, or below $XDG_DATA_HOME
                         */
};
/** 0 or -errno with the problem. */
int paths_find(struct paths *paths, struct problem *problem);

/** Whether the build left a kernel out, and its reason: a package or library that it needs was missing. */
bool read_missing(const struct paths *paths, const char *kernel, char *reason, size_t size);

/** Names in a folder that end in `suffix` (cut off), or of folders that hold `holds`; sorted,
 * NULL-terminated; free with names_free. */
char **names_with_suffix(const char *folder, const char *suffix, size_t *count);
char **names_of_folders(const char *folder, const char *holds, size_t *count);
void names_free(char **names);

/** The path of the newest run in the results folder. 0 or -errno with the problem. */
int find_newest_run(char *path, size_t size, struct problem *problem);

/**
 * Folders of the program's cases below paths->cases, "GROUP/NAME", then "NAME"; NULL-terminated, *count of them; free with
 * names_free. NULL where there is no memory.
 */
char **case_folders(const struct paths *paths, size_t *count);

/** The case's name: the last of a folder's. */
const char *case_folder_name(const char *folder);

/**
 * Loads a case by name (below paths->cases, in whatever group) or by path (if it holds a slash). 0 or -errno with the problem.
 */
int load_case(const struct paths *paths, const char *name, struct case_file *file, struct problem *problem);

/**
 * Adds a native event to a list of at most COUNTER_NATIVE_EVENTS; one that is there already is no error.
 * Prints what is wrong with it, behind `where` ("--event"), and returns -1; else 0.
 */
int add_native_event(const char *where, const char *name, char (*events)[COUNTER_NAME], size_t *count);

/** Formats of tables, in the order of their words. */
enum table_format {
    FORMAT_TABLE,
    FORMAT_MARKDOWN,
    FORMAT_CSV,
    FORMAT_JSON,
    FORMAT_GOOGLE_BENCHMARK,
    FORMAT_OPENMETRICS,
    FORMAT_JUNIT
};
#define TABLE_FORMATS ONE_OF("table", "markdown", "csv", "json")
/** The same, and those of other tools: of `show` alone. */
#define EXPORT_FORMATS ONE_OF("table", "markdown", "csv", "json", "google-benchmark", "openmetrics", "junit")
/** What is printed of a run. */
struct table_request {
    enum table_format format;
    bool tables, notes,
        details; /**< of FORMAT_TABLE, see report_extent; details: each comparison by itself instead */
};
/** Rows of the options that choose it, for tables of options. */
#define TABLE_OPTION(value)                                                                                  \
    { "tables", NULL, (value), "the table of each case, also of several", FLAG }
#define NOTES_OPTION(value)                                                                                  \
    {                                                                                                        \
        "notes", NULL, (value),                                                                              \
            "every note in full: counters that are absent and why, what disturbed the run, settings", FLAG   \
    }
/** Refuses what the format has no place for, after a message that names the verb: EXIT_DONE or EXIT_USAGE. */
int check_table_request(const char *verb, const struct table_request *request);
/** Prints a run to standard output; returns 0 or -errno. */
int print_run(const struct run *run, const struct table_request *request);

/**
 * Whether this process may use what measuring needs: memory, stack, files, processes (ulimit). 0, or
 * EXIT_USAGE after naming the limit that is too small.
 */
int require_limits(void);

/** Installs handlers for SIGINT, SIGTERM, SIGHUP and SIGXCPU that note the signal; one that was ignored stays
 * so (nohup). */
extern volatile sig_atomic_t caught_signal;
void catch_signals(void);

#endif
