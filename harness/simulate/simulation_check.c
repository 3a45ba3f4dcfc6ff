#include "simulate/simulation_check.h"

#include "base/numbers.h"
#include "base/option_name.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
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

void simulated_arm_refuse(struct simulated_arm *arm, enum simulation_cause cause, const char *format, ...) {
    va_list arguments;
    arm->cause = cause;
    va_start(arguments, format);
    vsnprintf(arm->reason, sizeof arm->reason, format, arguments);
    va_end(arguments);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        arm->counts[event] = NAN;
}

void simulated_arm_refuse_threads(struct simulated_arm *arm, unsigned threads) {
    simulated_arm_refuse(arm, SIMULATION_SEVERAL_THREADS,
                         "%u threads: Callgrind runs one at a time, so caches and waiting would be others",
                         threads);
}

void simulated_arm_check(struct simulated_arm *arm, double ghz) {
    static const struct {
        enum counter_event event;
        double most;
        const char *words;
    } rates[] = {{COUNTER_INSTRUCTIONS, MOST_IPC, "instructions"},
                 {COUNTER_DATA_READS, MOST_READS, "reads"},
                 {COUNTER_DATA_WRITES, MOST_WRITES, "writes"},
                 {COUNTER_L1D_MISSES, MOST_LINES, "L1D misses"}};
    if (!(arm->cycles > 0))
        return;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double rate = arm->counts[rates[i].event] / arm->cycles;
        if (rate > rates[i].most) {
            simulated_arm_refuse(arm, SIMULATION_IMPOSSIBLE,
                                 "what was simulated is not what was timed: %s %s a cycle are more than any "
                                 "core does; another path, or instructions that stand for many",
                                 BRIEF(rate, 3), rates[i].words);
            return;
        }
    }
    double gb_s = arm->counts[COUNTER_LLC_MISSES] * LINE / (arm->cycles / ghz);
    if (gb_s > MOST_GB_S)
        simulated_arm_refuse(
            arm, SIMULATION_IMPOSSIBLE,
            "what was simulated is not what was timed: %s GB/s from memory are more than any "
            "core reads",
            BRIEF(gb_s, 3));
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
    for (size_t i = 1; i < arm_count; i++)
        if (simulation_builds_differ(simulation, i, run_ns))
            simulated_arm_refuse(&simulation->arms[i], SIMULATION_OTHER_BUILD,
                                 "only the portable build can be simulated, and as timed it is another case: "
                                 "%s× as fast as the baseline, the native build %s×",
                                 BRIEF(portable_speedup(simulation, i), 3), BRIEF(run_ns[0] / run_ns[i], 3));
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
    double first = simulation->arms[arm].counts[event] / simulation->items;
    double second = other->arms[arm].counts[event] / other->items;
    simulated_arm_refuse(&simulation->arms[arm], SIMULATION_OTHER_SCALE,
                         "simulated whole it would take about %.0f s (%s), and smaller it is "
                         "another: %s %s an item%s, %s%s",
                         whole_s, option_name(SETTING_SIMULATION_BUDGET), BRIEF(first, 3),
                         counter_event_info[event].name, here, BRIEF(second, 3), there);
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
            simulated_arm_refuse(checked, SIMULATION_UNKNOWN_SCALE,
                                 "simulated whole it would take about %.0f s (%s), and that "
                                 "a smaller point is like it could not be shown",
                                 whole_s, option_name(SETTING_SIMULATION_BUDGET));
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
