#include "report/story.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

enum kind {
    KIND_PROCESSOR, /* what the code does */
    KIND_SYSTEM,    /* what it asks of the system, or says of itself */
    KIND_TIME,      /* time in another unit */
    KIND_PART,      /* a part of it */
    KIND_RATE       /* not per item: says what the time and another counter say together */
};

/*
 * What an event may cost at the most, and what it costs as a rule, ns. The most is generous, orders of
 * magnitude: it keeps counts that are too rare to matter out of the story (ten page faults against one in a
 * million items is a ratio of 10 and no reason). The rule ranks what is left.
 */
static const struct trait {
    const char *name;
    enum kind kind;
    double cost_ns, usual_ns;
    double weight; /* of the distance from 1, where there is no difference in time to account for */
} traits[] = {
    {"instructions", KIND_PROCESSOR, 1, 0.1, 1},
    {"branches", KIND_PROCESSOR, 1, 0.1, 0.9},
    {"data-reads", KIND_PROCESSOR, 1, 0.1, 0.8},
    {"data-writes", KIND_PROCESSOR, 1, 0.1, 0.8},
    {"branch-misses", KIND_PROCESSOR, 20, 5, 1},
    {"l1d-misses", KIND_PROCESSOR, 20, 3, 1},
    {"l2-misses", KIND_PROCESSOR, 50, 10, 0.9},
    {"llc-misses", KIND_PROCESSOR, 150, 50, 1},
    {"dtlb-misses", KIND_PROCESSOR, 100, 8, 0.9},
    {"page-faults", KIND_SYSTEM, 2e3, 700, 0.8},
    {"major-faults", KIND_SYSTEM, 1e7, 1e6, 0.8},
    {"context-switches", KIND_SYSTEM, 5e3, 2e3, 0.8},
    {"migrations", KIND_SYSTEM, 1e4, 2e3, 0.5},
    {"read-calls", KIND_SYSTEM, 1e6, 400, 0.8},
    {"write-calls", KIND_SYSTEM, 1e6, 400, 0.8},
    {"system-calls", KIND_SYSTEM, 1e6, 300, 0.7},
    {"read-bytes", KIND_SYSTEM, 10, 0.1, 0.5},
    {"write-bytes", KIND_SYSTEM, 10, 0.1, 0.5},
    {"cycles", KIND_TIME, 1, 0.1, 0.3},
    {"reference-cycles", KIND_TIME, 1, 0.1, 0.2},
    {"task-clock", KIND_TIME, 1, 0.3, 0.3},
    /* Parts of task-clock, which the kernel splits roughly: no reason for anything, and told where there is
     * none. */
    {"user-time", KIND_PART, 0, 0, 0},
    {"system-time", KIND_PART, 0, 0, 0},
    {"allocations", KIND_SYSTEM, 1e4, 50, 0.8},
    /* What a variant takes, which is told, and no reason for its time. */
    {"memory", KIND_PART, 0, 0, 0},
    {"peak-memory", KIND_PART, 0, 0, 0},
    {"prepare-time", KIND_PART, 0, 0, 0},
    /* Times of single items: likewise no reason. */
    {"latency-p50", KIND_PART, 0, 0, 0},
    {"latency-p95", KIND_PART, 0, 0, 0},
    {"latency-p99", KIND_PART, 0, 0, 0},
    {"latency-max", KIND_PART, 0, 0, 0},
    {"ipc", KIND_RATE, INFINITY, 0, 0},
};

/* A kernel's own counters: their cost is not known, so they always count. */
static const struct trait own_counter = {"", KIND_SYSTEM, INFINITY, 0, 0.8};

static const struct trait *trait_of(const struct counter_result *counter) {
    for (size_t i = 0; counter->source != SOURCE_APP && i < sizeof traits / sizeof *traits; i++)
        if (strcmp(traits[i].name, counter->name) == 0)
            return &traits[i];
    return &own_counter;
}

bool counter_is_usable(const struct counter_result *counter) {
    return counter->source != SOURCE_NONE &&
           (counter->trust == TRUST_TRUSTED || counter->trust == TRUST_DEGRADED) &&
           isfinite(counter->baseline) && isfinite(counter->candidate);
}

