/* Runs over time, as an index over result files tells them. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/result.h"

/** One run in a list. */
struct history_run {
    char id[64], started[32], commit[80], compiler[128], machine[64];
    char machine_key[17];                      /**< fingerprint_identity, hex: one machine has one */
    size_t verdicts[VERDICT_INCONCLUSIVE + 1]; /**< comparisons by verdict */
    bool complete;
};

/** One value of a series. */
struct history_value {
    char id[64], started[32], commit[80], compiler[128];
    double time_ns; /**< candidate's median an item; NAN: invalid */
    double speedup; /**< NAN: invalid */
};

/** One comparison over the runs of one machine, oldest first. */
struct history_series {
    char case_name[RESULT_NAME], kernel[RESULT_NAME], point[256], baseline[RESULT_NAME];
    char candidate[128]; /**< the variant; of a gate, whose variants are revisions, the command */
    char machine[64], machine_key[17];
    struct history_value *values;
    size_t count;
};

struct history {
    struct history_run *runs;
    size_t run_count;
    struct history_series *series;
    size_t series_count;
    size_t unreadable;           /**< files in the folder that are no result files, or damaged */
    char first_unreadable[1024]; /**< why, of the first */
};

/** What of it is wanted; NULL: any. A commit is wanted by how it begins, a compiler by a part of its name. */
struct history_filter {
    const char *case_name, *machine, *commit, *compiler;
};

void history_clear(struct history *history);

#endif
