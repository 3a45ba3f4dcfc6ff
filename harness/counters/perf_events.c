#include "counters/perf_events.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct perf_counter {
    int descriptor, leader;
    struct perf_value start;
    double value; /* in the last stop */
};

struct perf_events {
    size_t events, threads;
    struct {
        enum counter_event event;
        unsigned set;
    } event[COUNTER_EVENTS];
    size_t caller;                 /* index of the calling thread; `threads` if it is not counted */
    struct perf_counter counter[]; /* [thread * events + event] */
};

static bool is_ours(const struct counter_plan *plan, int event, enum counter_source source) {
    const struct counter_plan_entry *entry = &plan->entries[event];
    return entry->source == source &&
           (event >= COUNTER_NATIVE_0 || strncmp(entry->native, PERF_PREFIX, strlen(PERF_PREFIX)) == 0);
}

static struct perf_counter *counter_at(struct perf_events *events, size_t thread, size_t event) {
    return &events->counter[thread * events->events + event];
}

/* The descriptor that leads the group of a set on a thread, -1 while it has none. */
static int leader_of(struct perf_events *events, size_t thread, unsigned set) {
    for (size_t i = 0; i < events->events; i++) {
        const struct perf_counter *counter = counter_at(events, thread, i);
        if (events->event[i].set == set && counter->descriptor >= 0)
            return counter->leader;
    }
    return -1;
}

static int explain_failure(int error, const char *native, pid_t thread, size_t needed,
                           struct problem *problem) {
    char reason[256], remedy[192];
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (error == EMFILE)
        return problem_set(
            problem, error,
            "counting needs %zu file descriptors (one an event and thread) beside those that are open, and "
            "the limit is %llu; raise it (ulimit -n) or count fewer threads",
            needed, (unsigned long long)limit.rlim_cur);
    perf_event_explain(error, false, reason, sizeof reason, remedy, sizeof remedy);
    return problem_set(problem, error, "%s cannot be counted for thread %d: %s%s%s", native, (int)thread,
                       reason, remedy[0] ? "; " : "", remedy);
}

static int open_one(struct perf_events *events, const struct counter_plan *plan, size_t event,
                    const pid_t *threads, struct problem *problem) {
    const struct counter_plan_entry *entry = &plan->entries[events->event[event].event];
    struct perf_event_attr attribute;
    int status = perf_event_encode(entry->native, entry->source == SOURCE_HW_GENERIC, &attribute);
    if (status)
        return problem_set(problem, -status, "%s: libpfm4 cannot encode it", entry->native);
    perf_event_direct(&attribute, plan->pmu_type);
    for (size_t thread = 0; thread < events->threads; thread++) {
        struct perf_counter *counter = counter_at(events, thread, event);
        int leader = leader_of(events, thread, entry->set);
        int descriptor = perf_event_descriptor(&attribute, threads[thread], leader);
        if (descriptor < 0)
            return explain_failure(-descriptor, entry->native, threads[thread],
                                   events->events * events->threads, problem);
        counter->descriptor = descriptor;
        counter->leader = leader < 0 ? descriptor : leader;
    }
    return 0;
}

static struct perf_events *allocate(const struct counter_plan *plan, enum counter_source source,
                                    const pid_t *threads, size_t count) {
    struct perf_events *events =
        calloc(1, sizeof *events + count * COUNTER_EVENTS * sizeof(struct perf_counter));
    if (!events)
        return NULL;
    events->threads = events->caller = count;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (is_ours(plan, event, source)) {
            events->event[events->events].event = (enum counter_event)event;
            events->event[events->events++].set = plan->entries[event].set;
        }
    for (size_t i = 0; i < count * COUNTER_EVENTS; i++)
        events->counter[i] = (struct perf_counter){.descriptor = -1, .leader = -1, .value = NAN};
    for (size_t i = 0; i < count; i++)
        if (threads[i] == gettid())
            events->caller = i;
    return events;
}

int perf_events_open(const struct counter_plan *plan, enum counter_source source, const pid_t *threads,
                     size_t count, struct perf_events **result, struct problem *problem) {
    struct perf_events *events = allocate(plan, source, threads, count);
    if (!events)
        return problem_set(problem, ENOMEM, "no memory for the counters of %zu threads", count);
    int status = 0;
    for (size_t i = 0; i < events->events && status == 0; i++)
        status = open_one(events, plan, i, threads, problem);
    if (status) {
        perf_events_close(events);
        events = NULL;
    }
    *result = events;
    return status;
}

