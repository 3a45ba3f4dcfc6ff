#include "counters/core_pmu.h"
#include "counters/facts.h"
#include "counters/selftest_loops.h"
#include "counters/source.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_hardware_source(enum counter_source source) {
    return source == SOURCE_HW || source == SOURCE_HW_GENERIC;
}

#define NATIVE_NOT_TESTED "not tested: no loop is known to count it"

static void set_trust(struct counter_plan *plan, enum counter_trust trust, const char *reason) {
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (!is_hardware_source(entry->source))
            continue;
        entry->trust = trust;
        snprintf(entry->reason, sizeof entry->reason, "%s", reason);
    }
}

/* Everything a self-test run needs. */
struct bench {
    const struct sample_clock *clock;
    struct counter_session *session;
    struct selftest_memory memory;
    struct selftest_reading readings[COUNTER_EVENTS];
};

struct stretch {
    struct counter_reading counts;
    struct selftest_work work;
    double seconds;
};

static int run_stretch(struct bench *bench, unsigned set, enum selftest_loop loop, bool is_long,
                       struct stretch *stretch) {
    int status = counter_session_start(bench->session, set);
    if (status)
        return status;
    uint64_t start = sample_clock_now(bench->clock);
    stretch->work = selftest_run(loop, selftest_iterations(loop, is_long), &bench->memory);
    stretch->seconds = (double)(sample_clock_now(bench->clock) - start) / bench->clock->ticks_per_ns * 1e-9;
    return counter_session_stop(bench->session, &stretch->counts);
}

static struct selftest_work work_between(const struct selftest_work *first,
                                         const struct selftest_work *last) {
    return (struct selftest_work){.iterations = last->iterations - first->iterations,
                                  .instructions = last->instructions - first->instructions,
                                  .branches = last->branches - first->branches,
                                  .dependent_cycles = last->dependent_cycles - first->dependent_cycles};
}

/* Long minus short, for every event of the set; `again` fills the repeat of an earlier call. */
static void measure_loop(struct bench *bench, const struct counter_plan *plan, unsigned set,
                         enum selftest_loop loop, bool again) {
    struct stretch brief, lengthy;
    if (run_stretch(bench, set, loop, false, &brief) || run_stretch(bench, set, loop, true, &lengthy))
        return;
    struct selftest_work work = work_between(&brief.work, &lengthy.work);
    double seconds = lengthy.seconds - brief.seconds;
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        if (!is_hardware_source(plan->entries[event].source) || plan->entries[event].set != set)
            continue;
        struct selftest_reading *reading = &bench->readings[event];
        double difference = lengthy.counts.total[event] - brief.counts.total[event];
        if (again) {
            reading->repeat[loop] = difference;
            continue;
        }
        reading->measured[loop] = difference;
        reading->seconds[loop] = seconds;
        selftest_expect((enum counter_event)event, loop, &work, seconds, &bench->memory, bench->clock,
                        &reading->expected_low[loop], &reading->expected_high[loop]);
    }
}

static void forget_readings(struct bench *bench) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        for (int loop = 0; loop < SELFTEST_LOOPS; loop++) {
            struct selftest_reading *reading = &bench->readings[event];
            reading->expected_low[loop] = reading->expected_high[loop] = NAN;
            reading->measured[loop] = reading->repeat[loop] = NAN;
            reading->seconds[loop] = 0;
        }
}

static bool can_run(const struct bench *bench, enum selftest_loop loop) {
    if (loop != SELFTEST_CHAIN && loop != SELFTEST_RANDOM)
        return bench->memory.bytes >= 64 * selftest_iterations(loop, true);
    return true;
}

static void measure_sets(struct bench *bench, const struct counter_plan *plan) {
    for (int loop = 0; loop < SELFTEST_LOOPS; loop++) {
        if (!can_run(bench, (enum selftest_loop)loop))
            continue;
        selftest_run((enum selftest_loop)loop, 100, &bench->memory); /* its code and pages are touched */
        for (unsigned set = 0; set < plan->sets; set++) {
            measure_loop(bench, plan, set, (enum selftest_loop)loop, false);
            measure_loop(bench, plan, set, (enum selftest_loop)loop, true);
        }
    }
}

