/*
 * Counting every system call of this process by ptrace(2), whatever the call's name: by a child that traces its
 * parent. Each call stops the thread twice and takes some 10 us instead of 0.1, so nothing is timed meanwhile.
 */
#ifndef COUNTERS_CALL_TRACE_H
#define COUNTERS_CALL_TRACE_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

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
 * Whether all this counts here: traces a child's known calls. Returns 0; or -errno with the reason and the remedy, one
 * line each, the latter may be empty.
 */
int call_trace_probe(char *reason, size_t reason_size, char *remedy, size_t remedy_size);

#endif
