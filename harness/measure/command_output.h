/* What commands wrote, and where two of them differ. */
#ifndef MEASURE_COMMAND_OUTPUT_H
#define MEASURE_COMMAND_OUTPUT_H

#include <stddef.h>

/**
 * Compares two files bit by bit. Returns 0 if they are the same; 1 if not, with the first difference in
 * words: "line 3, byte 5: got 'b', expected 'a'" (`got` is `other`'s, the byte counts from 1 within the
 * line); or -errno.
 */
int output_compare(int expected, int other, char *text, size_t size);

/** The last line that is not empty, for messages, without control characters; empty if there is none. */
void output_last_line(int file, char *text, size_t size);

#endif
