/*
 * SOURCE_SW: what the kernel counts without a PMU. perf_event software events where it allows them, since
 * they tell threads apart; else getrusage and clocks of the process; system calls and bytes from
 * /proc/self/io.
 */
#include "counters/call_trace.h"
#include "counters/native_events.h"
#include "counters/perf_events.h"
#include "counters/source.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define IO_FILE "/proc/self/io"

/* What the process as a whole has done so far. */
struct process_counts {
    double value[COUNTER_EVENTS];
    double own_bytes; /* that reading IO_FILE itself took; it shows in the next reading, as one call */
};

struct software_event {
    const char *perf;     /* NULL: not a perf_event */
    const char *process;  /* how it is read of the process where perf_event is refused; NULL: not at all */
    const char *io_field; /* of IO_FILE */
};

static const struct software_event software[COUNTER_EVENTS] = {
    [COUNTER_PAGE_FAULTS] = {"perf::PAGE-FAULTS", "minflt + majflt of getrusage", NULL},
    [COUNTER_MAJOR_FAULTS] = {"perf::MAJOR-FAULTS", "majflt of getrusage", NULL},
    [COUNTER_CONTEXT_SWITCHES] = {"perf::CONTEXT-SWITCHES", "nvcsw + nivcsw of getrusage", NULL},
    [COUNTER_MIGRATIONS] = {"perf::CPU-MIGRATIONS", NULL, NULL},
    [COUNTER_TASK_CLOCK] = {"perf::TASK-CLOCK", "CLOCK_PROCESS_CPUTIME_ID", NULL},
    [COUNTER_READ_CALLS] = {NULL, "syscr of " IO_FILE, "syscr"},
    [COUNTER_WRITE_CALLS] = {NULL, "syscw of " IO_FILE, "syscw"},
    [COUNTER_READ_BYTES] = {NULL, "rchar of " IO_FILE, "rchar"},
    [COUNTER_WRITE_BYTES] = {NULL, "wchar of " IO_FILE, "wchar"},
    [COUNTER_SYSTEM_CALLS] = {PERF_PREFIX "raw_syscalls:sys_enter", NULL, NULL},
};

static int parse_io(const char *text, const char *field, double *value) {
    size_t length = strlen(field);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        unsigned long long number;
        if (strncmp(line, field, length) == 0 && sscanf(line + length, ": %llu", &number) == 1) {
            *value = (double)number;
            return 0;
        }
    }
    return -ENODATA;
}

static int read_io(int descriptor, struct process_counts *counts) {
    char text[512];
    ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
    if (size < 0)
        return -errno;
    text[size] = '\0';
    counts->own_bytes = (double)size;
    int status = 0;
    for (int event = 0; event < COUNTER_EVENTS && status == 0; event++)
        if (software[event].io_field)
            status = parse_io(text, software[event].io_field, &counts->value[event]);
    return status;
}

