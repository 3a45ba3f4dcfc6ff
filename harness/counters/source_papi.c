/* SOURCE_HW: PAPI presets, counted thread by thread. */
#include "counters/core_pmu.h"
#include "counters/native_events.h"
#include "counters/papi_sets.h"
#include "counters/perf_events.h"
#include "counters/source.h"

#include <errno.h>
#include <math.h>
#include <papi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PRESETS 2
#define THREADS_KNOWN 4096

struct preset {
    int code;
    const char *name;
};

/* First choice first. */
static const struct preset presets[COUNTER_EVENTS][PRESETS] = {
    [COUNTER_CYCLES] = {{PAPI_TOT_CYC, "PAPI_TOT_CYC"}},
    [COUNTER_REFERENCE_CYCLES] = {{PAPI_REF_CYC, "PAPI_REF_CYC"}},
    [COUNTER_INSTRUCTIONS] = {{PAPI_TOT_INS, "PAPI_TOT_INS"}},
    [COUNTER_BRANCHES] = {{PAPI_BR_INS, "PAPI_BR_INS"}},
    [COUNTER_BRANCH_MISSES] = {{PAPI_BR_MSP, "PAPI_BR_MSP"}},
    [COUNTER_DATA_READS] = {{PAPI_LD_INS, "PAPI_LD_INS"}},
    [COUNTER_DATA_WRITES] = {{PAPI_SR_INS, "PAPI_SR_INS"}},
    [COUNTER_L1D_MISSES] = {{PAPI_L1_DCM, "PAPI_L1_DCM"}, {PAPI_L1_LDM, "PAPI_L1_LDM"}},
    [COUNTER_L2_MISSES] = {{PAPI_L2_DCM, "PAPI_L2_DCM"}, {PAPI_L2_TCM, "PAPI_L2_TCM"}},
    [COUNTER_LLC_MISSES] = {{PAPI_L3_TCM, "PAPI_L3_TCM"}, {PAPI_L3_LDM, "PAPI_L3_LDM"}},
    [COUNTER_DTLB_MISSES] = {{PAPI_TLB_DM, "PAPI_TLB_DM"}},
};

/*
 * The set that is being filled. Every set leads with the sentinel: instructions where PAPI counts them, else
 * cycles. PAPI_read of an inherited set ignores a group that could not be scheduled and returns the counts of
 * the read before (perf_event.c of PAPI 7.0, _pe_read), which shows as a sentinel of 0 in a stretch in which
 * the thread ran.
 */
struct filling {
    int component;
    int codes[PAPI_SET_EVENTS];
    size_t count;
};

static int try_codes(int component, const int *codes, size_t count) {
    int set;
    int status = papi_set_create(component, gettid(), codes, count, &set);
    if (status == PAPI_OK)
        status = papi_set_try(set);
    papi_set_destroy(&set);
    return status;
}

static bool contains(const struct filling *set, int code) {
    for (size_t i = 0; i < set->count; i++)
        if (set->codes[i] == code)
            return true;
    return false;
}

/* Adds a preset to the set, or to a new one beside the sentinel (0: none) alone. Returns PAPI's status. */
static int add_preset(struct filling *set, int sentinel, int code, struct counter_plan *plan) {
    int status = PAPI_query_event(code);
    if (status != PAPI_OK || (set->count && contains(set, code)))
        return status;
    if (set->count && set->count < PAPI_SET_EVENTS) {
        set->codes[set->count] = code;
        if (try_codes(set->component, set->codes, set->count + 1) == PAPI_OK) {
            set->count++;
            return PAPI_OK;
        }
    }
    struct filling fresh = {.component = set->component};
    if (sentinel && code != sentinel)
        fresh.codes[fresh.count++] = sentinel;
    fresh.codes[fresh.count++] = code;
    status = try_codes(fresh.component, fresh.codes, fresh.count);
    if (status == PAPI_OK) {
        *set = fresh;
        plan->sets++;
    }
    return status;
}

