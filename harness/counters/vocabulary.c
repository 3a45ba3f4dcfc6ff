#include "counters/core_pmu.h"
#include "counters/counters.h"

#include <errno.h>
#include <string.h>

#define ABSOLUTE .absolute = true, .later = true

const struct counter_event_info counter_event_info[COUNTER_EVENTS] = {
    [COUNTER_CYCLES] = {"cycles", "cycle", "core clock cycles", .hardware = true},
    [COUNTER_REFERENCE_CYCLES] = {"reference-cycles", "cycle",
                                  "cycles at the constant rate of the time stamp counter", .hardware = true},
    [COUNTER_INSTRUCTIONS] = {"instructions", "instruction", "instructions retired", .hardware = true},
    [COUNTER_BRANCHES] = {"branches", "branch", "branch instructions retired", .hardware = true},
    [COUNTER_BRANCH_MISSES] = {"branch-misses", "miss", "branches predicted wrongly", .hardware = true},
    [COUNTER_DATA_READS] = {"data-reads", "read", "load instructions", .hardware = true, .later = true},
    [COUNTER_DATA_WRITES] = {"data-writes", "write", "store instructions", .hardware = true, .later = true},
    [COUNTER_L1D_MISSES] = {"l1d-misses", "miss", "accesses that the first-level data cache did not hold",
                            .hardware = true},
    [COUNTER_L2_MISSES] = {"l2-misses", "miss", "accesses that the second-level cache did not hold",
                           .hardware = true},
    [COUNTER_LLC_MISSES] = {"llc-misses", "miss", "accesses that the last-level cache did not hold",
                            .hardware = true},
    [COUNTER_DTLB_MISSES] = {"dtlb-misses", "miss", "data addresses that the TLB could not translate",
                             .hardware = true},
    [COUNTER_PAGE_FAULTS] = {"page-faults", "fault", "page faults, with and without input/output",
                             .hardware = false},
    [COUNTER_MAJOR_FAULTS] = {"major-faults", "fault", "page faults that had to read from a device",
                              .hardware = false},
    [COUNTER_CONTEXT_SWITCHES] = {"context-switches", "switch", "context switches, voluntary and involuntary",
                                  .hardware = false},
    [COUNTER_MIGRATIONS] = {"migrations", "migration", "moves of a thread to another CPU", .hardware = false},
    [COUNTER_TASK_CLOCK] = {"task-clock", "ns", "CPU time of all threads", .hardware = false},
    [COUNTER_USER_TIME] = {"user-time", "ns", "CPU time of a command outside the kernel", .hardware = false,
                           .later = true},
    [COUNTER_SYSTEM_TIME] = {"system-time", "ns", "CPU time of a command in the kernel", .hardware = false,
                             .later = true},
    [COUNTER_READ_CALLS] = {"read-calls", "call",
                            "reads of files, as /proc/self/io counts them: not recv, io_uring …",
                            .hardware = false},
    [COUNTER_WRITE_CALLS] = {"write-calls", "call",
                             "writes of files, as /proc/self/io counts them: not send, io_uring …",
                             .hardware = false},
    [COUNTER_READ_BYTES] = {"read-bytes", "byte", "bytes read by system calls, from the page cache too",
                            .hardware = false},
    [COUNTER_WRITE_BYTES] = {"write-bytes", "byte", "bytes written by system calls, into the page cache too",
                             .hardware = false},
    [COUNTER_SYSTEM_CALLS] = {"system-calls", "call", "system calls of any name", .hardware = false,
                              .later = true},
    [COUNTER_ALLOCATIONS] = {"allocations", "allocation",
                             "blocks asked of malloc, calloc, realloc and their like in a variant's runs",
                             .hardware = false, .later = true},
    [COUNTER_MEMORY] = {"memory", "byte",
                        "bytes that a variant alone holds while it runs, of what it asked for; not an item's",
                        .hardware = false, ABSOLUTE},
    [COUNTER_PEAK_MEMORY] =
        {"peak-memory", "byte",
         "resident bytes of a variant's prepare and runs at the most, above the common state",
         .hardware = false, ABSOLUTE},
    [COUNTER_PREPARE_TIME] = {"prepare-time", "ns", "time that a variant's prepare takes; not an item's",
                              .hardware = false, ABSOLUTE},
    [COUNTER_LATENCY_P50] = {"latency-p50", "ns", "latency of an item: its median", .hardware = false,
                             ABSOLUTE},
    [COUNTER_LATENCY_P95] = {"latency-p95", "ns", "latency that 95 % of the items stay below",
                             .hardware = false, ABSOLUTE},
    [COUNTER_LATENCY_P99] = {"latency-p99", "ns", "latency that 99 % of the items stay below",
                             .hardware = false, ABSOLUTE},
    [COUNTER_LATENCY_MAX] = {"latency-max", "ns", "longest latency of an item that was recorded",
                             .hardware = false, ABSOLUTE},
    [COUNTER_NATIVE_0... COUNTER_EVENTS - 1] = {"", "event", "a native event by name", .hardware = false},
};

