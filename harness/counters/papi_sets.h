/* PAPI event sets, one a thread, and PAPI's errors. Private to counters/. */
#ifndef COUNTERS_PAPI_SETS_H
#define COUNTERS_PAPI_SETS_H

#include "counters/counters.h"

/** Most events of one set: the vocabulary and the sentinel. */
#define PAPI_SET_EVENTS (COUNTER_EVENTS + 1)

/**
 * Starts PAPI, once a process, and finds its perf_event component. Returns the component's index (>= 0), or
 * -ENOTSUP with the reason in one line.
 */
int papi_component(char *reason, size_t reason_size);

/** Version of PAPI in use, "7.0.0.0"; empty before papi_component succeeded in starting it. */
void papi_version_text(char *text, size_t size);

/** The errno (positive) that comes nearest to a PAPI status below 0. */
int papi_errno(int status);

/**
 * Makes an event set for one thread, inherited by the threads it creates, counting `codes` in user mode
 * (PAPI's default domain). All or nothing: PAPI can leave a set with part of its events after an add that
 * failed, and start it without complaint, so such a set is destroyed. Returns 0 (*set is to be destroyed with
 * papi_set_destroy) or PAPI's status.
 */
int papi_set_create(int component, pid_t thread, const int *codes, size_t count, int *set);

/** Stops a set if it runs, and frees it. PAPI_NULL is ignored. */
void papi_set_destroy(int *set);

/** Runs a new set for a moment: 0 if it starts, reads and stops, else PAPI's status. */
int papi_set_try(int set);

#endif