static void explain_preset(struct counter_plan_entry *entry, const char *name, int status) {
    snprintf(entry->reason, sizeof entry->reason, "PAPI cannot count %s on this CPU: %.96s", name,
             PAPI_strerror(status));
    snprintf(entry->remedy, sizeof entry->remedy, "%s",
             status == PAPI_ECOUNT ? "raise the limit of open files: ulimit -n 65536"
             : status == PAPI_ECNFLCT
                 ? "stop other profilers; as root: sysctl kernel.nmi_watchdog=0"
                 : "a PAPI and libpfm4 that know this CPU better, or a CPU that has the event");
}

/* Returns the code that was planned for the event, 0 if none. */
static int find_preset(struct filling *set, int sentinel, enum counter_event event,
                       struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    const struct preset *preset = presets[event], *failed = preset;
    int failure = PAPI_ENOEVNT;
    for (size_t i = 0; i < PRESETS && preset[i].name; i++) {
        int status = add_preset(set, sentinel, preset[i].code, plan);
        if (status == PAPI_OK) {
            entry->source = SOURCE_HW;
            entry->set = plan->sets - 1;
            snprintf(entry->native, sizeof entry->native, "%s", preset[i].name);
            entry->reason[0] = entry->remedy[0] = '\0';
            return preset[i].code;
        }
        if (failure == PAPI_ENOEVNT && status != PAPI_ENOEVNT) { /* it says more than that there is none */
            failure = status;
            failed = &preset[i];
        }
    }
    explain_preset(entry, failed->name ? failed->name : "it", failure);
    return 0;
}

/*
 * A native event, beside the sentinel alone: without it a stretch that was not counted would pass (see
 * filling). The software events that PAPI knows are left to perf_event, which counts the kernel's side too.
 */
static void find_native(struct filling *set, int sentinel, enum counter_event event,
                        struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[event];
    const char *name = counter_plan_name(plan, event);
    struct native_event known;
    int code;
    native_event_find(name, &known);
    if (known.software || PAPI_event_name_to_code(name, &code) != PAPI_OK)
        return;
    if (PAPI_get_event_component(code) != set->component) {
        snprintf(entry->reason, sizeof entry->reason,
                 "PAPI counts it for the whole machine or of a device, not thread by thread");
        return;
    }
    if (set->count && contains(set, code)) {
        snprintf(entry->reason, sizeof entry->reason, "PAPI counts it already, for another name in the plan");
        return;
    }
    int status = sentinel ? add_preset(set, sentinel, code, plan) : PAPI_ECMP;
    if (status != PAPI_OK) {
        explain_preset(entry, name, status);
        return;
    }
    entry->source = SOURCE_HW;
    entry->set = plan->sets - 1;
    snprintf(entry->native, sizeof entry->native, "%s", name);
}

static void give_reason(struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (counter_event_info[event].hardware && entry->source == SOURCE_NONE && !entry->reason[0])
            snprintf(entry->reason, sizeof entry->reason, "%s", plan->papi_reason);
    }
}

static int probe(const struct counter_options *options, struct counter_plan *plan) {
    (void)options;
    int component = papi_component(plan->papi_reason, sizeof plan->papi_reason);
    papi_version_text(plan->papi_version, sizeof plan->papi_version);
    if (component >= 0 && plan->pmu_type) {
        /* A preset is one native event, of one kind of core; on the other kind it opens and reads 0. */
        snprintf(plan->papi_reason, sizeof plan->papi_reason,
                 "a hybrid CPU: PAPI's presets do not say which kind of core they count on");
        component = -1;
    }
    if (component < 0) {
        give_reason(plan);
        return 0;
    }
    struct filling set = {.component = component};
    unsigned before = plan->sets;
    int sentinel = find_preset(&set, 0, COUNTER_INSTRUCTIONS, plan);
    if (!sentinel)
        sentinel = find_preset(&set, 0, COUNTER_CYCLES, plan);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (counter_event_info[event].hardware && event != COUNTER_INSTRUCTIONS &&
            plan->entries[event].source == SOURCE_NONE)
            find_preset(&set, sentinel, (enum counter_event)event, plan);
    for (int event = COUNTER_NATIVE_0; event < COUNTER_EVENTS; event++)
        if (counter_plan_has(plan, (enum counter_event)event))
            find_native(&set, sentinel, (enum counter_event)event, plan);
    if (plan->sets == before)
        snprintf(plan->papi_reason, sizeof plan->papi_reason,
                 "PAPI knows events but none can be added; %.140s",
                 plan->entries[COUNTER_INSTRUCTIONS].reason);
    return 0;
}

