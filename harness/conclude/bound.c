#include "conclude/bound.h"

#include "base/numbers.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static double in_cycles(const struct bound_evidence *evidence, double ns) {
    return ns * evidence->ghz;
}

void bound_shares(const struct bound_evidence *evidence, struct bound_shares *shares) {
    double cycles = in_cycles(evidence, evidence->user_ns);
    double misses = evidence->l1d_misses.value;
    *shares =
        (struct bound_shares){.cycles = cycles,
                              .core = evidence->instructions.value / BOUND_WIDTH / cycles,
                              .branches = evidence->branch_misses.value * BOUND_MISPREDICTION / cycles,
                              .front_end = evidence->l1i_misses.value * BOUND_LINE_FROM_L2 / cycles,
                              .memory_least = misses * in_cycles(evidence, evidence->miss_least_ns) / cycles,
                              .memory_most = misses * in_cycles(evidence, evidence->miss_most_ns) / cycles};
}

double bound_miss_cycles(const struct bound_evidence *evidence) {
    struct bound_shares shares;
    bound_shares(evidence, &shares);
    double misses = evidence->l1d_misses.value;
    if (!isfinite(shares.memory_most) || !isfinite(shares.memory_least) || !(misses > 0))
        return 10;
    double front_end = isnan(shares.front_end) ? 0 : shares.front_end;
    double left = (1 - shares.core - shares.branches - front_end) * shares.cycles / misses;
    return fmin(fmax(left, in_cycles(evidence, evidence->miss_least_ns)),
                in_cycles(evidence, evidence->miss_most_ns));
}

static void __attribute__((format(printf, 3, 4)))
conclude(struct bound_judgement *judgement, enum bound bound, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(judgement->text, sizeof judgement->text, format, arguments);
    va_end(arguments);
    judgement->bound = bound;
}

/* By the threads' time alone: true where that decides. */
static bool judge_time(const struct bound_evidence *evidence, struct bound_judgement *judgement) {
    double cpu = evidence->user + evidence->system;
    if (!isfinite(cpu) || !(evidence->time_ns > 0)) {
        conclude(judgement, BOUND_NOT_CLEAR, "it could not be timed");
        return true;
    }
    if (evidence->queued >= BOUND_QUEUED) {
        conclude(
            judgement, BOUND_NOT_CLEAR,
            "for %.0f %% of the time something else ran on its processor; repeat it on a quieter machine",
            100 * evidence->queued);
        return true;
    }
    if (evidence->runtime >= BOUND_MOST) {
        conclude(
            judgement, BOUND_WAITING,
            "%.0f %% of its samples are in OpenMP's runtime, where threads are started, joined and wait for "
            "each other",
            100 * evidence->runtime);
        return true;
    }
    if (evidence->waiting >= BOUND_MOST && evidence->others >= BOUND_OTHERS) {
        conclude(
            judgement, BOUND_NOT_CLEAR,
            "for %.0f %% of the time it neither computes nor is in the kernel; whether it sleeps or waits for a "
            "processor is known of its first thread alone, and other programs take %.0f %% of the processors; "
            "repeat it on a quieter machine",
            100 * evidence->waiting, 100 * evidence->others);
        return true;
    }
    if (evidence->waiting >= BOUND_MOST && evidence->voluntary_switches > 0) {
        conclude(judgement, BOUND_WAITING,
                 "its threads sleep for %.0f %% of the time (%s times an item), and compute for %.0f %%",
                 100 * evidence->waiting, BRIEF(evidence->voluntary_switches, 3), 100 * cpu);
        return true;
    }
    if (evidence->system >= BOUND_MOST * cpu) {
        conclude(judgement, BOUND_SYSTEM_CALLS,
                 "%.0f %% of its CPU time is spent in the kernel (%s page faults an item)",
                 100 * evidence->system / cpu, BRIEF(evidence->faults, 3));
        return true;
    }
    if (evidence->user < BOUND_MOST) {
        conclude(judgement, BOUND_NOT_CLEAR,
                 "it computes for %.0f %% of the time, is in the kernel for %.0f %% and sleeps for %.0f %%",
                 100 * evidence->user, 100 * evidence->system, 100 * evidence->waiting);
        return true;
    }
    return false;
}

/* Three digits, and no exponent. */
static void format_count(double value, char text[NUMBER_SIZE]) {
    number_brief(value, value >= 1000 ? 6 : 3, text);
}

/* The counts as they stand against the time, for the end of every judgement by counts. */
static void add_numbers(const struct bound_evidence *evidence, struct bound_judgement *judgement) {
    const struct bound_shares *shares = &judgement->shares;
    size_t length = strlen(judgement->text);
    char cycles[NUMBER_SIZE], misses[NUMBER_SIZE], memory[48];
    format_count(shares->cycles, cycles);
    format_count(evidence->l1d_misses.value, misses);
    if (shares->memory_most > 1)
        snprintf(memory, sizeof memory, "%s %.0f %%", shares->memory_least > 1 ? "more than" : "at least",
                 100 * fmin(1, shares->memory_least));
    else
        snprintf(memory, sizeof memory, "%.0f to %.0f %%", 100 * shares->memory_least,
                 100 * shares->memory_most);
    snprintf(judgement->text + length, sizeof judgement->text - length,
             "; of %s cycles an item, at %s instructions a cycle, %smispredictions (%s, at %s to %s "
             "cycles) would "
             "take %.0f to %.0f %%, L1D misses (%s, at %s to %s ns) %s",
             cycles, BRIEF(BOUND_WIDTH * shares->core, 2),
             evidence->branch_misses.source == SOURCE_SIM ? "the simulation's " : "",
             BRIEF(evidence->branch_misses.value, 3), BRIEF(BOUND_MISPREDICTION, 6),
             BRIEF(BOUND_MISPREDICTION_MOST, 6), 100 * shares->branches,
             100 * shares->branches / BOUND_MISPREDICTION * BOUND_MISPREDICTION_MOST, misses,
             BRIEF(evidence->miss_least_ns, 2), BRIEF(evidence->miss_most_ns, 3), memory);
}

