/* What the ways to make a folder of one's own share. */
#ifndef CLI_NEW_H
#define CLI_NEW_H

#include "base/words.h"
#include "cli/cli.h"

/** Reads a whole file, to be freed. 0 or -errno with the problem. */
int new_read(const char *path, char **text, struct problem *problem);

/** Writes a new file; one that is there is an error. 0 or -errno with the problem. */
int new_write(const char *path, const char *text, struct problem *problem);

/**
 * Copies the case `from` (a name, or a folder with a slash) into the folder `to` with the sources of its kernel, case
 * and kernel named `name`: from the same folder, where a kernel lies there, else from those of the program. The recorded
 * table of the lesson is not copied, since the copy was not measured. 0 or -errno with the problem.
 */
int new_copy_case(const struct paths *paths, const char *from, const char *to, const char *name,
                  struct problem *problem);

/** What `new --from OLD NEW` was asked for. */
struct new_setup {
    char *files[2];       /**< the baseline's source and the candidate's */
    const char *name;     /**< of the setup; NULL: by the function's */
    const char *folder;   /**< where it is made */
    const char *function; /**< NULL: the one that both files define */
    const char *cflags;   /**< NULL: none */
    struct words headers; /**< to be included, as the user gave them */
    bool quiet;
};

/** Whether `from` names a source rather than a case. */
bool new_is_source(const char *from);

/**
 * Writes a setup (docs/DUEL.md) that calls the function which both sources define, once it compiles behind each of them,
 * and says how it is run. Returns the exit status; an existing file is left alone.
 */
int new_write_setup(const struct new_setup *setup);

/** 0, or -EINVAL with the problem: what a kernel, a case or a setup may be called. */
int new_check_name(const char *name, struct problem *problem);

/** Says that `path` exists. -EEXIST. */
int new_refuse_existing(const char *path, struct problem *problem);

/** FOLDER/NAME, and NAME alone for the current folder. 0 or -ENAMETOOLONG with the problem. */
int new_join_path(const char *folder, const char *name, char path[4096], struct problem *problem);

#endif