struct papi_set {
    unsigned set;
    int codes[PAPI_SET_EVENTS];
    enum counter_event
        events[PAPI_SET_EVENTS]; /* COUNTER_EVENTS: the sentinel of a set that does not report it */
    size_t count;
    bool sentinel; /* codes[0] is to be watched */
};

struct papi_thread {
    pid_t id;
    int eventset[COUNTER_EVENTS]; /* [index of set] */
    long long start[PAPI_SET_EVENTS];
    double cpu_ns;                /* at the start */
    double value[COUNTER_EVENTS]; /* in the last stop */
};

struct papi_session {
    struct papi_set sets[COUNTER_EVENTS];
    size_t set_count,
        last_started;  /* last_started: index of the set whose events are open in PAPI's contexts */
    size_t caller;     /* index of the calling thread; `count` if it is not counted */
    pid_t *bystanders; /* threads that lived at the opening and were not asked for */
    size_t bystander_count;
    size_t count;
    struct papi_thread threads[];
};

static size_t find_set(const struct papi_session *session, unsigned set) {
    size_t i = 0;
    while (i < session->set_count && session->sets[i].set != set)
        i++;
    return i;
}

/* The event that leads every set; COUNTER_EVENTS if PAPI counts neither. */
static enum counter_event sentinel_of(const struct counter_plan *plan) {
    if (plan->entries[COUNTER_INSTRUCTIONS].source == SOURCE_HW)
        return COUNTER_INSTRUCTIONS;
    return plan->entries[COUNTER_CYCLES].source == SOURCE_HW ? COUNTER_CYCLES : COUNTER_EVENTS;
}

static int begin_set(struct papi_set *set, const struct counter_plan *plan, unsigned number) {
    enum counter_event sentinel = sentinel_of(plan);
    set->set = number;
    if (sentinel == COUNTER_EVENTS)
        return PAPI_OK;
    const struct counter_plan_entry *entry = &plan->entries[sentinel];
    set->events[0] = entry->set == number ? sentinel : COUNTER_EVENTS;
    set->count = 1;
    /* One that counts nonsense would call every stretch uncounted. */
    set->sentinel = entry->trust == TRUST_TRUSTED || entry->trust == TRUST_DEGRADED;
    return PAPI_event_name_to_code(entry->native, &set->codes[0]);
}

static int add_plan_entry(struct papi_session *session, const struct counter_plan *plan,
                          enum counter_event event) {
    const struct counter_plan_entry *entry = &plan->entries[event];
    int status = PAPI_OK;
    size_t i = find_set(session, entry->set);
    struct papi_set *set = &session->sets[i];
    if (i == session->set_count) {
        session->set_count++;
        status = begin_set(set, plan, entry->set);
    }
    if (status != PAPI_OK || event == sentinel_of(plan))
        return status;
    set->events[set->count] = event;
    return PAPI_event_name_to_code(entry->native, &set->codes[set->count++]);
}

static int explain_failure(int status, const struct papi_session *session, pid_t thread,
                           struct problem *problem) {
    int error = papi_errno(status);
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (error == EMFILE)
        return problem_set(
            problem, error,
            "PAPI cannot open the hardware counters of thread %d (%zu threads, %zu sets): no file "
            "descriptor left, the limit is %llu; raise it (ulimit -n) or count fewer threads",
            (int)thread, session->count, session->set_count, (unsigned long long)limit.rlim_cur);
    return problem_set(
        problem, error,
        "PAPI cannot open the hardware counters of thread %d: %s; stop other profilers, and see "
        "`countersign doctor`",
        (int)thread, PAPI_strerror(status));
}

static int open_sets(struct papi_session *session, int component, struct problem *problem) {
    for (size_t i = 0; i < session->set_count; i++)
        for (size_t thread = 0; thread < session->count; thread++) {
            struct papi_thread *one = &session->threads[thread];
            int status = papi_set_create(component, one->id, session->sets[i].codes, session->sets[i].count,
                                         &one->eventset[i]);
            if (status != PAPI_OK)
                return explain_failure(status, session, one->id, problem);
            session->last_started = i;
        }
    return 0;
}

