/* This machine's newest results. */
#ifndef CLI_NEWEST_H
#define CLI_NEWEST_H

#include "cli/cli.h"

/** Newest files of the results folder that are looked into. */
#define NEWEST_FILES 64

struct newest {
    struct paths paths;
    char **names;     /**< of the results folder, the oldest first */
    size_t count;     /**< those not looked into yet */
    size_t left;      /**< how many more are looked into */
    char machine[64]; /**< this one, as struct fingerprint has it */
};

/** Opens the results folder for this machine. 0 or -errno with the problem; close it in any case. */
int newest_open(struct newest *newest, struct problem *problem);
void newest_close(struct newest *newest);

/**
 * Loads the next older run that this machine made and that names `case_name` (NULL: any case). What is no run, or
 * was damaged or changed after it was written, is passed over. `path` gets its file. 0; -ENOENT: there is no more, or
 * NEWEST_FILES were looked into.
 */
int newest_next(struct newest *newest, const char *case_name, struct run *run, char path[8192]);

#endif
