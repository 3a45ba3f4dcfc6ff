#include "conclude/simulated_counters.h"

#include "countersign.h"

#include <math.h>
#include <string.h>

static const enum counter_event simulated_events[] = {
    COUNTER_INSTRUCTIONS, COUNTER_BRANCHES,   COUNTER_BRANCH_MISSES, COUNTER_DATA_READS,
    COUNTER_DATA_WRITES,  COUNTER_L1D_MISSES, COUNTER_LLC_MISSES};

static const struct interval unknown = {NAN, NAN, NAN};

/* "simulated at n = 4096, hit = 50 %", the parameters that differ from the measured point. */
static void name_scaled_point(const struct measurement *measurement, char *text, size_t size) {
    const struct point *small = &measurement->simulation.point;
    size_t length = (size_t)snprintf(text, size, "simulated at");
    const char *separator = " ";
    for (size_t i = 0; i < small->count && length < size; i++) {
        const struct point_value *value = &small->values[i];
        bool same = i < measurement->point.count && measurement->point.values[i].value == value->value;
        if (!same)
            length += (size_t)snprintf(text + length, size - length, "%s%s = %lld", separator, value->name,
                                       (long long)value->value);
        separator = same ? separator : ", ";
    }
}

/* What a reader must know of numbers that there are; empty if nothing. */
static void qualify(const struct measurement *measurement, size_t candidate, char *reason, size_t size) {
    bool io = (measurement->arms[0].flags | measurement->arms[candidate].flags) & CS_IO;
    char scaled[128] = "";
    if (measurement->simulation.scaled)
        name_scaled_point(measurement, scaled, sizeof scaled);
    snprintf(reason, size, "%s%s%s", scaled, scaled[0] && io ? "; " : "",
             io ? "user code alone: not what its system calls do" : "");
}

/* Why one of the two was not simulated; empty if both were. */
static void explain_absence(const struct measurement *measurement, size_t candidate, char *reason,
                            size_t size) {
    const struct simulation *simulation = &measurement->simulation;
    reason[0] = '\0';
    if (simulation->reason[0] || !simulation->arms) {
        snprintf(reason, size, "%s", simulation->reason[0] ? simulation->reason : "nothing was simulated");
        return;
    }
    const size_t arms[] = {0, candidate};
    for (size_t i = 0; i < 2 && !reason[0]; i++)
        if (simulation->arms[arms[i]].reason[0])
            snprintf(reason, size, "%.40s: %.149s", measurement->arms[arms[i]].variant,
                     simulation->arms[arms[i]].reason);
}

static struct interval exactly(double value) {
    return (struct interval){value, value, value};
}

static void fill_event(const struct measurement *measurement, size_t candidate, enum counter_event event,
                       struct counter_result *result) {
    const struct simulation *simulation = &measurement->simulation;
    if (simulation->arms && simulation->items > 0) {
        result->baseline = simulation->arms[0].counts[event] / simulation->items;
        result->candidate = simulation->arms[candidate].counts[event] / simulation->items;
    }
    if (simulation->scaled && !isnan(result->baseline) != !isnan(result->candidate))
        result->baseline = result->candidate = NAN;
    if (simulation->scaled && isnan(result->baseline) &&
        !isnan(simulation->arms[0].counts[COUNTER_INSTRUCTIONS]) &&
        !isnan(simulation->arms[candidate].counts[COUNTER_INSTRUCTIONS]))
        snprintf(result->reason, sizeof result->reason,
                 "at smaller points its number an item changes with size");
    result->baseline_interval = exactly(result->baseline);
    result->candidate_interval = exactly(result->candidate);
    if (result->baseline > 0)
        result->ratio = exactly(result->candidate / result->baseline);
    result->trust = isnan(result->baseline) && isnan(result->candidate) ? TRUST_NONE
                    : result->reason[0]                                 ? TRUST_DEGRADED
                                                                        : TRUST_TRUSTED;
}

static struct interval arm_ipc(const struct simulated_arm *arm) {
    double instructions = arm->counts[COUNTER_INSTRUCTIONS];
    if (!(arm->cycles_p5 > 0) || isnan(instructions))
        return unknown;
    return (struct interval){instructions / arm->cycles, instructions / arm->cycles_p95,
                             instructions / arm->cycles_p5};
}

/* The interval of the ratio is the widest that the two allow. */
static void fill_ipc(const struct measurement *measurement, size_t candidate, struct counter_result *result) {
    const struct simulation *simulation = &measurement->simulation;
    if (simulation->arms) {
        result->baseline_interval = arm_ipc(&simulation->arms[0]);
        result->candidate_interval = arm_ipc(&simulation->arms[candidate]);
    }
    struct interval baseline = result->baseline_interval, other = result->candidate_interval;
    result->baseline = baseline.estimate;
    result->candidate = other.estimate;
    if (baseline.low > 0 && other.low > 0)
        result->ratio = (struct interval){other.estimate / baseline.estimate, other.low / baseline.high,
                                          other.high / baseline.low};
    bool absent = isnan(result->baseline) && isnan(result->candidate);
    result->trust = absent ? TRUST_NONE : TRUST_DEGRADED;
    char qualified[192];
    snprintf(qualified, sizeof qualified, "%s", result->reason);
    bool half = isnan(result->baseline) != isnan(result->candidate); /* why is told, and more than enough */
    if (!absent && !(half && qualified[0]))
        snprintf(result->reason, sizeof result->reason,
                 "estimate: simulated instructions ÷ calibrated cycles of the same portable build%s%.90s",
                 qualified[0] ? "; " : "", qualified);
    else if (!result->reason[0])
        snprintf(result->reason, sizeof result->reason, "the portable build could not be timed");
}

size_t simulated_counters(const struct measurement *measurement, size_t candidate, bool ipc,
                          struct counter_result *results) {
    char reason[192];
    size_t count = 0, events = sizeof simulated_events / sizeof *simulated_events;
    if (!measurement->simulation.tool[0])
        return 0;
    explain_absence(measurement, candidate, reason, sizeof reason);
    if (!reason[0])
        qualify(measurement, candidate, reason, sizeof reason);
    for (size_t i = 0; i < events + ipc; i++) {
        struct counter_result *result = &results[count++];
        *result = (struct counter_result){.source = SOURCE_SIM,
                                          .baseline = NAN,
                                          .candidate = NAN,
                                          .baseline_interval = unknown,
                                          .candidate_interval = unknown,
                                          .ratio = unknown};
        snprintf(result->reason, sizeof result->reason, "%s", reason);
        if (i < events) {
            snprintf(result->name, sizeof result->name, "%s", counter_event_info[simulated_events[i]].name);
            snprintf(result->unit, sizeof result->unit, "%s", counter_event_info[simulated_events[i]].unit);
            fill_event(measurement, candidate, simulated_events[i], result);
        } else {
            snprintf(result->name, sizeof result->name, "ipc");
            snprintf(result->unit, sizeof result->unit, "instruction/cycle");
            fill_ipc(measurement, candidate, result);
        }
    }
    return count;
}
