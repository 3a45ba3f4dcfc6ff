/*
 * Starting, following and ending a child. Who wants one finds it here:
 *
 *   child_fork         a copy of this process, which may become another program, and ends with this one
 *   child_read         a tool that is trusted to end, whose output is read as it comes
 *   child_launch       a program, started without a copy of this process, which ends with this one
 *   command_run        (base/command.h) a tool to its end or its limit, what it printed kept, nothing of it left
 *   command_begin      (base/command.h) the same of a tool that is trusted to start none, beside others and this process
 *   nursery_call       (base/nursery.h) work in a process between, which ends all it started, however this one ends
 *   orphans_end_child  (base/orphans.h) how a child ends for good, with all that it started
 *
 * What is waited for differs, and stays with who waits: a worker's beats, memory and offspring (run/supervisor.h); an
 * execution that is timed from just before exec, started by vfork (commands/command_process.h); a server's answer
 * (run/service.h, commands/command_server.h); several processes at once (run/seats.h); those that run until they are
 * killed (measure/neighbour.h). A fork that tries what may crash or be refused, and starts nothing, needs none of this.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct child {
    pid_t pid; /**< 0: there is none */
    int pidfd; /**< -1: there is none */
};

/**
 * fork(2). Returns 0 in the child, which is killed when its parent ends; the child's number in the parent; or -errno
 * with the name of the call that failed in *call, and no child. End it with orphans_end_child or waitpid, and close the
 * pidfd.
 */
pid_t child_fork(struct child *child, const char **call);

/**
 * In a child that is to become a program: makes a session of its own, without a terminal; signals that the program
 * handles or ignores do again what they do by default; there is nothing to read, and output goes to these descriptors.
 * Returns NULL, or the call that failed, with errno.
 */
const char *child_cut_off(int output, int errors);

/**
 * Starts a program, searched for in $PATH, by vfork(2) and child_cut_off; it is killed when this process ends. Returns 0,
 * or -errno with the name of the call that failed ("exec": there is no such program, or it cannot be run), and no child.
 */
int child_launch(struct child *child, char *const *argv, int output, int errors, const char **call);

/** Whether it has ended, within `wait_ms`; it is still to be waited for. */
bool child_has_ended(const struct child *child, int wait_ms);

/**
 * Sends SIGTERM to `whom`, its number or its group's, and gives it 2 s: one that is told to end removes its temporary
 * files, one that is killed cannot.
 */
void child_tell_to_end(const struct child *child, pid_t whom);

/**
 * How it ended: "ended with exit status 1", "was ended by SIGKILL"; empty where it has not. It is still to be waited
 * for. Returns whether it ended well, with exit status 0.
 */
bool child_describe_end(const struct child *child, char *text, size_t size);

/** Starts a program by child_launch, whose standard output can be read from the stream; it leads a group of processes of its
 * own. NULL with errno. */
FILE *child_read(char *const *arguments, struct child *child);

/** Waits for its end; closes. */
void child_read_end(FILE *stream, struct child *child);

/** The first line that `path --version` prints; empty if there is none. */
void child_read_version(const char *path, char *text, size_t size);

/** Seconds of the monotonic clock, for deadlines. */
double monotonic_s(void);

#endif
