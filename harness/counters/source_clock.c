/* SOURCE_CLOCK: cycles from a clock, where no PMU counts them. */
#include "counters/source.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define CHAIN_ADDITIONS 4096 /* about 1.4 us at 3 GHz */
#define CHAIN_REPEATS 3
#define CALIBRATION_REPEATS 16
#define CALIBRATION_TRIES 4

/* Above this share of the stretch, CPU time of other threads makes the caller's cycles misleading. */
#define OTHERS_SHARE 0.01

static void accept_event(struct counter_plan *plan, enum counter_event event, const char *native,
                         const char *reason, const char *remedy) {
    struct counter_plan_entry *entry = &plan->entries[event];
    entry->source = SOURCE_CLOCK;
    entry->trust = TRUST_DEGRADED;
    entry->set = plan->sets;
    entry->relative_error = NAN;
    snprintf(entry->native, sizeof entry->native, "%s", native);
    snprintf(entry->reason, sizeof entry->reason, "%s", reason);
    snprintf(entry->remedy, sizeof entry->remedy, "%s", remedy);
}

static const char pmu_remedy[] = "a machine or virtual machine with a PMU";

static void probe_cycles(const struct sample_clock *clock, struct counter_plan *plan) {
    struct core_clock core;
    struct counter_plan_entry *entry = &plan->entries[COUNTER_CYCLES];
    int status = -ENOTSUP;
    for (int i = 0; i < CALIBRATION_TRIES && status; i++)
        status = core_clock_measure(clock, CALIBRATION_REPEATS, &core);
    if (status == 0 && core.cycles_per_tick > 0) {
        accept_event(plan, COUNTER_CYCLES, "core clock of a dependent chain",
                     "from a calibrated clock, not counted", pmu_remedy);
        return;
    }
    if (core.cycles_per_tick > 0)
        snprintf(entry->reason, sizeof entry->reason,
                 "no PMU counts them, and the core clock cannot be calibrated: two dependent chains disagree "
                 "by %.1f %%",
                 100 * core.disagreement);
    else
        snprintf(entry->reason, sizeof entry->reason,
                 "no PMU counts them, and the core clock cannot be calibrated on this architecture");
    snprintf(entry->remedy, sizeof entry->remedy, "a quieter machine, or one with a PMU");
}

static void probe_reference(const struct sample_clock *clock, struct counter_plan *plan) {
    struct counter_plan_entry *entry = &plan->entries[COUNTER_REFERENCE_CYCLES];
    if (clock->tsc) {
        accept_event(plan, COUNTER_REFERENCE_CYCLES, "time stamp counter",
                     "from the time stamp counter: goes on while the thread waits", pmu_remedy);
        return;
    }
    snprintf(entry->reason, sizeof entry->reason,
             "no PMU counts them, and there is no time stamp counter: %.100s", clock->reason);
    snprintf(entry->remedy, sizeof entry->remedy, "%s", pmu_remedy);
}

static int probe(const struct counter_options *options, struct counter_plan *plan) {
    struct counter_plan_entry *entries = plan->entries;
    if (entries[COUNTER_CYCLES].source == SOURCE_NONE)
        probe_cycles(options->clock, plan);
    if (entries[COUNTER_REFERENCE_CYCLES].source == SOURCE_NONE)
        probe_reference(options->clock, plan);
    plan->sets += entries[COUNTER_CYCLES].source == SOURCE_CLOCK ||
                  entries[COUNTER_REFERENCE_CYCLES].source == SOURCE_CLOCK;
    return 0;
}

struct clock_session {
    struct sample_clock clock;
    bool alone;                          /* one thread was asked for */
    unsigned cycles_set, reference_set;  /* ~0u: not ours */
    double cycles_per_tick, chain_ticks; /* at the opening */
    double chain_before;
    double others_ns; /* CPU time of other threads and of children, at the start */
    uint64_t started;
};

/*
 * The fastest of a few chains. Only the ratio to the chain at the opening is used, where the cost of reading
 * the clock cancels.
 */
static double chain_ticks(const struct sample_clock *clock) {
    uint64_t fastest = UINT64_MAX;
    for (int i = 0; i < CHAIN_REPEATS; i++) {
        uint64_t ticks = core_clock_chain(clock, CHAIN_ADDITIONS);
        fastest = ticks < fastest ? ticks : fastest;
    }
    return (double)fastest;
}

static double clock_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double timeval_ns(struct timeval time) {
    return (double)time.tv_sec * 1e9 + (double)time.tv_usec * 1e3;
}

static double others_cpu_ns(void) {
    struct rusage children;
    getrusage(RUSAGE_CHILDREN, &children);
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID) - clock_ns(CLOCK_THREAD_CPUTIME_ID) +
           timeval_ns(children.ru_utime) + timeval_ns(children.ru_stime);
}

static unsigned set_of(const struct counter_plan *plan, enum counter_event event) {
    return plan->entries[event].source == SOURCE_CLOCK ? plan->entries[event].set : ~0u;
}

/* Where the chains disagree in this process, disturbed or throttled, its cycles are not known: NAN. */
static void calibrate(struct clock_session *session) {
    struct core_clock core;
    session->cycles_per_tick = NAN;
    for (int i = 0; i < CALIBRATION_TRIES && isnan(session->cycles_per_tick); i++)
        if (core_clock_measure(&session->clock, CALIBRATION_REPEATS, &core) == 0)
            session->cycles_per_tick = core.cycles_per_tick;
    session->chain_ticks = chain_ticks(&session->clock);
}

static int open_clock(const struct counter_plan *plan, const struct sample_clock *clock, const pid_t *threads,
                      size_t count, void **handle, struct problem *problem) {
    (void)threads;
    struct clock_session *session = calloc(1, sizeof *session);
    *handle = NULL;
    if (!session)
        return problem_set(problem, ENOMEM, "no memory for a counter session");
    session->clock = *clock;
    session->alone = count == 1;
    session->cycles_set = set_of(plan, COUNTER_CYCLES);
    session->reference_set = set_of(plan, COUNTER_REFERENCE_CYCLES);
    if (session->cycles_set != ~0u)
        calibrate(session);
    *handle = session;
    return 0;
}

static int start(void *handle, unsigned set) {
    struct clock_session *session = handle;
    session->others_ns = others_cpu_ns();
    if (set == session->cycles_set)
        session->chain_before = chain_ticks(&session->clock);
    session->started = sample_clock_now(&session->clock);
    return 0;
}

static int stop(void *handle, unsigned set, struct counter_reading *reading) {
    struct clock_session *session = handle;
    double ticks = (double)(sample_clock_now(&session->clock) - session->started);
    double chain_after = set == session->cycles_set ? chain_ticks(&session->clock) : 0;
    double others_ns = others_cpu_ns() - session->others_ns;
    if (!session->alone || others_ns > 1000 + OTHERS_SHARE * ticks / session->clock.ticks_per_ns)
        return 0; /* cycles of one thread of several: the values stay NAN */
    if (set == session->cycles_set) {
        double now = 2 / (session->chain_before + chain_after);
        reading->total[COUNTER_CYCLES] = ticks * session->cycles_per_tick * session->chain_ticks * now;
    }
    if (set == session->reference_set)
        reading->total[COUNTER_REFERENCE_CYCLES] = ticks;
    return 0;
}

const struct counter_source_driver counter_driver_clock = {
    .source = SOURCE_CLOCK,
    .probe = probe,
    .open = open_clock,
    .start = start,
    .stop = stop,
    .thread_value = NULL,
    .close = free,
};
