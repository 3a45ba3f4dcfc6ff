/* SOURCE_HW_GENERIC: the generic hardware events of perf_event, for CPUs that PAPI does not know. */
#include "counters/core_pmu.h"
#include "counters/native_events.h"
#include "counters/perf_events.h"
#include "counters/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAMES 2

/* First choice first. perf_event has no generic event for the second-level cache. */
static const char *const generic_names[COUNTER_EVENTS][NAMES] = {
    [COUNTER_CYCLES] = {"perf::CYCLES"},
    [COUNTER_REFERENCE_CYCLES] = {"perf::REF-CYCLES"},
    [COUNTER_INSTRUCTIONS] = {"perf::INSTRUCTIONS"},
    [COUNTER_BRANCHES] = {"perf::BRANCH-INSTRUCTIONS"},
    [COUNTER_BRANCH_MISSES] = {"perf::BRANCH-MISSES"},
    [COUNTER_DATA_READS] = {"perf::L1-DCACHE-LOADS"},
    [COUNTER_DATA_WRITES] = {"perf::L1-DCACHE-STORES"},
    [COUNTER_L1D_MISSES] = {"perf::L1-DCACHE-LOAD-MISSES"},
    [COUNTER_LLC_MISSES] = {"perf::LLC-LOAD-MISSES", "perf::CACHE-MISSES"},
    [COUNTER_DTLB_MISSES] = {"perf::DTLB-LOAD-MISSES"},
};

/* The set that is being filled: its descriptors, so that the next event is tried beside them. */
struct open_set {
    int descriptors[COUNTER_EVENTS];
    size_t count;
};

static void close_set(struct open_set *set) {
    while (set->count > 0)
        close(set->descriptors[--set->count]);
}

/*
 * Runs the group for a moment. Opening succeeds where the kernel keeps a counter for itself (the NMI
 * watchdog), and only running tells.
 */
static int run_group(const struct open_set *set) {
    int leader = set->descriptors[0];
    if (ioctl(leader, PERF_EVENT_IOC_ENABLE, 0) < 0)
        return -errno;
    for (volatile int i = 0; i < 1000; i++)
        ;
    if (ioctl(leader, PERF_EVENT_IOC_DISABLE, 0) < 0)
        return -errno;
    for (size_t i = 0; i < set->count; i++) {
        struct perf_value value;
        int status = perf_event_read(set->descriptors[i], &value);
        if (status)
            return status;
        if (value.running == 0 || value.running != value.enabled)
            return -EBUSY;
    }
    return 0;
}

/* Adds an event to the set; on failure the set is as before. */
static int add_to_set(struct open_set *set, struct perf_event_attr *attribute) {
    int descriptor = perf_event_descriptor(attribute, 0, set->count ? set->descriptors[0] : -1);
    if (descriptor < 0)
        return descriptor;
    set->descriptors[set->count++] = descriptor;
    int status = run_group(set);
    if (status) {
        close(descriptor);
        set->count--;
    }
    return status;
}

static int add_anywhere(struct open_set *set, const char *name, struct counter_plan *plan) {
    struct perf_event_attr attribute;
    int status = perf_event_encode(name, true, &attribute);
    if (status)
        return status;
    perf_event_direct(&attribute, plan->pmu_type);
    if (set->count) {
        if (add_to_set(set, &attribute) == 0)
            return 0;
        struct open_set alone = {.count = 0};
        status = add_to_set(&alone, &attribute);
        if (status == 0) { /* it counts, but not beside the others */
            close_set(set);
            *set = alone;
            plan->sets++;
        }
        return status;
    }
    status = add_to_set(set, &attribute);
    if (status == 0)
        plan->sets++;
    return status;
}

