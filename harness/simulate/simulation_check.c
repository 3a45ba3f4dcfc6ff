#include "simulate/simulation_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * What no core of today does: the widest retire 8 to 10 instructions a cycle (Zen 5: 8, Lion Cove and
 * Cortex-X925: 10 with fused ones), load 4 times and store 4 times, take two lines of 64 bytes from L2, and
 * read 100 GB/s from memory. Clocks drift: with room.
 */
#define MOST_IPC 10.5
#define MOST_READS 4.5
#define MOST_WRITES 4.5
#define MOST_LINES 2.2
#define MOST_GB_S 250.0
#define LINE 64.0

#define SAME_SCALE 0.05   /* counts an item that differ by less are the same */
#define SOME_MISSES 0.001 /* an item: fewer are none */

void simulated_arm_refuse(struct simulated_arm *arm, const struct simulation_why *why) {
    arm->cause = why->cause;
    arm->numbers = why->numbers;
    simulation_words(why, arm->reason, sizeof arm->reason);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        arm->counts[event] = NAN;
}

void simulated_arm_refuse_threads(struct simulated_arm *arm, unsigned threads) {
    simulated_arm_refuse(
        arm, &(struct simulation_why){.cause = SIMULATION_SEVERAL_THREADS, .numbers = {.threads = threads}});
}

static void refuse_rate(struct simulated_arm *arm, enum counter_event event, double rate) {
    const struct simulation_why why = {.cause = SIMULATION_IMPOSSIBLE,
                                       .numbers = {.event = event, .rate = rate}};
    simulated_arm_refuse(arm, &why);
}

void simulated_arm_check(struct simulated_arm *arm, double ghz) {
    static const struct {
        enum counter_event event;
        double most;
    } rates[] = {{COUNTER_INSTRUCTIONS, MOST_IPC},
                 {COUNTER_DATA_READS, MOST_READS},
                 {COUNTER_DATA_WRITES, MOST_WRITES},
                 {COUNTER_L1D_MISSES, MOST_LINES}};
    if (!(arm->cycles > 0))
        return;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double rate = arm->counts[rates[i].event] / arm->cycles;
        if (rate > rates[i].most) {
            refuse_rate(arm, rates[i].event, rate);
            return;
        }
    }
    double gb_s = arm->counts[COUNTER_LLC_MISSES] * LINE / (arm->cycles / ghz);
    if (gb_s > MOST_GB_S)
        refuse_rate(arm, COUNTER_LLC_MISSES, gb_s);
}

#define SAME_BUILD 2.0 /* speedups of two builds that differ by less are alike */

static double portable_speedup(const struct simulation *simulation, size_t arm) {
    return simulation->arms[0].cycles_p5 / simulation->arms[arm].cycles_p5;
}

bool simulation_builds_differ(const struct simulation *simulation, size_t arm, const double *run_ns) {
    double portable = portable_speedup(simulation, arm);
    return arm > 0 && !simulation->scaled && !simulation->arms[0].reason[0] &&
           !simulation->arms[arm].reason[0] && run_ns[0] > 0 && run_ns[arm] > 0 && portable > 0 &&
           fabs(log(run_ns[0] / run_ns[arm] / portable)) > log(SAME_BUILD);
}

void simulation_check_build(struct simulation *simulation, size_t arm_count, const double *run_ns) {
    for (size_t i = 1; i < arm_count; i++) {
        const struct simulation_why why = {
            .cause = SIMULATION_OTHER_BUILD,
            .numbers = {.portable = portable_speedup(simulation, i), .native = run_ns[0] / run_ns[i]}};
        if (simulation_builds_differ(simulation, i, run_ns))
            simulated_arm_refuse(&simulation->arms[i], &why);
    }
}

/* " at n = 4096": the values by which a smaller point differs from a smaller one still. */
static void name_difference(const struct point *point, const struct point *other, char *text, size_t size) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < point->count && i < other->count && length < size; i++)
        if (point->values[i].value != other->values[i].value)
            length += (size_t)snprintf(text + length, size - length, "%s%.20s = %" PRId64,
                                       length ? ", " : " at ", point->values[i].name, point->values[i].value);
}

static bool differ(double first, double second) {
    return fabs(first - second) > SAME_SCALE * fmax(fabs(first), fabs(second));
}

static void refuse_scale(struct simulation *simulation, const struct simulation *other, size_t arm,
                         enum counter_event event, double whole_s) {
    char here[48], there[48];
    name_difference(&simulation->point, &other->point, here, sizeof here);
    name_difference(&other->point, &simulation->point, there, sizeof there);
    const struct simulation_why why = {
        .cause = SIMULATION_OTHER_SCALE,
        .numbers = {.seconds = whole_s,
                    .event = event,
                    .count = simulation->arms[arm].counts[event] / simulation->items,
                    .smaller = other->arms[arm].counts[event] / other->items},
        .here = here,
        .there = there};
    simulated_arm_refuse(&simulation->arms[arm], &why);
}

void simulation_check_scale(struct simulation *simulation, size_t arm_count, const struct simulation *other,
                            double whole_s) {
    static const enum counter_event work[] = {COUNTER_INSTRUCTIONS, COUNTER_BRANCHES, COUNTER_DATA_READS,
                                              COUNTER_DATA_WRITES},
                                    misses[] = {COUNTER_BRANCH_MISSES, COUNTER_L1D_MISSES,
                                                COUNTER_LLC_MISSES};
    for (size_t arm = 0; arm < arm_count; arm++) {
        struct simulated_arm *checked = &simulation->arms[arm];
        if (checked->reason[0])
            continue;
        if (!other->arms || other->reason[0] || other->arms[arm].reason[0]) {
            simulated_arm_refuse(checked, &(struct simulation_why){.cause = SIMULATION_UNKNOWN_SCALE,
                                                                   .numbers = {.seconds = whole_s}});
            continue;
        }
        const double *second = other->arms[arm].counts;
        for (size_t i = 0; i < sizeof work / sizeof *work && !checked->reason[0]; i++)
            if (differ(checked->counts[work[i]] / simulation->items, second[work[i]] / other->items))
                refuse_scale(simulation, other, arm, work[i], whole_s);
        for (size_t i = 0; i < sizeof misses / sizeof *misses && !checked->reason[0]; i++) {
            double here = checked->counts[misses[i]] / simulation->items;
            bool none = misses[i] != COUNTER_BRANCH_MISSES && here < SOME_MISSES;
            if (none || (here >= SOME_MISSES && differ(here, second[misses[i]] / other->items)))
                checked->counts[misses[i]] = NAN;
        }
    }
}