bool counter_is_whole(enum counter_event event) {
    return event == COUNTER_MEMORY || event == COUNTER_PEAK_MEMORY || event == COUNTER_PREPARE_TIME;
}

enum counter_event counter_event_by_name(const char *name) {
    int event = 0;
    while (event < COUNTER_VOCABULARY && strcmp(counter_event_info[event].name, name))
        event++;
    return event < COUNTER_VOCABULARY ? (enum counter_event)event : COUNTER_EVENTS;
}

bool counter_is_native_name(const char *name) {
    return strlen(name) < COUNTER_NAME && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0';
}

const char *counter_plan_name(const struct counter_plan *plan, enum counter_event event) {
    return event < COUNTER_NATIVE_0 ? counter_event_info[event].name
                                    : plan->native_events[event - COUNTER_NATIVE_0];
}

bool counter_plan_has(const struct counter_plan *plan, enum counter_event event) {
    return counter_plan_name(plan, event)[0] && !plan->entries[event].unlisted;
}

enum counter_event counter_plan_find(const struct counter_plan *plan, const char *name) {
    int event = 0;
    while (event < COUNTER_EVENTS && strcmp(counter_plan_name(plan, (enum counter_event)event), name))
        event++;
    return *name ? (enum counter_event)event : COUNTER_EVENTS;
}

bool counter_same_native(const char (*first)[COUNTER_NAME], const char (*second)[COUNTER_NAME]) {
    size_t slot = 0;
    while (slot < COUNTER_NATIVE_EVENTS && strcmp(first[slot], second[slot]) == 0)
        slot++;
    return slot == COUNTER_NATIVE_EVENTS;
}

bool counter_plan_covers(const struct counter_plan *plan, unsigned cpu) {
    return !plan->pmu_cpus[0] || cpu_list_contains(plan->pmu_cpus, cpu);
}

static const char *const source_names[] = {
    [SOURCE_NONE] = "none", [SOURCE_HW] = "hw",           [SOURCE_HW_GENERIC] = "hw-generic",
    [SOURCE_SW] = "sw",     [SOURCE_CLOCK] = "clock",     [SOURCE_SIM] = "sim",
    [SOURCE_APP] = "app",   [SOURCE_HARNESS] = "harness",
};

static const char *const trust_names[] = {
    [TRUST_NONE] = "none",
    [TRUST_TRUSTED] = "trusted",
    [TRUST_DEGRADED] = "degraded",
    [TRUST_UNTRUSTED] = "untrusted",
};

static int find_name(const char *const *names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -EINVAL;
}

const char *counter_source_name(enum counter_source source) {
    return source_names[source];
}

int counter_source_by_name(const char *name) {
    return find_name(source_names, sizeof source_names / sizeof *source_names, name);
}

const char *counter_trust_name(enum counter_trust trust) {
    return trust_names[trust];
}

int counter_trust_by_name(const char *name) {
    return find_name(trust_names, sizeof trust_names / sizeof *trust_names, name);
}
