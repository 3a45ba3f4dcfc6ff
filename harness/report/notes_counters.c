/* Notes about counters: what their marks mean, what was simulated elsewhere, and why some are absent. */
#include "report/case_view.h"
#include "report/format.h"
#include "report/notes.h"
#include "report/story.h"

#include <string.h>

static const char *const source_meanings[] = {
    [SOURCE_HW] = "the processor's counters, through PAPI",
    [SOURCE_HW_GENERIC] = "the processor's counters, by the kernel's generic events",
    [SOURCE_SW] = "counted by the operating system",
    [SOURCE_CLOCK] = "from the calibrated clock",
    [SOURCE_SIM] = "simulated, not measured",
    [SOURCE_HARNESS] = "measured by countersign around the kernel",
    [SOURCE_APP] = "reported by the kernel of itself",
};

/* What the notes have to explain. */
struct usage {
    bool sources[SOURCE_APP + 1];
    bool any, degraded, rate, scaled;
};

static void use_counter(struct usage *usage, const struct run *run, const struct comparison *comparison,
                        const struct counter_result *counter) {
    const struct measurement *measurement = measurement_of(run, comparison);
    usage->sources[counter->source] = usage->any = true;
    bool scaled = measurement && measurement->simulation.scaled;
    usage->degraded |= counter_is_estimate(counter, scaled);
    usage->rate |= strcmp(counter->name, "ipc") == 0;
    usage->scaled |= counter->source == SOURCE_SIM && scaled;
}

static void use_comparison(struct usage *usage, const struct run *run, const struct comparison *comparison,
                           bool all) {
    struct story story;
    story_choose(comparison, &story);
    for (size_t k = 0; !all && k < STORY_COUNTERS && story.told[k]; k++)
        use_counter(usage, run, comparison, story.told[k]);
    for (size_t k = 0; all && k < comparison->counter_count; k++)
        if (counter_is_usable(&comparison->counters[k]))
            use_counter(usage, run, comparison, &comparison->counters[k]);
}

/* One machine has one tool and one geometry: those of the first point that was simulated. */
static void print_simulation(const struct run *run, struct text *text) {
    size_t i = 0;
    while (i < run->measurement_count && !run->measurements[i].simulation.arms)
        i++;
    text_add(text, "; sim: ");
    if (i == run->measurement_count) {
        text_add(text, source_meanings[SOURCE_SIM]);
        return;
    }
    const struct simulation *simulation = &run->measurements[i].simulation;
    text_printf(text,
                "simulated by Callgrind (%s) over the portable build with this machine's caches%s%s%s, user "
                "code alone; exact, not measured",
                simulation->tool, simulation->caches[0] ? " (" : "", simulation->caches,
                simulation->caches[0] ? ")" : "");
}

static void note_sources(struct notes *notes, const struct run *run, const struct usage *usage) {
    struct text *text = notes_add_kind(notes, NOTE_COUNTERS);
    text_add(text, "candidate ÷ baseline, an item: below 1× the candidate needs fewer");
    for (int source = 0; source <= SOURCE_APP; source++)
        if (usage->sources[source] && source == SOURCE_SIM)
            print_simulation(run, text);
        else if (usage->sources[source])
            text_printf(text, "; %s: %s", counter_source_name((enum counter_source)source),
                        source_meanings[source]);
    if (usage->rate)
        text_add(text, "; ipc: instructions a cycle, above 1× the candidate does more of them");
    if (usage->degraded)
        text_add(text, "; ≈: an estimate: plausible, but off or indirect");
}

/* Whether an earlier point of the same case was scaled down. */
static bool scaling_told(const struct run *run, size_t index) {
    const struct measurement *measurement = &run->measurements[index];
    for (size_t i = 0; i < index; i++)
        if (run->measurements[i].simulation.scaled &&
            strcmp(run->measurements[i].case_name, measurement->case_name) == 0)
            return true;
    return false;
}

static void print_smaller_point(const struct measurement *measurement, struct text *text) {
    const struct point *smaller = &measurement->simulation.point;
    bool started = false;
    for (size_t i = 0; i < smaller->count; i++) {
        const struct point_value *whole = point_find(&measurement->point, smaller->values[i].name);
        if (whole && whole->value == smaller->values[i].value)
            continue;
        text_printf(text, "%s%s = ", started ? ", " : "", smaller->values[i].name);
        format_point_value(&smaller->values[i], text);
        if (whole) {
            text_add(text, " for ");
            format_point_value(whole, text);
        }
        started = true;
    }
}