static void find_event(struct open_set *set, enum counter_event event, struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    int status = -ENOENT;
    for (size_t i = 0; i < NAMES && generic_names[event][i]; i++) {
        int result = add_anywhere(set, generic_names[event][i], plan);
        if (result == 0) {
            entry->source = SOURCE_HW_GENERIC;
            entry->set = plan->sets - 1;
            snprintf(entry->native, sizeof entry->native, "%s", generic_names[event][i]);
            entry->reason[0] = entry->remedy[0] = '\0';
            return;
        }
        if (result != -ENOENT)
            status = result;
    }
    /* With PAPI at work its own reason is the more exact one. */
    if (plan->papi_reason[0] || !entry->reason[0])
        perf_event_explain(-status, true, entry->reason, sizeof entry->reason, entry->remedy,
                           sizeof entry->remedy);
}

/* A raw event of the PMU, or a generic one that is not in the vocabulary; on a hybrid CPU, of the kind of
 * core that is measured where the name does not say. */
static void find_native(struct open_set *set, enum counter_event event, const char *prefix,
                        struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    const char *name = counter_plan_name(plan, event);
    struct native_event known;
    native_event_find(name, &known);
    if (known.software)
        return;
    char qualified[sizeof entry->native];
    bool bare = prefix[0] && !strstr(name, "::");
    snprintf(qualified, sizeof qualified, "%s%s%.40s", bare ? prefix : "", bare ? "::" : "", name);
    if (!bare)
        snprintf(qualified, sizeof qualified, "%s", name);
    int status = known.here ? add_anywhere(set, qualified, plan) : -ENOENT;
    if (status) {
        if (!known.known && entry->reason[0])
            return; /* a name of PAPI's own, which has said why */
        if (!known.known && plan->papi_reason[0])
            snprintf(entry->reason, sizeof entry->reason, "libpfm4 does not know it; %.160s",
                     plan->papi_reason);
        else if (status == -ENOENT || !known.here)
            native_event_explain(&known, entry->reason, sizeof entry->reason, entry->remedy,
                                 sizeof entry->remedy);
        else
            perf_event_explain(-status, true, entry->reason, sizeof entry->reason, entry->remedy,
                               sizeof entry->remedy);
        return;
    }
    entry->source = SOURCE_HW_GENERIC;
    entry->set = plan->sets - 1;
    snprintf(entry->native, sizeof entry->native, "%s", qualified);
    entry->reason[0] = entry->remedy[0] = '\0';
}

static int probe(const struct counter_options *options, struct counter_plan *plan) {
    struct open_set set = {.count = 0};
    struct core_pmu pmu;
    core_pmu_of(options->sysfs, options->cpu, &pmu);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (counter_event_info[event].hardware && plan->entries[event].source == SOURCE_NONE)
            find_event(&set, (enum counter_event)event, plan);
    for (int event = COUNTER_NATIVE_0; event < COUNTER_EVENTS; event++)
        if (counter_plan_has(plan, (enum counter_event)event) && plan->entries[event].source == SOURCE_NONE)
            find_native(&set, (enum counter_event)event, pmu.kinds > 1 ? pmu.prefix : "", plan);
    close_set(&set);
    return 0;
}

static int open_generic(const struct counter_plan *plan, const struct sample_clock *clock,
                        const pid_t *threads, size_t count, void **handle, struct problem *problem) {
    (void)clock;
    struct perf_events *events;
    int status = perf_events_open(plan, SOURCE_HW_GENERIC, threads, count, &events, problem);
    *handle = events;
    return status;
}

static int start(void *handle, unsigned set) {
    return perf_events_start(handle, set);
}

static int stop(void *handle, unsigned set, struct counter_reading *reading) {
    return perf_events_stop(handle, set, reading);
}

static double thread_value(const void *handle, size_t thread, enum counter_event event) {
    return perf_events_thread_value(handle, thread, event);
}

static int peek(void *handle, unsigned set) {
    return perf_events_peek(handle, set);
}

static void close_generic(void *handle) {
    perf_events_close(handle);
}

const struct counter_source_driver counter_driver_generic = {
    .source = SOURCE_HW_GENERIC,
    .probe = probe,
    .open = open_generic,
    .start = start,
    .stop = stop,
    .thread_value = thread_value,
    .peek = peek,
    .close = close_generic,
};
