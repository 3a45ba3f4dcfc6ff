/*
 * Counting every system call by ptrace(2), whatever the call's name: of this process, by a child that traces its
 * parent; of a command, by a process between this one and it. Each call stops the thread twice and takes some 10 us
 * instead of 0.1, so nothing is timed meanwhile.
 */
#ifndef COUNTERS_CALL_TRACE_H
#define COUNTERS_CALL_TRACE_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

#define CALL_TRACE_NATIVE "ptrace, call by call" /**< what a plan says is programmed */

struct call_trace; /* a tracer at work */

/**
 * Begins to trace all threads of this process, and whatever threads and processes they start from then on. Nothing is
 * counted yet. Call it, and all below, from the thread that is counted alone or with others; start threads before or
 * after, not meanwhile. Returns 0 and *trace, or -errno with the problem: ptrace is refused, or somebody traces this
 * process already.
 */
int call_trace_start(struct call_trace **trace, struct problem *problem);

/** Counts from here on. As often as wanted. */
void call_trace_resume(struct call_trace *trace);

/** Counts no further. Neither this call nor call_trace_resume counts. */
void call_trace_pause(struct call_trace *trace);

/**
 * Ends the tracing; frees. Returns 0 and the calls between each resume and its pause in *calls, or -errno with the
 * problem: -ETIMEDOUT where they were too many to be traced (from then on all ran untraced), -ECANCELED where the
 * tracer was killed.
 */
int call_trace_stop(struct call_trace *trace, uint64_t *calls, struct problem *problem);

/**
 * Room for the tracing of a command, shared with those that are forked from now on. NULL: there is no memory. Free it
 * with call_trace_result.
 */
struct call_trace *call_trace_share(void);

/**
 * Call it in a fresh child that is to become a command. It forks, and returns in the process that is to call execve: all
 * calls after that are counted, of it and of what it starts. The fresh child itself does not return: it traces, ends as
 * the command does, by its exit status or its signal, and takes with it whatever still runs. Where tracing is refused,
 * and once calls are too many, all go on untraced. What is traced cannot trace others, gains no rights from a set-user-ID
 * program, and a SIGSTOP does not hold it.
 *
 * By its parent, since that needs no right to read the memory it has before execve, which is the caller's.
 */
void call_trace_child(struct call_trace *trace);

/**
 * Once the fresh child has ended; frees. Returns 0 and the calls, or -errno with the problem as call_trace_stop does.
 */
int call_trace_result(struct call_trace *trace, uint64_t *calls, struct problem *problem);

/**
 * Whether all this counts here: traces a child's known calls. Returns 0; or -errno with the reason and the remedy, one
 * line each, the latter may be empty.
 */
int call_trace_probe(char *reason, size_t reason_size, char *remedy, size_t remedy_size);

#endif