/* Causes that explain most of the time for themselves. */
struct causes {
    bool core, branches, front_end, memory;
};

static int count_causes(const struct causes *causes) {
    return causes->core + causes->branches + causes->front_end + causes->memory;
}

/* Nothing explains most of the time alone: what is left must be misses that wait, or chains of operations. */
static void judge_rest(const struct bound_shares *shares, double front_end, bool refuted,
                       struct bound_judgement *judgement) {
    double rest = 1 - shares->core - (refuted ? 0 : shares->branches) - front_end;
    if (refuted)
        conclude(judgement, BOUND_NOT_CLEAR, "this core predicts branches better than the simulated one");
    else if (shares->memory_most > BOUND_AGREES && shares->memory_least < BOUND_LITTLE)
        conclude(
            judgement, BOUND_NOT_CLEAR,
            "its cache misses overlap, if they are waited for at all, or chains of dependent instructions "
            "take the time: the two cannot be told apart");
    else if (shares->memory_most >= BOUND_MOST && shares->memory_most >= rest)
        conclude(judgement, BOUND_MEMORY, "its cache misses suffice for what nothing else explains (%.0f %%)",
                 100 * rest);
    else if (shares->memory_most < BOUND_LITTLE && shares->branches < BOUND_LITTLE)
        conclude(judgement, BOUND_CORE,
                 "with few misses and mispredictions, what takes the time is chains of dependent or slow "
                 "instructions");
    else
        conclude(judgement, BOUND_NOT_CLEAR, "no single cause explains most of the time");
}

static void judge_counts(const struct bound_evidence *evidence, struct bound_judgement *judgement) {
    const struct bound_shares *shares = &judgement->shares;
    double front_end = isnan(shares->front_end) ? 0 : shares->front_end;
    char instructions[NUMBER_SIZE];
    format_count(evidence->instructions.value, instructions);
    /* More than all of the time: the core did not mispredict as often as the simulation. */
    bool refuted = shares->branches > 1;
    struct causes causes = {.core = shares->core >= BOUND_MOST,
                            .branches = !refuted && shares->branches >= BOUND_MUCH,
                            .front_end = front_end >= BOUND_MUCH,
                            .memory = shares->memory_least >= BOUND_MOST};
    /* Lines cannot come faster than in order; instructions can come faster than 4 a cycle on some cores. */
    if (shares->memory_least >= BOUND_NEARLY_ALL && shares->core < 1)
        causes.core = false;
    /* Misses that could wait for each other may hide behind instructions, but not behind a lost path. */
    bool hidden = shares->core >= BOUND_HIDING || (causes.core && shares->memory_most < 1);
    bool overlaps = shares->memory_most >= BOUND_MOST && !causes.memory && !hidden;
    if (count_causes(&causes) > 1 || (count_causes(&causes) == 1 && overlaps))
        conclude(judgement, BOUND_NOT_CLEAR, "more than one cause could explain most of the time");
    else if (causes.memory)
        conclude(judgement, BOUND_MEMORY, "even read in order, its lines would take most of the time");
    else if (causes.branches && evidence->branch_misses.source == SOURCE_SIM &&
             BOUND_WIDTH * shares->core > BOUND_STALLED)
        conclude(
            judgement, BOUND_NOT_CLEAR,
            "at so many instructions a cycle, this core hardly mispredicts as often as the simulated one");
    else if (causes.branches)
        conclude(judgement, BOUND_BRANCHES, "mispredictions would take much of the time");
    else if (causes.front_end)
        conclude(judgement, BOUND_FRONT_END, "%s L1I misses an item would take %.0f %% of the time",
                 BRIEF(evidence->l1i_misses.value, 3), 100 * front_end);
    else if (causes.core)
        conclude(judgement, BOUND_CORE, "it executes %s instructions an item, many in each cycle",
                 instructions);
    else
        judge_rest(shares, front_end, refuted, judgement);
    add_numbers(evidence, judgement);
}

void bound_judge(const struct bound_evidence *evidence, struct bound_judgement *judgement) {
    *judgement = (struct bound_judgement){.bound = BOUND_NOT_CLEAR};
    bound_shares(evidence, &judgement->shares);
    if (judge_time(evidence, judgement))
        return;
    const struct bound_shares *shares = &judgement->shares;
    if (evidence->uncounted[0])
        conclude(judgement, BOUND_NOT_CLEAR, "it computes, but whether it waits for memory is not known: %s",
                 evidence->uncounted);
    else if (!isfinite(shares->core) || !isfinite(shares->branches) || !isfinite(shares->memory_most) ||
             !isfinite(shares->memory_least))
        conclude(judgement, BOUND_NOT_CLEAR, "it computes, but too little is known: %s",
                 isfinite(evidence->ghz) && evidence->ghz > 0 ? "a count or the cost of a miss is missing"
                                                              : "the core clock is not known");
    else
        judge_counts(evidence, judgement);
}
