/* A result file of whatever kind: which it is shows when it is read. */
#ifndef STORE_RESULT_FILE_H
#define STORE_RESULT_FILE_H

#include "store/calibration.h"
#include "store/load.h"
#include "store/result.h"

struct result_file {
    enum result_kind { RESULT_RUN, RESULT_CALIBRATION, RESULT_LOAD } kind;
    struct run run; /**< one of the three is filled, the others are empty */
    struct calibration calibration;
    struct load load;
};

/** Reads a file, plain or gzip-compressed, "-" standard input. Refuses as run_load does; then it is cleared. 0 or -errno. */
int result_file_load(struct result_file *file, const char *path, struct problem *problem);

/** The same, with the file's text without compression; *text is the caller's. */
int result_file_load_text(struct result_file *file, const char *path, char **text, size_t *length,
                          struct problem *problem);

void result_file_clear(struct result_file *file);

/** Of the one that is filled. */
const struct file_digest *result_file_digest(const struct result_file *file);

#endif