static void grade(const struct bench *bench, struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (!is_hardware_source(entry->source))
            continue;
        if (event >= COUNTER_NATIVE_0) {
            entry->trust = TRUST_DEGRADED;
            snprintf(entry->reason, sizeof entry->reason, NATIVE_NOT_TESTED);
            continue;
        }
        entry->trust = selftest_grade((enum counter_event)event, &bench->readings[event],
                                      &entry->relative_error, entry->reason, sizeof entry->reason);
        if (entry->trust == TRUST_UNTRUSTED)
            snprintf(entry->remedy, sizeof entry->remedy, "another machine: this PMU does not count it");
    }
}

/* Counters that could be added but not run have no source after all. */
static void withdraw(struct counter_plan *plan, const struct problem *problem) {
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (!is_hardware_source(entry->source))
            continue;
        *entry = (struct counter_plan_entry){.relative_error = NAN};
        snprintf(entry->reason, sizeof entry->reason, "%.191s", problem->text);
    }
}

static void run_self_test(const struct sample_clock *clock, unsigned cpu, struct counter_plan *plan) {
    struct bench bench = {.clock = clock};
    struct problem problem = {""};
    pid_t self = gettid();
    set_trust(plan, TRUST_NONE, "");
    if (counter_session_open(plan, clock, &self, 1, &bench.session, &problem)) {
        withdraw(plan, &problem);
        return;
    }
    forget_readings(&bench);
    if (selftest_memory_open(cpu, &bench.memory))
        bench.memory.bytes = 0;
    measure_sets(&bench, plan);
    grade(&bench, plan);
    selftest_memory_close(&bench.memory);
    counter_session_close(bench.session);
}

/* Runs the self-test on one CPU, and leaves the caller where it was. */
static void self_test(const struct sample_clock *clock, unsigned cpu, struct counter_plan *plan) {
    if (!selftest_available()) {
        set_trust(plan, TRUST_DEGRADED, "not tested: no loops of known count for this architecture");
        return;
    }
    cpu_set_t before, one;
    bool bound = sched_getaffinity(0, sizeof before, &before) == 0;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (bound)
        sched_setaffinity(0, sizeof one, &one);
    run_self_test(clock, cpu, plan);
    if (bound)
        sched_setaffinity(0, sizeof before, &before);
}

/* Cycles that the PMU counts wrongly are better taken from the clock, which then says so. */
static void replace_untrusted_cycles(const struct counter_options *options, struct counter_plan *plan) {
    static const enum counter_event events[] = {COUNTER_CYCLES, COUNTER_REFERENCE_CYCLES};
    struct counter_plan_entry was[2];
    for (int i = 0; i < 2; i++) {
        struct counter_plan_entry *entry = &plan->entries[events[i]];
        was[i] = *entry;
        if (entry->trust == TRUST_UNTRUSTED)
            *entry = (struct counter_plan_entry){.relative_error = NAN};
    }
    counter_driver_clock.probe(options, plan);
    for (int i = 0; i < 2; i++) {
        struct counter_plan_entry *entry = &plan->entries[events[i]];
        if (was[i].trust != TRUST_UNTRUSTED)
            continue;
        if (entry->source == SOURCE_NONE)
            *entry = was[i];
        else
            snprintf(entry->reason, sizeof entry->reason,
                     "from a clock; %.24s of the PMU is untrusted: %.120s", was[i].native, was[i].reason);
    }
}

/* Renumbers the sets so that none is without an event. */
static void compact_sets(struct counter_plan *plan) {
    unsigned kept = 0;
    for (unsigned set = 0; set < plan->sets; set++) {
        bool used = false;
        for (int event = 0; event < COUNTER_EVENTS; event++) {
            struct counter_plan_entry *entry = &plan->entries[event];
            if (entry->source == SOURCE_NONE || entry->set != set)
                continue;
            entry->set = kept;
            used = true;
        }
        kept += used;
    }
    plan->sets = kept;
}

static bool is_enabled(const struct counter_options *options, enum counter_source source) {
    return !(options->disabled_sources & 1u << source);
}

static int probe_source(const struct counter_source_driver *driver, const struct counter_options *options,
                        struct counter_plan *plan) {
    return is_enabled(options, driver->source) ? driver->probe(options, plan) : 0;
}