static int switch_thread(struct perf_events *events, size_t thread, unsigned set, unsigned long request) {
    int leader = leader_of(events, thread, set);
    return leader >= 0 && ioctl(leader, request, 0) < 0 ? -errno : 0;
}

/* Switches every thread but the caller: on, the caller follows; off, it went before. */
static int switch_others(struct perf_events *events, unsigned set, unsigned long request) {
    int status = 0;
    for (size_t thread = 0; thread < events->threads && status == 0; thread++)
        if (thread != events->caller)
            status = switch_thread(events, thread, set, request);
    return status;
}

static int switch_caller(struct perf_events *events, unsigned set, unsigned long request) {
    return events->caller < events->threads ? switch_thread(events, events->caller, set, request) : 0;
}

/*
 * A pinned group that an earlier stretch left in the error state reads nothing, and only enabling takes it
 * out (perf_event_open(2)).
 */
static int revive(struct perf_counter *counter) {
    if (ioctl(counter->leader, PERF_EVENT_IOC_ENABLE, 0) < 0 ||
        ioctl(counter->leader, PERF_EVENT_IOC_DISABLE, 0) < 0)
        return -errno;
    return perf_event_read(counter->descriptor, &counter->start);
}

static int read_starts(struct perf_events *events, unsigned set) {
    for (size_t i = 0; i < events->events; i++) {
        if (events->event[i].set != set)
            continue;
        for (size_t thread = 0; thread < events->threads; thread++) {
            struct perf_counter *counter = counter_at(events, thread, i);
            int status = perf_event_read(counter->descriptor, &counter->start);
            if (status == -EBUSY)
                status = revive(counter);
            if (status)
                return status;
        }
    }
    return 0;
}

/*
 * Differences of readings, not PERF_EVENT_IOC_RESET: a reset leaves what threads that have ended had counted
 * (perf_event.c, child_count).
 */
int perf_events_start(struct perf_events *events, unsigned set) {
    int status = read_starts(events, set);
    if (status == 0)
        status = switch_others(events, set, PERF_EVENT_IOC_ENABLE);
    if (status == 0)
        status = switch_caller(events, set, PERF_EVENT_IOC_ENABLE);
    return status;
}

static int read_difference(struct perf_counter *counter) {
    struct perf_value now;
    int status = perf_event_read(counter->descriptor, &now);
    if (status)
        return status;
    if (now.enabled - counter->start.enabled != now.running - counter->start.running)
        return -EBUSY;
    counter->value = (double)(now.count - counter->start.count);
    return 0;
}

int perf_events_stop(struct perf_events *events, unsigned set, struct counter_reading *reading) {
    int status = switch_caller(events, set, PERF_EVENT_IOC_DISABLE);
    int others = switch_others(events, set, PERF_EVENT_IOC_DISABLE);
    if (status == 0)
        status = others;
    for (size_t i = 0; i < events->events && status == 0; i++) {
        if (events->event[i].set != set)
            continue;
        double *total = &reading->total[events->event[i].event];
        *total = 0;
        for (size_t thread = 0; thread < events->threads && status == 0; thread++) {
            struct perf_counter *counter = counter_at(events, thread, i);
            status = read_difference(counter);
            *total += counter->value;
        }
    }
    return status;
}

double perf_events_thread_value(const struct perf_events *events, size_t thread, enum counter_event event) {
    for (size_t i = 0; i < events->events && thread < events->threads; i++)
        if (events->event[i].event == event)
            return events->counter[thread * events->events + i].value;
    return NAN;
}

int perf_events_peek(const struct perf_events *events, unsigned set) {
    for (size_t i = 0; i < events->threads * events->events; i++) {
        struct perf_value value;
        int status = events->event[i % events->events].set == set
                         ? perf_event_read(events->counter[i].descriptor, &value)
                         : 0;
        if (status)
            return status;
    }
    return 0;
}

void perf_events_close(struct perf_events *events) {
    if (!events)
        return;
    /* Members before their leader. */
    for (size_t i = events->threads * events->events; i-- > 0;)
        if (events->counter[i].descriptor >= 0)
            close(events->counter[i].descriptor);
    free(events);
}
