/* Running a tool such as a compiler to its end. */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include "base/child.h"
#include "base/problem.h"
#include "base/words.h"

#include <signal.h>
#include <stddef.h>

/** When a command is ended before its own end. */
struct command_limits {
    double time_s;                            /**< longest it may take */
    const volatile sig_atomic_t *interrupted; /**< NULL, or: ended once this is set */
};

/** What became of a command. */
struct command_result {
    int exit_status; /**< 0 to 255; 128 + n where signal n ended it */
    char *out;       /**< what it wrote to standard output, 0-terminated */
    size_t out_size;
    char *err; /**< the same of standard error */
    size_t err_size;
};

/**
 * Runs a command (searched for in $PATH) in a process group of its own, with nothing to read; ends the whole
 * group at the time limit or when interrupted. Returns 0 whatever the command's exit status, or with the
 * problem -ENOENT or -EACCES (cannot be run), -ETIMEDOUT, -EINTR (interrupted), or another -errno. *result is
 * to be cleared in any case.
 */
int command_run(const struct words *command, const struct command_limits *limits,
                struct command_result *result, struct problem *problem);

/** A command under way; child.pid is 0 where there is none. Private. */
struct command_begun {
    struct child child;
    int out, err;
};

/**
 * Starts a command as command_run does, but one that is trusted to start nothing which outlives it: nothing is between it
 * and this process, of which it needs no copy, and it is killed when this process ends. Returns 0; or with the problem
 * -ENOENT, -EACCES or another -errno, and none is under way. Several may be; close no nursery (base/nursery.h) that was
 * opened before, as that ends them. Wait for each by command_end.
 */
int command_begin(struct command_begun *begun, const struct words *command, struct problem *problem);

/** Waits for a command that was begun. Limits, what it returns, and *result are those of command_run; `name` is for the
 * problem. */
int command_end(struct command_begun *begun, const char *name, const struct command_limits *limits,
                struct command_result *result, struct problem *problem);

void command_result_clear(struct command_result *result);

#endif
