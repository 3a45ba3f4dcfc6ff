/*
 * An index over a folder of result files, in SQLite. The files are the truth: the index holds nothing that they do not, follows
 * what was added, changed or removed by size and time of each file, and is made again where it is damaged or of another
 * version. SQLite is taken because its transactions hold what two programs write at once and what a killed one leaves.
 */
#ifndef HISTORY_INDEX_H
#define HISTORY_INDEX_H

#include "base/problem.h"
#include "store/history.h"

struct history_index;

/**
 * Opens the index at `path` (made if need be), or makes it anew with `rebuild`, and holds a lock beside it ("PATH.lock") until it
 * is closed, so that one program at a time follows the files. An index that SQLite finds damaged is made anew. Returns 0, or
 * -errno with the problem.
 */
int history_index_open(struct history_index **index, const char *path, bool rebuild, struct problem *problem);
void history_index_close(struct history_index *index);

/**
 * Takes in what changed in the folder: files that end in .json or .json.gz, in one transaction. A file that cannot be read is
 * noted and left out until it changes. Returns 0, or -errno with the problem: the folder cannot be read, or the index not be
 * written.
 */
int history_index_follow(struct history_index *index, const char *folder, struct problem *problem);

/** The runs of the folder that the filter lets through, oldest first; at most the last `most`. 0 or -errno with the problem. */
int history_index_runs(struct history_index *index, const char *folder, const struct history_filter *filter,
                       size_t most, struct history *history, struct problem *problem);

/** Their series. 0 or -errno with the problem. */
int history_index_series(struct history_index *index, const char *folder, const struct history_filter *filter,
                         struct history *history, struct problem *problem);

#endif