/* Once a case, with each of its points that was scaled down. */
static void note_scaled(struct notes *notes, const struct run *run) {
    struct text *text = notes_add_kind(notes, NOTE_SCALED);
    text_add(text,
             SCALED_MARK ": simulated at a smaller point, as the whole one would have taken too long: ");
    bool started = false;
    for (size_t i = 0; i < run->measurement_count; i++) {
        if (!run->measurements[i].simulation.scaled || scaling_told(run, i))
            continue;
        text_printf(text, "%s%s at ", started ? "; " : "", run->measurements[i].case_name);
        started = true;
        bool inner = false;
        for (size_t k = i; k < run->measurement_count; k++) {
            if (!run->measurements[k].simulation.scaled ||
                strcmp(run->measurements[i].case_name, run->measurements[k].case_name) != 0)
                continue;
            text_add(text, inner ? ", " : "");
            print_smaller_point(&run->measurements[k], text);
            inner = true;
        }
    }
}

static bool usable_anywhere(const struct run *run, const char *name, bool simulated) {
    for (size_t i = 0; i < run->comparison_count; i++)
        for (size_t k = 0; k < run->comparisons[i].counter_count; k++) {
            const struct counter_result *counter = &run->comparisons[i].counters[k];
            if ((counter->source == SOURCE_SIM) == simulated && strcmp(counter->name, name) == 0 &&
                counter_is_usable(counter))
                return true;
        }
    return false;
}

static const char *event_name(const struct run *run, size_t event) {
    return counter_plan_name(&run->counter_plan, (enum counter_event)event);
}

static bool absent_in_plan(const struct run *run, size_t event) {
    const struct counter_plan_entry *entry = &run->counter_plan.entries[event];
    return (entry->source == SOURCE_NONE || entry->trust == TRUST_UNTRUSTED) &&
           counter_plan_has(&run->counter_plan, (enum counter_event)event) &&
           !usable_anywhere(run, event_name(run, event), false);
}

static bool same_cause(const struct run *run, size_t first, size_t second) {
    const struct counter_plan_entry *entries = run->counter_plan.entries;
    return strcmp(entries[first].reason, entries[second].reason) == 0 &&
           strcmp(entries[first].remedy, entries[second].remedy) == 0;
}

/*
 * "l2-misses, dtlb-misses": absent for the cause of `event`, from it on; simulated or not. Returns how many.
 */
static size_t print_absent_names(const struct run *run, size_t event, bool simulated, struct text *text) {
    size_t count = 0;
    for (size_t same = event; same < COUNTER_EVENTS; same++)
        if (absent_in_plan(run, same) && same_cause(run, event, same) &&
            usable_anywhere(run, event_name(run, same), true) == simulated)
            text_printf(text, "%s%s", count++ ? ", " : "", event_name(run, same));
    return count;
}

/* Whether nothing at all is counted, and for one cause. */
static bool all_absent_alike(const struct run *run) {
    for (size_t event = 0; event < COUNTER_EVENTS; event++)
        if (counter_plan_has(&run->counter_plan, (enum counter_event)event) &&
            (!absent_in_plan(run, event) || !same_cause(run, 0, event)))
            return false;
    return true;
}

static bool cause_told(const struct run *run, size_t event) {
    for (size_t earlier = 0; earlier < event; earlier++)
        if (absent_in_plan(run, earlier) && same_cause(run, earlier, event))
            return true;
    return false;
}

/* One line for all events that are not counted for one reason; what was simulated instead is not absent. */
static void note_absent(struct notes *notes, const struct run *run) {
    if (!run->settings.counters) {
        text_add(notes_add_kind(notes, NOTE_ABSENT), "–: no counter was read, as asked");
        return;
    }
    if (all_absent_alike(run)) {
        text_printf(notes_add(notes, "absent"), "– what the system or a PMU counts: %s",
                    run->counter_plan.entries[0].reason);
        return;
    }
    for (size_t event = 0; event < COUNTER_EVENTS; event++) {
        if (!absent_in_plan(run, event) || cause_told(run, event))
            continue;
        const struct counter_plan_entry *entry = &run->counter_plan.entries[event];
        struct text names = {0}, simulated = {0};
        size_t absent = print_absent_names(run, event, false, &names);
        size_t others = print_absent_names(run, event, true, &simulated);
        struct text *text = notes_add_kind(notes, NOTE_ABSENT);
        text_printf(text, "%s: %s%s", absent ? text_string(&names) : text_string(&simulated),
                    absent ? "– " : "not counted, but simulated: ", format_reason(entry->reason));
        if (entry->remedy[0])
            text_printf(text, "; would help: %s", entry->remedy);
        text->failed |= names.failed || simulated.failed;
        if (absent && others)
            text_printf(notes_add_kind(notes, NOTE_ABSENT),
                        "%s: for the same reason not counted, but simulated", text_string(&simulated));
        text_clear(&names);
        text_clear(&simulated);
    }
}

/* Whether the counter is absent from its comparison for a reason that neither the plan nor its simulation
 * gives. */