bool counter_is_estimate(const struct counter_result *counter, bool scaled) {
    bool only_scaled = scaled && counter->source == SOURCE_SIM && strcmp(counter->name, "ipc") != 0;
    return counter->trust == TRUST_DEGRADED && !only_scaled;
}

bool counter_is_superseded(const struct comparison *comparison, const struct counter_result *counter) {
    for (size_t i = 0; counter->source == SOURCE_SIM && i < comparison->counter_count; i++) {
        const struct counter_result *other = &comparison->counters[i];
        if (other->source != SOURCE_SIM && other->source != SOURCE_APP && counter_is_usable(other) &&
            strcmp(other->name, counter->name) == 0)
            return true;
    }
    return false;
}

static bool has_ratio(const struct counter_result *counter) {
    return counter_is_usable(counter) && isfinite(counter->ratio.estimate) && counter->ratio.estimate >= 0;
}

/* Events that only one of the two has: no ratio says that well, and nothing says more. */
static bool is_one_sided(const struct counter_result *counter) {
    return counter_is_usable(counter) && (counter->baseline == 0) != (counter->candidate == 0);
}

#define ONE_SIDED 1000 /* counts as a ratio of so much */

#define UNMOVED 1.005 /* a ratio that would be shown as 1.00 */

/*
 * Counting has its own cost, a few microseconds of system calls in half a millisecond, and noise of its own.
 */
#define REPEATS 1.2

/* Whether the counter says no more than the time does: time moved by 1 / speedup. */
static bool repeats_time(const struct counter_result *counter, const struct comparison *comparison) {
    return fabs(log(counter->ratio.estimate * comparison->speedup.estimate)) < log(REPEATS);
}

#define MATTERS 0.02

/* Whether so many events can be that share of the time. */
static bool can_matter(const struct counter_result *counter, const struct comparison *comparison) {
    double slowest = fmax(comparison->baseline_time.median, comparison->candidate_time.median);
    return fmax(counter->baseline, counter->candidate) * trait_of(counter)->cost_ns >= MATTERS * slowest;
}

/* Of the ratio from 1, on a logarithmic scale. */
static double distance(const struct counter_result *counter) {
    return is_one_sided(counter) ? log(ONE_SIDED) : fabs(log(counter->ratio.estimate));
}

#define ACCOUNTS 0.5
#define OWN 1e-4 /* of its distance: behind what is known to cost something */

/*
 * How much of the difference in time the counter accounts for, at what its events usually cost; 0: it went
 * the other way, or is less than half of the difference even at the most that they can cost. What a kernel
 * counts of itself may be better when it is more, and costs nobody knows what.
 */
static double accounted(const struct counter_result *counter, const struct comparison *comparison) {
    const struct trait *trait = trait_of(counter);
    double saved_ns = comparison->baseline_time.median - comparison->candidate_time.median;
    double share = (counter->baseline - counter->candidate) / saved_ns;
    if (trait == &own_counter)
        return OWN * distance(counter);
    return share * trait->cost_ns >= ACCOUNTS ? share * trait->usual_ns : 0;
}

static bool is_different(const struct comparison *comparison) {
    return comparison->verdict == VERDICT_FASTER || comparison->verdict == VERDICT_SLOWER;
}

/* Whether it moved, beyond its noise and what would be shown as 1.00. */
static bool moved(const struct counter_result *counter) {
    const struct interval *ratio = &counter->ratio;
    return is_one_sided(counter) || (has_ratio(counter) && (ratio->low > 1 || ratio->high < 1) &&
                                     fabs(log(ratio->estimate)) >= log(UNMOVED));
}

/* How much a counter tells; 0: nothing. */
static double telling(const struct counter_result *counter, const struct comparison *comparison) {
    const struct trait *trait = trait_of(counter);
    if (!moved(counter) || !can_matter(counter, comparison))
        return 0;
    /* Cycles from a calibrated clock are the time over again, with less precision. */
    if (trait->kind == KIND_TIME && (counter->source == SOURCE_CLOCK || repeats_time(counter, comparison)))
        return 0;
    return is_different(comparison) ? accounted(counter, comparison) : trait->weight * distance(counter);
}

#define PREDICTED 1e9 /* more than anything tells: what the case names comes first, moved or not */

