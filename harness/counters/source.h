/* What a source implements; private to counters/. */
#ifndef COUNTERS_SOURCE_H
#define COUNTERS_SOURCE_H

#include "counters/counters.h"

/** One source, one file. All functions return 0 or -errno. */
struct counter_source_driver {
    enum counter_source source;
    /**
     * Fills the entries of `plan` that still have SOURCE_NONE and that this source can count here, sets
     * included (numbered from plan->sets on, which it raises); for those it cannot, leaves the better reason.
     */
    int (*probe)(const struct counter_options *options, struct counter_plan *plan);
    /** Opens all entries of the plan that are this source's; *handle is the source's own. */
    int (*open)(const struct counter_plan *plan, const struct sample_clock *clock, const pid_t *threads,
                size_t count, void **handle, struct problem *problem);
    int (*start)(void *handle, unsigned set);
    /** Adds its values to reading->total (which starts as NAN for events not in the set). */
    int (*stop)(void *handle, unsigned set, struct counter_reading *reading);
    /** NULL, or as counter_session_thread_value. */
    double (*thread_value)(const void *handle, size_t thread, enum counter_event event);
    /** NULL, or reads what `set` counts so far and forgets it, for counter_session_peek. 0 or -errno. */
    int (*peek)(void *handle, unsigned set);
    void (*close)(void *handle);
};

extern const struct counter_source_driver counter_driver_papi;
extern const struct counter_source_driver counter_driver_generic;
extern const struct counter_source_driver counter_driver_software;
extern const struct counter_source_driver counter_driver_clock;

#endif
