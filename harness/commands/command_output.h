/* What commands wrote, and where two of them differ. */
#ifndef COMMANDS_COMMAND_OUTPUT_H
#define COMMANDS_COMMAND_OUTPUT_H

#include <stddef.h>

/**
 * What a command wrote. In memory of this process alone: a file that is open could be read by the next
 * command, as its rival's answer. Starts zeroed.
 */
struct command_output {
    char *bytes;
    size_t size;
};

/** Replaces `output` by what is in the file, which is empty after it. 0 or -errno. */
int output_take(int file, struct command_output *output);
void output_clear(struct command_output *output);

/**
 * Compares two outputs bit by bit. Returns 0 if they are the same; 1 if not, with the first difference in
 * words: "line 3, byte 5: got 'b', expected 'a'" (`got` is `other`'s, the byte counts from 1 within the
 * line).
 */
int output_compare(const struct command_output *expected, const struct command_output *other, char *text,
                   size_t size);

/** The last line that is not empty, for messages, without control characters; empty if there is none. */
void output_last_line(const struct command_output *output, char *text, size_t size);

#endif
