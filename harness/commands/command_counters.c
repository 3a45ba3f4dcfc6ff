#include "commands/command_rounds.h"

#include "base/option_name.h"
#include "counters/call_trace.h"

#include <math.h>

/* What the kernel tells of every process that ended: exact, and free. */
static const struct {
    enum counter_event event;
    const char *native;
} told[] = {
    {COUNTER_USER_TIME, "ru_utime of wait4"},
    {COUNTER_SYSTEM_TIME, "ru_stime of wait4"},
    {COUNTER_TASK_CLOCK, "ru_utime + ru_stime of wait4"},
    {COUNTER_PAGE_FAULTS, "ru_minflt + ru_majflt of wait4"},
    {COUNTER_MAJOR_FAULTS, "ru_majflt of wait4"},
    {COUNTER_CONTEXT_SWITCHES, "ru_nvcsw + ru_nivcsw of wait4"},
    {COUNTER_READ_CALLS, "syscr of /proc/PID/io"},
    {COUNTER_WRITE_CALLS, "syscw of /proc/PID/io"},
    {COUNTER_READ_BYTES, "rchar of /proc/PID/io"},
    {COUNTER_WRITE_BYTES, "wchar of /proc/PID/io"},
};

static void set_absent(struct counter_plan_entry *entry, const char *reason, const char *remedy) {
    *entry = (struct counter_plan_entry){.relative_error = NAN};
    snprintf(entry->reason, sizeof entry->reason, "%s", reason);
    snprintf(entry->remedy, sizeof entry->remedy, "%s", remedy);
}

void command_counters_none(struct counter_plan *plan) {
    *plan = (struct counter_plan){.sets = 0};
    snprintf(plan->papi_reason, sizeof plan->papi_reason, "PAPI does not count other processes");
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        set_absent(&plan->entries[event], "it would be of the whole process, its start included", "");
        plan->entries[event].unlisted = event < COUNTER_NATIVE_0 && counter_event_info[event].later;
    }
}

/* In executions of their own. perf's tracepoint would count them faster, but few who may use it may not trace. */
static void probe_calls(struct counter_plan_entry *entry) {
    char reason[192], remedy[192];
    if (call_trace_probe(reason, sizeof reason, remedy, sizeof remedy)) {
        set_absent(entry, reason, remedy);
        return;
    }
    *entry = (struct counter_plan_entry){
        .source = SOURCE_SW, .trust = TRUST_TRUSTED, .set = COUNTER_NO_SET, .relative_error = NAN};
    snprintf(entry->native, sizeof entry->native, CALL_TRACE_NATIVE);
}

/*
 * PAPI counts threads of its own process, and the calibrated clock follows one core: a command is neither.
 * Its hardware events are perf_event's generic ones, which descendants inherit.
 */
void command_counters(const struct sample_clock *clock, unsigned cpu, bool wanted,
                      struct counter_plan *plan) {
    unsigned all = ~0u, no_hardware_but_generic =
                            1u << SOURCE_HW | 1u << SOURCE_CLOCK | 1u << SOURCE_SW | 1u << SOURCE_HARNESS;
    struct counter_options options = {.self_test = wanted,
                                      .cpu = cpu,
                                      .clock = clock,
                                      .unsourced =
                                          "not counted for commands: perf_event has no generic event for it",
                                      .disabled_sources = wanted ? no_hardware_but_generic : all};
    char unwanted[64];
    snprintf(unwanted, sizeof unwanted, "not asked for (%s)", option_name(SETTING_NO_COUNTERS));
    counter_probe(&options, plan);
    snprintf(plan->papi_reason, sizeof plan->papi_reason, "PAPI does not count other processes");
    for (int event = 0; event < COUNTER_NATIVE_0; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        entry->unlisted = event >= COUNTER_OF_KERNELS;
        if (!wanted)
            set_absent(entry, unwanted, "");
        else if (entry->source == SOURCE_NONE && !counter_event_info[event].hardware)
            set_absent(entry, "the kernel does not tell it of a process that ended", "");
    }
    for (size_t i = 0; wanted && i < sizeof told / sizeof *told; i++) {
        struct counter_plan_entry *entry = &plan->entries[told[i].event];
        *entry = (struct counter_plan_entry){
            .source = SOURCE_SW, .trust = TRUST_TRUSTED, .set = plan->sets, .relative_error = NAN};
        snprintf(entry->native, sizeof entry->native, "%s", told[i].native);
    }
    plan->sets += wanted;
    if (wanted)
        probe_calls(&plan->entries[COUNTER_SYSTEM_CALLS]);
    static const enum counter_event split[] = {COUNTER_USER_TIME, COUNTER_SYSTEM_TIME};
    for (size_t i = 0; wanted && i < 2; i++) {
        struct counter_plan_entry *entry = &plan->entries[split[i]];
        entry->trust = TRUST_DEGRADED;
        snprintf(
            entry->reason, sizeof entry->reason,
            "the sum (task-clock) is exact; many kernels split it by samples at clock ticks, a rough guess "
            "for short executions");
    }
}