/* How much a counter tells, with what the case expects of it. */
static double interest(const struct counter_result *counter, const struct comparison *comparison) {
    double value = telling(counter, comparison);
    if (counter->predicted && (has_ratio(counter) || is_one_sided(counter)))
        value += PREDICTED + (moved(counter) ? distance(counter) : 0);
    return counter_is_superseded(comparison, counter) ? 0 : value;
}

static const struct counter_result *most_telling(const struct comparison *comparison,
                                                 const struct counter_result *except) {
    const struct counter_result *best = NULL;
    double best_telling = 0;
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const struct counter_result *counter = &comparison->counters[i];
        double value = counter == except ? 0 : interest(counter, comparison);
        if (value > best_telling) {
            best = counter;
            best_telling = value;
        }
    }
    return best;
}

/* That the instructions did not change is worth a word where nothing else did, and how they did as well. */
static const struct counter_result *unmoved(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const struct counter_result *counter = &comparison->counters[i];
        if (has_ratio(counter) && trait_of(counter)->kind == KIND_PROCESSOR &&
            (!moved(counter) || !strcmp(counter->name, "instructions")) &&
            !counter_is_superseded(comparison, counter))
            return counter;
    }
    return NULL;
}

/* Of user and system time, what moved most: no cause, but what there is to tell. */
static const struct counter_result *moved_part(const struct comparison *comparison) {
    const struct counter_result *most = NULL;
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const struct counter_result *counter = &comparison->counters[i];
        if (trait_of(counter)->kind == KIND_PART && has_ratio(counter) && moved(counter) &&
            counter->ratio.estimate > 0 && (!most || distance(counter) > distance(most)))
            most = counter;
    }
    return most;
}

/* That as many instructions took another number of cycles. */
static const struct counter_result *moved_rate(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const struct counter_result *counter = &comparison->counters[i];
        if (has_ratio(counter) && trait_of(counter)->kind == KIND_RATE &&
            fabs(log(counter->ratio.estimate)) >= log(REPEATS) && !counter_is_superseded(comparison, counter))
            return counter;
    }
    return NULL;
}

void story_choose(const struct comparison *comparison, struct story *story) {
    *story = (struct story){0};
    if (comparison->verdict == VERDICT_INVALID)
        return;
    for (size_t i = 0; i < comparison->counter_count && !story->counted; i++)
        story->counted = has_ratio(&comparison->counters[i]) &&
                         trait_of(&comparison->counters[i])->kind < KIND_TIME &&
                         can_matter(&comparison->counters[i], comparison);
    story->told[0] = most_telling(comparison, NULL);
    if (story->told[0])
        story->told[1] = most_telling(comparison, story->told[0]);
    else if ((story->told[0] = unmoved(comparison)))
        story->told[1] = moved_rate(comparison);
    else
        story->told[0] = moved_part(comparison);
    for (size_t i = 0; i < comparison->counter_count && !story->moved; i++)
        story->moved = moved(&comparison->counters[i]) && can_matter(&comparison->counters[i], comparison) &&
                       comparison->counters[i].source != SOURCE_CLOCK;
}

void story_print(const struct story *story, size_t count, bool with_source, struct text *text) {
    if (!story->told[0]) {
        text_add(text, !story->counted ? "–" : story->moved ? "none explains it" : "none moved");
        return;
    }
    for (size_t i = 0; i < count && i < STORY_COUNTERS && story->told[i]; i++) {
        const struct counter_result *counter = story->told[i];
        char number[FORMAT_SIZE];
        bool from_none = counter->baseline == 0;
        double value = from_none ? counter->candidate : counter->ratio.estimate;
        if (story->brief)
            format_number_short(value, number);
        else
            format_number(value, number);
        text_printf(text, "%s%s %s%s%s%s", i ? ", " : "", counter->name,
                    counter_is_estimate(counter, story->scaled) ? "≈" : "", from_none ? "0 to " : "", number,
                    from_none ? "" : "×");
        if (story->scaled && counter->source == SOURCE_SIM)
            text_add(text, from_none ? " " SCALED_MARK : SCALED_MARK);
        if (with_source)
            text_printf(text, " %s", counter_source_name(counter->source));
    }
}
