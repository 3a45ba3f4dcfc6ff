/*
 * perf_event counters of a set of threads, encoded by libpfm4: what the generic hardware events and the
 * software events have in common. Private to counters/.
 *
 * Events of one set and thread form one group, so that they are scheduled together or not at all and one
 * ioctl starts them; the group is read event by event, because the kernel does not combine PERF_FORMAT_GROUP
 * with inheritance (perf_event_open(2)).
 */
#ifndef COUNTERS_PERF_EVENTS_H
#define COUNTERS_PERF_EVENTS_H

#include "counters/counters.h"

#include <linux/perf_event.h>

/** Prefix of plan entries (`native`) of the vocabulary that this file opens; it opens all native events. */
#define PERF_PREFIX "perf::"

/**
 * Encodes an event by its libpfm4 name ("perf::INSTRUCTIONS"): inherited, with enabled and running times,
 * disabled. Hardware events count user mode alone, whatever perf_event_paranoid allows: so do PAPI's presets,
 * and so the numbers of two machines can be compared. Software events count in the kernel too: most of them
 * happen there. Returns 0, -ENOENT for a name libpfm4 does not know, -ENOSYS where libpfm4 does not start.
 */
int perf_event_encode(const char *name, bool hardware, struct perf_event_attr *attribute);

/**
 * Directs a generic event at one PMU of a hybrid CPU: its type into the upper half of config. 0: not hybrid.
 */
void perf_event_direct(struct perf_event_attr *attribute, unsigned pmu_type);

/** perf_event_open on one thread (0: the caller), any CPU. `group` -1: a leader. Returns a descriptor or
 * -errno. */
int perf_event_descriptor(struct perf_event_attr *attribute, pid_t thread, int group);

/** Value and times of one event. */
struct perf_value {
    uint64_t count, enabled, running;
};

/** Reads one event. 0, -EBUSY where the kernel could not schedule its pinned group, or -errno. */
int perf_event_read(int descriptor, struct perf_value *value);

/**
 * Says in one line why perf_event_open failed with `error` (positive), and what would help. `hardware` tells
 * a missing PMU from a missing software event.
 */
void perf_event_explain(int error, bool hardware, char *reason, size_t reason_size, char *remedy,
                        size_t remedy_size);

struct perf_events; /* the perf_event counters of one source, all sets and threads */

/**
 * Opens the entries of `plan` that are of `source` and whose `native` starts with PERF_PREFIX. 0 or -errno.
 */
int perf_events_open(const struct counter_plan *plan, enum counter_source source, const pid_t *threads,
                     size_t count, struct perf_events **events, struct problem *problem);

/** Starts a set: threads other than the caller first, the caller last. A set without events is no error. */
int perf_events_start(struct perf_events *events, unsigned set);

/** Stops a set, the caller first, and adds its counts to `reading`; -EBUSY where one was not counted all of
 * the time. */
int perf_events_stop(struct perf_events *events, unsigned set, struct counter_reading *reading);

/** As counter_session_thread_value. */
double perf_events_thread_value(const struct perf_events *events, size_t thread, enum counter_event event);

/** Reads a set's counters and forgets them. 0 or -errno. */
int perf_events_peek(const struct perf_events *events, unsigned set);

void perf_events_close(struct perf_events *events);

#endif
