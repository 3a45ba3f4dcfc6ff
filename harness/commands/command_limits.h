/*
 * How an execution ended, in words, and what cut it short. Two commands that are cut alike give the same output, so
 * an answer that met a limit is no answer, whatever exit statuses are allowed.
 */
#ifndef COMMANDS_COMMAND_LIMITS_H
#define COMMANDS_COMMAND_LIMITS_H

#include "commands/command_output.h"
#include "commands/command_process.h"
#include "store/causes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is known of an execution after its end. */
struct command_ending {
    const struct execution *execution;
    uint64_t file_bytes;                 /**< wanted as --file-limit; 0: none */
    uint64_t memory_bytes;               /**< that --memory-limit allows */
    const char *folder;                  /**< NULL, or: where it was told to leave its files */
    const struct command_output *output; /**< NULL: not kept */
    const struct command_output *errors;
    double time_s;       /**< that --time-limit allows */
    bool ignore_failure; /**< --ignore-failure: its exit status may be any */
    bool is_waivable;    /**< whether --ignore-failure is an option here, and named */
};

/**
 * The limit for execution number `execution`: where a file is cut differs from one to the next by up to 64
 * KiB, so that what is cut is never cut alike, even where nothing else tells. Never below `wanted`, unless
 * this process may write no more itself (ulimit -f). 0: none.
 */
uint64_t command_file_limit(uint64_t wanted, uint64_t execution);

/**
 * Fills `text` with what cut the execution short, as what a command did: "wrote a file or output beyond the
 * limit of 16 MiB (--file-limit)"; leaves it empty where nothing shows. Looks at the signal, the exit status
 * that a shell makes of one, the sizes of output and of files in `folder`, and what standard error says.
 */
void command_limit_met(const struct command_ending *ending, char *text, size_t size);

/**
 * Why it is no answer: the limit that it met, its time, or its exit status; fills `text` with the same in words, with
 * what it said last, to stand behind what it is called: "took longer than 30 s (--time-limit)". FAULT_NONE and empty
 * where it came to a good end.
 */
enum arm_fault command_end_fault(const struct command_ending *ending, char *text, size_t size);

#endif