static void start_plan(const struct counter_options *options, struct counter_plan *plan) {
    struct core_pmu pmu;
    memset(plan, 0, sizeof *plan);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        plan->entries[event].relative_error = NAN;
    plan->entries[COUNTER_USER_TIME].unlisted = plan->entries[COUNTER_SYSTEM_TIME].unlisted = true;
    for (size_t i = 0; i < options->native_event_count && i < COUNTER_NATIVE_EVENTS; i++)
        memcpy(plan->native_events[i], options->native_events[i], COUNTER_NAME);
    if (core_pmu_of(options->sysfs, options->cpu, &pmu) == 0 && pmu.kinds > 1) {
        plan->pmu_type = pmu.type;
        memcpy(plan->pmu_cpus, pmu.cpus, sizeof plan->pmu_cpus);
    }
}

/* No set counts them: a process of its own looks at memory, and every process at the clock around prepare. */
static void offer_harness(struct counter_plan *plan) {
    static const struct {
        enum counter_event event;
        const char *native;
    } measured[] = {{COUNTER_ALLOCATIONS, "calls of malloc and its like"},
                    {COUNTER_MEMORY, "arrays of the harness, and blocks of malloc"},
                    {COUNTER_PEAK_MEMORY, "VmHWM of /proc/self/status"},
                    {COUNTER_PREPARE_TIME, "CLOCK_MONOTONIC"}};
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++) {
        struct counter_plan_entry *entry = &plan->entries[measured[i].event];
        *entry = (struct counter_plan_entry){
            .source = SOURCE_HARNESS, .trust = TRUST_TRUSTED, .set = COUNTER_NO_SET, .relative_error = NAN};
        snprintf(entry->native, sizeof entry->native, "%s", measured[i].native);
    }
}

/* What a variant records by itself is read from the clock, in rounds of its own. */
static void probe_latencies(const struct counter_options *options, struct counter_plan *plan) {
    for (int event = COUNTER_LATENCY_P50; event <= COUNTER_LATENCY_MAX; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        *entry = (struct counter_plan_entry){
            .source = SOURCE_CLOCK, .trust = TRUST_TRUSTED, .set = COUNTER_NO_SET, .relative_error = NAN};
        snprintf(entry->native, sizeof entry->native, "cs_begin, cs_end: %.40s", options->clock->name);
    }
}

static void explain_rest(const char *unsourced, struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (entry->source == SOURCE_NONE && !entry->reason[0] &&
            counter_plan_has(plan, (enum counter_event)event)) {
            snprintf(entry->reason, sizeof entry->reason, "%s",
                     unsourced ? unsourced : "its sources were switched off");
            snprintf(entry->remedy, sizeof entry->remedy, "%s", unsourced ? "" : "leave counters on");
        }
    }
}

static bool has_hardware(const struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (is_hardware_source(plan->entries[event].source))
            return true;
    return false;
}

int counter_probe(const struct counter_options *given, struct counter_plan *plan) {
    struct counter_options options = *given;
    struct sample_clock own;
    if (!options.clock) {
        sample_clock_open(&own);
        options.clock = &own;
    }
    if (!options.sysfs)
        options.sysfs = "/sys";
    start_plan(&options, plan);
    if (!is_enabled(&options, SOURCE_HW))
        snprintf(plan->papi_reason, sizeof plan->papi_reason, "PAPI was switched off");
    int status = probe_source(&counter_driver_papi, &options, plan);
    if (status == 0)
        status = probe_source(&counter_driver_generic, &options, plan);
    if (status)
        return status;
    if (has_hardware(plan)) {
        counter_core_pmu(plan->pmu, sizeof plan->pmu);
        set_trust(plan, TRUST_DEGRADED, "not tested");
        if (options.self_test)
            self_test(options.clock, options.cpu, plan);
    }
    status = probe_source(&counter_driver_software, &options, plan);
    if (status == 0 && is_enabled(&options, SOURCE_CLOCK))
        replace_untrusted_cycles(&options, plan);
    if (is_enabled(&options, SOURCE_CLOCK))
        probe_latencies(&options, plan);
    compact_sets(plan);
    if (is_enabled(&options, SOURCE_HARNESS))
        offer_harness(plan);
    explain_rest(options.unsourced, plan);
    return status;
}
