/*
 * A kernel's own counters as PAPI's software-defined events, through libsde: whoever uses PAPI in the process
 * reads them as "sde:::countersign::KERNEL.COUNTER".
 */
#ifndef COUNTERS_APP_EVENTS_H
#define COUNTERS_APP_EVENTS_H

#include <stddef.h>

#define APP_EVENTS 8 /**< registered at the most */

/** Where the counters are read. Called by PAPI, in the thread that asks, until app_events_close. */
struct app_events_source {
    const char *kernel;       /**< its name */
    const char *const *names; /**< of the counters */
    size_t count;             /**< at most APP_EVENTS */
    /** Value of counter `index` so far. */
    long long (*read)(void *context, size_t index);
    void *context;
};

struct app_events;

/**
 * Registers the counters. libsde is loaded at run time, since it is not everywhere; PAPI finds it if it is
 * started afterwards. Returns 0 and *events, to be closed while `source->context` lives; -ENOTSUP without
 * libsde, -EINVAL for too many counters, -EIO where libsde refuses one, -EALREADY the second time in a
 * process: libsde 1.0 crashes where a counter is registered again after it was taken back.
 */
int app_events_open(const struct app_events_source *source, struct app_events **events);

/** Takes them back. NULL is ignored. libsde stays loaded. */
void app_events_close(struct app_events *events);

#endif
