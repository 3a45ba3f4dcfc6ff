/* A file that is generated: whole or not there, and left alone where it is the same already. */
#ifndef COMPILE_TEXT_FILE_H
#define COMPILE_TEXT_FILE_H

#include "base/problem.h"

#include <stdbool.h>
#include <stdio.h>

/** A text under way, and where it goes. */
struct text_file {
    char path[8192];
    char *text;
    size_t size;
    FILE *stream; /**< to be written to */
};

/** Begins FOLDER/NAME. 0, or -errno with the problem. */
int text_file_open(struct text_file *file, const char *folder, const char *name, struct problem *problem);

/**
 * Writes it, in any case of the stream. What is there already is left alone, with its time: nothing needs to be
 * compiled, nor looked at, again. 0, or -errno with the problem.
 */
int text_file_close(struct text_file *file, struct problem *problem);

#endif