static bool is_counted(const struct papi_session *session, pid_t thread) {
    for (size_t i = 0; i < session->count; i++)
        if (session->threads[i].id == thread)
            return true;
    return false;
}

static int note_bystanders(struct papi_session *session) {
    session->bystanders = malloc(THREADS_KNOWN * sizeof *session->bystanders);
    if (!session->bystanders)
        return -ENOMEM;
    int live = counter_list_threads(session->bystanders, THREADS_KNOWN);
    if (live < 0 || live > THREADS_KNOWN)
        return live < 0 ? live : -E2BIG;
    for (int i = 0; i < live; i++)
        if (!is_counted(session, session->bystanders[i]))
            session->bystanders[session->bystander_count++] = session->bystanders[i];
    return 0;
}

static void close_papi(void *handle) {
    struct papi_session *session = handle;
    if (!session)
        return;
    for (size_t thread = 0; thread < session->count; thread++)
        for (size_t i = 0; i < session->set_count; i++)
            papi_set_destroy(&session->threads[thread].eventset[i]);
    free(session->bystanders);
    free(session);
}

static struct papi_session *allocate(const pid_t *threads, size_t count) {
    struct papi_session *session = calloc(1, sizeof *session + count * sizeof *session->threads);
    if (!session)
        return NULL;
    session->count = session->caller = count;
    for (size_t thread = 0; thread < count; thread++) {
        struct papi_thread *one = &session->threads[thread];
        one->id = threads[thread];
        if (one->id == gettid())
            session->caller = thread;
        for (size_t i = 0; i < COUNTER_EVENTS; i++) {
            one->eventset[i] = PAPI_NULL;
            one->value[i] = NAN;
        }
    }
    return session;
}

static int fill_session(struct papi_session *session, const struct counter_plan *plan,
                        struct problem *problem) {
    char reason[192];
    int component = papi_component(reason, sizeof reason);
    if (component < 0)
        return problem_set(problem, ENOTSUP, "%s; probe the counters again in this environment", reason);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (plan->entries[event].source == SOURCE_HW &&
            add_plan_entry(session, plan, (enum counter_event)event) != PAPI_OK)
            return problem_set(problem, EINVAL, "PAPI has no event %s; probe the counters again",
                               plan->entries[event].native);
    int status = note_bystanders(session);
    if (status)
        return problem_set(problem, -status, "cannot list the threads of this process: %s%s",
                           strerror(-status), status == -EMFILE ? "; raise the limit (ulimit -n)" : "");
    return open_sets(session, component, problem);
}

static int open_papi(const struct counter_plan *plan, const struct sample_clock *clock, const pid_t *threads,
                     size_t count, void **handle, struct problem *problem) {
    (void)clock;
    struct papi_session *session = allocate(threads, count);
    if (!session)
        return problem_set(problem, ENOMEM, "no memory for the counters of %zu threads", count);
    int status = fill_session(session, plan, problem);
    if (status) {
        close_papi(session);
        session = NULL;
    }
    *handle = session;
    return status;
}

/*
 * PAPI keeps the events of one set a thread open and opens the others anew when they are started (papi.c,
 * is_dirty). Threads created before that are not inherited then, so such a thread must be one of those asked
 * for.
 */
static int check_threads(const struct papi_session *session) {
    pid_t live[THREADS_KNOWN];
    int count = counter_list_threads(live, THREADS_KNOWN);
    if (count < 0 || count > THREADS_KNOWN)
        return count < 0 ? count : -E2BIG;
    for (int i = 0; i < count; i++) {
        bool known = is_counted(session, live[i]);
        for (size_t j = 0; j < session->bystander_count && !known; j++)
            known = session->bystanders[j] == live[i];
        if (!known)
            return -ESRCH;
    }
    return 0;
}