static void read_process(struct process_counts *counts) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    counts->value[COUNTER_PAGE_FAULTS] = (double)usage.ru_minflt + (double)usage.ru_majflt;
    counts->value[COUNTER_MAJOR_FAULTS] = (double)usage.ru_majflt;
    counts->value[COUNTER_CONTEXT_SWITCHES] = (double)usage.ru_nvcsw + (double)usage.ru_nivcsw;
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    counts->value[COUNTER_TASK_CLOCK] = (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void accept_event(struct counter_plan_entry *entry, const char *native, unsigned set) {
    entry->source = SOURCE_SW;
    entry->trust = TRUST_TRUSTED;
    entry->set = set;
    entry->reason[0] = entry->remedy[0] = '\0';
    snprintf(entry->native, sizeof entry->native, "%s", native);
}

/* Whether perf_event counts it for this user, the kernel's side included. Returns 0 or -errno. */
static int try_perf(const char *name) {
    struct perf_event_attr attribute;
    int status = perf_event_encode(name, false, &attribute);
    if (status)
        return status;
    int descriptor = perf_event_descriptor(&attribute, 0, -1);
    if (descriptor < 0)
        return descriptor;
    close(descriptor);
    return 0;
}

static int try_io(void) {
    struct process_counts counts;
    int descriptor = open(IO_FILE, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -errno;
    int status = read_io(descriptor, &counts);
    close(descriptor);
    return status;
}

static void probe_io(enum counter_event event, int status, struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    if (status == 0) {
        accept_event(entry, software[event].process, plan->sets);
        return;
    }
    snprintf(entry->reason, sizeof entry->reason, IO_FILE " cannot be read: %s", strerror(-status));
    snprintf(entry->remedy, sizeof entry->remedy, "%s",
             status == -ENOENT ? "a kernel with CONFIG_TASK_IO_ACCOUNTING"
                               : "let the process read its own " IO_FILE);
}

static void probe_event(enum counter_event event, struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    int status = try_perf(software[event].perf);
    if (status == 0)
        accept_event(entry, software[event].perf, plan->sets);
    else if (software[event].process)
        accept_event(entry, software[event].process, plan->sets);
    else
        perf_event_explain(-status, false, entry->reason, sizeof entry->reason, entry->remedy,
                           sizeof entry->remedy);
}

/* By perf's tracepoint together with all others, or else by a tracer that stops each call. */
static void probe_calls(struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[COUNTER_SYSTEM_CALLS];
    char perf[192], trace[192], remedy[192];
    probe_event(COUNTER_SYSTEM_CALLS, plan);
    if (entry->source != SOURCE_NONE)
        return;
    snprintf(perf, sizeof perf, "%s", entry->reason);
    if (call_trace_probe(trace, sizeof trace, remedy, sizeof remedy) == 0) {
        accept_event(entry, CALL_TRACE_NATIVE, COUNTER_NO_SET);
        return;
    }
    snprintf(entry->reason, sizeof entry->reason, "%.90s; and %.90s", trace, perf);
    snprintf(entry->remedy, sizeof entry->remedy, "%.100s%s", remedy,
             remedy[0] ? ", or perf's tracepoint raw_syscalls:sys_enter (CAP_PERFMON)" : "");
}

/* A software event or a tracepoint by name; where the kernel refuses it there is no other way. */
static void probe_native(enum counter_event event, struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    const char *name = counter_plan_name(plan, event);
    struct native_event known;
    native_event_find(name, &known);
    if (!known.software)
        return;
    int status = try_perf(name);
    if (status == 0)
        accept_event(entry, name, plan->sets);
    else
        perf_event_explain(-status, false, entry->reason, sizeof entry->reason, entry->remedy,
                           sizeof entry->remedy);
}

/* One set for all: software events need no counter of the PMU, and none disturbs another. */
static int probe(const struct counter_options *options, struct counter_plan *plan) {
    (void)options;
    bool any = false;
    int io = try_io();
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (counter_event_info[event].hardware || entry->source != SOURCE_NONE ||
            !counter_plan_has(plan, (enum counter_event)event))
            continue;
        if (event >= COUNTER_NATIVE_0)
            probe_native((enum counter_event)event, plan);
        else if (software[event].io_field)
            probe_io((enum counter_event)event, io, plan);
        else if (event == COUNTER_SYSTEM_CALLS)
            probe_calls(plan);
        else if (software[event].perf)
            probe_event((enum counter_event)event, plan);
        any = any || (entry->source == SOURCE_SW && entry->set != COUNTER_NO_SET);
    }
    plan->sets += any;
    return 0;
}

struct software_session {
    struct perf_events *perf;
    int io; /* -1: no event needs it */
    bool process[COUNTER_EVENTS], any_process;
    unsigned set[COUNTER_EVENTS];
    struct process_counts start;
};

static int open_io(struct software_session *session, struct problem *problem) {
    session->io = open(IO_FILE, O_RDONLY | O_CLOEXEC);
    if (session->io >= 0)
        return 0;
    return problem_set(problem, errno, "cannot open " IO_FILE ": %s; %s", strerror(errno),
                       errno == EMFILE ? "raise the limit of file descriptors (ulimit -n)"
                                       : "probe the counters again in this environment");
}

static void close_software(void *handle) {
    struct software_session *session = handle;
    if (!session)
        return;
    perf_events_close(session->perf);
    if (session->io >= 0)
        close(session->io);
    free(session);
}

static int open_software(const struct counter_plan *plan, const struct sample_clock *clock,
                         const pid_t *threads, size_t count, void **handle, struct problem *problem) {
    (void)clock;
    struct software_session *session = calloc(1, sizeof *session);
    *handle = NULL;
    if (!session)
        return problem_set(problem, ENOMEM, "no memory for a counter session");
    session->io = -1;
    bool needs_io = false;
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        const struct counter_plan_entry *entry = &plan->entries[event];
        if (entry->source != SOURCE_SW || event >= COUNTER_NATIVE_0 || entry->set == COUNTER_NO_SET ||
            strncmp(entry->native, PERF_PREFIX, strlen(PERF_PREFIX)) == 0)
            continue;
        session->process[event] = session->any_process = true;
        session->set[event] = entry->set;
        needs_io = needs_io || software[event].io_field;
    }
    int status = needs_io ? open_io(session, problem) : 0;
    if (status == 0)
        status = perf_events_open(plan, SOURCE_SW, threads, count, &session->perf, problem);
    if (status) {
        close_software(session);
        return status;
    }
    *handle = session;
    return 0;
}

/* IO_FILE is read last here and first in stop, so that nothing of ours but that one read lies between. */
static int start(void *handle, unsigned set) {
    struct software_session *session = handle;
    int status = perf_events_start(session->perf, set);
    if (status == 0 && session->any_process)
        read_process(&session->start);
    if (status == 0 && session->io >= 0)
        status = read_io(session->io, &session->start);
    return status;
}

/* The reading at the start counts itself only in the reading at the stop: one call and its bytes, known
 * exactly. */
static void subtract_own_read(struct process_counts *now, const struct process_counts *start) {
    now->value[COUNTER_READ_CALLS] -= 1;
    now->value[COUNTER_READ_BYTES] -= start->own_bytes;
}

static int stop(void *handle, unsigned set, struct counter_reading *reading) {
    struct software_session *session = handle;
    struct process_counts now;
    int status = 0;
    if (session->io >= 0) {
        status = read_io(session->io, &now);
        subtract_own_read(&now, &session->start);
    }
    if (session->any_process)
        read_process(&now);
    int perf = perf_events_stop(session->perf, set, reading);
    if (status == 0)
        status = perf;
    if (status)
        return status;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (session->process[event] && session->set[event] == set)
            reading->total[event] = now.value[event] - session->start.value[event];
    return 0;
}

static double thread_value(const void *handle, size_t thread, enum counter_event event) {
    const struct software_session *session = handle;
    return perf_events_thread_value(session->perf, thread, event);
}

static int peek(void *handle, unsigned set) {
    const struct software_session *session = handle;
    struct process_counts now;
    int status = session->io >= 0 ? read_io(session->io, &now) : 0;
    if (session->any_process)
        read_process(&now);
    int perf = perf_events_peek(session->perf, set);
    return status ? status : perf;
}

const struct counter_source_driver counter_driver_software = {
    .source = SOURCE_SW,
    .probe = probe,
    .open = open_software,
    .start = start,
    .stop = stop,
    .thread_value = thread_value,
    .peek = peek,
    .close = close_software,
};