static bool absent_here(const struct run *run, const struct counter_result *counter) {
    if (counter_is_usable(counter) || !counter->reason[0] || counter->source == SOURCE_SIM)
        return false;
    enum counter_event own = counter_plan_find(&run->counter_plan, counter->name);
    if (own == COUNTER_EVENTS && counter_is_native_name(counter->name))
        return true; /* of the case's own plan */
    for (size_t event = 0; event < COUNTER_EVENTS; event++)
        if (strcmp(run->counter_plan.entries[event].reason, counter->reason) == 0)
            return false;
    return true;
}

static bool same_absence(const struct counter_result *first, const struct counter_result *second) {
    return strcmp(first->name, second->name) == 0 && strcmp(first->reason, second->reason) == 0;
}

static bool absence_told(const struct run *run, size_t comparison, size_t index) {
    const struct counter_result *counter = &run->comparisons[comparison].counters[index];
    for (size_t i = 0; i <= comparison; i++)
        for (size_t k = 0; k < (i == comparison ? index : run->comparisons[i].counter_count); k++)
            if (same_absence(&run->comparisons[i].counters[k], counter))
                return true;
    return false;
}

static void note_absent_in_comparisons(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < run->comparison_count && run->settings.counters; i++)
        for (size_t k = 0; k < run->comparisons[i].counter_count; k++) {
            const struct counter_result *counter = &run->comparisons[i].counters[k];
            if (!absent_here(run, counter) || absence_told(run, i, k))
                continue;
            struct text *text = notes_add_kind(notes, NOTE_ABSENT);
            text_printf(text, "%s: – %s (first at ", counter->name, counter->reason);
            notes_print_subject(&run->comparisons[i], text);
            text_add(text, ")");
            const struct counter_plan *plan = run_plan_of(run, run->comparisons[i].case_name);
            enum counter_event event = counter_plan_find(plan, counter->name);
            if (event >= COUNTER_NATIVE_0 && event != COUNTER_EVENTS && plan->entries[event].remedy[0])
                text_printf(text, "; would help: %s", plan->entries[event].remedy);
        }
}

/* Why the arm was not simulated; SIMULATION_COUNTED where it was, or was not to be. */
static enum simulation_cause unsimulated(const struct measurement *measurement, size_t arm) {
    return measurement->arms[arm].role == ARM_PLACEBO ? SIMULATION_COUNTED
                                                      : simulation_cause(&measurement->simulation, arm);
}

/* What has words of its own is told apart by them: it is shown once. */
static bool has_own_words(enum simulation_cause cause) {
    return cause == SIMULATION_NO_TOOL || cause == SIMULATION_NO_PORTABLE_BUILD ||
           cause == SIMULATION_SEVERAL_THREADS || cause == SIMULATION_SERVER || cause == SIMULATION_FAILED ||
           cause == SIMULATION_UNREADABLE || cause == SIMULATION_OTHER;
}

static bool same_cause_simulated(const struct measurement *first, size_t first_arm,
                                 const struct measurement *second, size_t second_arm) {
    enum simulation_cause cause = unsimulated(first, first_arm);
    return cause == unsimulated(second, second_arm) &&
           (!has_own_words(cause) || !strcmp(simulation_reason(&first->simulation, first_arm),
                                             simulation_reason(&second->simulation, second_arm)));
}

/* Variants and points up to arm `end_arm` of measurement `end` that were not simulated for the same cause. */
static size_t count_unsimulated(const struct run *run, size_t index, size_t arm, size_t end, size_t end_arm) {
    size_t count = 0;
    for (size_t i = 0; i < run->measurement_count && i <= end; i++)
        for (size_t k = 0; k < (i == end ? end_arm : run->measurements[i].arm_count); k++)
            count += same_cause_simulated(&run->measurements[index], arm, &run->measurements[i], k);
    return count;
}

/* One line a cause, with the first variant and point that it was given for. */
static void note_unsimulated(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t arm = 0; arm < run->measurements[i].arm_count; arm++) {
            const struct measurement *measurement = &run->measurements[i];
            if (unsimulated(measurement, arm) == SIMULATION_COUNTED || count_unsimulated(run, i, arm, i, arm))
                continue;
            size_t others = count_unsimulated(run, i, arm, SIZE_MAX, 0) - 1;
            struct text *text = notes_add_kind(notes, NOTE_ABSENT);
            text_printf(text, "simulated counters: – %s (%s %s%s",
                        simulation_reason(&measurement->simulation, arm), measurement->case_name,
                        measurement->arms[arm].variant, measurement->point.count ? ", " : "");
            format_point(&measurement->point, text);
            if (others)
                text_printf(text, " and %zu more", others);
            text_add(text, ")");
        }
}

void notes_add_counters(struct notes *notes, const struct run *run, bool all) {
    struct usage usage = {0};
    for (size_t i = 0; i < run->comparison_count; i++)
        use_comparison(&usage, run, &run->comparisons[i], all);
    if (usage.any)
        note_sources(notes, run, &usage);
    if (usage.scaled)
        note_scaled(notes, run);
    note_absent(notes, run);
    note_absent_in_comparisons(notes, run);
    note_unsimulated(notes, run);
}