/* CPU time of a thread by its kernel id: the clock id of pthread_getcpuclockid(3), made as glibc makes it. */
static double thread_cpu_ns(pid_t thread) {
    struct timespec now;
    clockid_t clock = (clockid_t)(~(unsigned)thread << 3 | 6u);
    if (clock_gettime(clock, &now))
        return NAN;
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* The i-th thread in starting order: the caller last. */
static struct papi_thread *in_order(struct papi_session *session, size_t i) {
    if (session->caller < session->count)
        i = i == session->count - 1 ? session->caller : i >= session->caller ? i + 1 : i;
    return &session->threads[i];
}

static void abandon(struct papi_session *session, size_t index, size_t started) {
    for (size_t i = 0; i < started; i++)
        PAPI_stop(in_order(session, i)->eventset[index], NULL);
}

/*
 * What is read right after the start is the zero: PAPI resets the counts of living threads, not what
 * inherited threads that have ended left behind.
 */
static int start(void *handle, unsigned set) {
    struct papi_session *session = handle;
    size_t index = find_set(session, set);
    if (index == session->set_count)
        return 0;
    int status = session->last_started == index ? 0 : check_threads(session);
    if (status)
        return status;
    session->last_started = index;
    for (size_t i = 0; i < session->count; i++)
        in_order(session, i)->cpu_ns = thread_cpu_ns(in_order(session, i)->id);
    for (size_t i = 0; i < session->count; i++)
        if ((status = PAPI_start(in_order(session, i)->eventset[index])) != PAPI_OK) {
            abandon(session, index, i);
            return -papi_errno(status);
        }
    for (size_t i = 0; i < session->count; i++) {
        struct papi_thread *thread = in_order(session, i);
        if ((status = PAPI_read(thread->eventset[index], thread->start)) != PAPI_OK) {
            abandon(session, index, session->count);
            return -papi_errno(status);
        }
    }
    return 0;
}

/* A thread that ran for 50 us without a count of the sentinel was not counted. */
static bool was_counted(const struct papi_set *set, const struct papi_thread *thread, const long long *now,
                        bool caller) {
    if (!set->sentinel || now[0] != thread->start[0])
        return true;
    return !caller && !(thread_cpu_ns(thread->id) - thread->cpu_ns > 50000);
}

static int stop_thread(struct papi_session *session, size_t index, struct papi_thread *thread,
                       struct counter_reading *reading) {
    const struct papi_set *set = &session->sets[index];
    long long now[PAPI_SET_EVENTS];
    int status = PAPI_stop(thread->eventset[index], now);
    if (status != PAPI_OK)
        return -papi_errno(status);
    if (!was_counted(set, thread, now, thread->id == gettid()))
        return -EBUSY;
    for (size_t i = 0; i < set->count; i++) {
        if (set->events[i] == COUNTER_EVENTS)
            continue;
        double *total = &reading->total[set->events[i]];
        thread->value[set->events[i]] = (double)(now[i] - thread->start[i]);
        *total = (isnan(*total) ? 0 : *total) + thread->value[set->events[i]];
    }
    return 0;
}

static int stop(void *handle, unsigned set, struct counter_reading *reading) {
    struct papi_session *session = handle;
    size_t index = find_set(session, set);
    int result = 0;
    if (index == session->set_count)
        return 0;
    for (size_t i = session->count; i-- > 0;) { /* the caller first; all of them, whatever happens to one */
        int status = stop_thread(session, index, in_order(session, i), reading);
        if (result == 0)
            result = status;
    }
    return result;
}

static double thread_value(const void *handle, size_t thread, enum counter_event event) {
    const struct papi_session *session = handle;
    return thread < session->count ? session->threads[thread].value[event] : NAN;
}

static int peek(void *handle, unsigned set) {
    struct papi_session *session = handle;
    long long values[PAPI_SET_EVENTS];
    size_t index = find_set(session, set);
    int status = PAPI_OK;
    for (size_t i = 0; i < session->count && index < session->set_count && status == PAPI_OK; i++)
        status = PAPI_read(session->threads[i].eventset[index], values);
    return status == PAPI_OK ? 0 : -papi_errno(status);
}

const struct counter_source_driver counter_driver_papi = {
    .source = SOURCE_HW,
    .probe = probe,
    .open = open_papi,
    .start = start,
    .stop = stop,
    .thread_value = thread_value,
    .peek = peek,
    .close = close_papi,
};
