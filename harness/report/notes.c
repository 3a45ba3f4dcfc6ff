#include "report/notes.h"

#include "report/case_view.h"
#include "report/format.h"
#include "report/story.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines of one kind; more are counted, and are in the result file and the CSV. */
#define LINES_MOST 8

/* Opens a note; the text that it returns stays valid until the next one is opened. */
static struct text *add_note(struct notes *notes, const char *label) {
    if (notes->count == notes->capacity) {
        size_t capacity = 2 * notes->capacity + 8;
        struct note *items = realloc(notes->items, capacity * sizeof *items);
        if (!items) {
            notes->failed = true;
            notes->nowhere.failed = true;
            return &notes->nowhere;
        }
        notes->items = items;
        notes->capacity = capacity;
    }
    notes->items[notes->count] = (struct note){.label = label};
    return &notes->items[notes->count++].text;
}

void notes_close(struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        text_clear(&notes->items[i].text);
    free(notes->items);
    *notes = (struct notes){0};
}

/* "lookup-hash-vs-linear hash, n = 8". */
static void print_subject(const struct comparison *comparison, struct text *text) {
    text_printf(text, "%s %s%s", comparison->case_name, comparison->candidate,
                comparison->point.count ? ", " : "");
    format_point(&comparison->point, text);
}

static const char *const source_meanings[] = {
    [SOURCE_HW] = "the processor's counters, through PAPI",
    [SOURCE_HW_GENERIC] = "the processor's counters, by the kernel's generic events",
    [SOURCE_SW] = "counted by the operating system",
    [SOURCE_CLOCK] = "estimated from a calibrated clock",
    [SOURCE_SIM] = "simulated by Valgrind, portable build",
    [SOURCE_APP] = "reported by the kernel of itself",
};

static void note_sources(struct notes *notes, const struct run *run) {
    bool used[SOURCE_APP + 1] = {false}, any = false, degraded = false;
    for (size_t i = 0; i < run->comparison_count; i++) {
        struct story story;
        story_choose(&run->comparisons[i], &story);
        for (size_t k = 0; k < STORY_COUNTERS && story.told[k]; k++) {
            used[story.told[k]->source] = any = true;
            degraded |= story.told[k]->trust == TRUST_DEGRADED;
        }
    }
    if (!any)
        return;
    struct text *text = add_note(notes, "counters");
    text_add(text, "candidate ÷ baseline, an item: below 1× the candidate needs fewer");
    for (int source = 0; source <= SOURCE_APP; source++)
        if (used[source])
            text_printf(text, "; %s: %s", counter_source_name((enum counter_source)source),
                        source_meanings[source]);
    if (degraded)
        text_add(text, "; ≈: plausible, but off or indirect");
}

static bool usable_anywhere(const struct run *run, const char *name) {
    for (size_t i = 0; i < run->comparison_count; i++)
        for (size_t k = 0; k < run->comparisons[i].counter_count; k++)
            if (strcmp(run->comparisons[i].counters[k].name, name) == 0 &&
                counter_is_usable(&run->comparisons[i].counters[k]))
                return true;
    return false;
}

static bool absent_in_plan(const struct run *run, size_t event) {
    const struct counter_plan_entry *entry = &run->counter_plan.entries[event];
    return (entry->source == SOURCE_NONE || entry->trust == TRUST_UNTRUSTED) &&
           !usable_anywhere(run, counter_event_info[event].name);
}

static bool same_cause(const struct counter_plan_entry *first, const struct counter_plan_entry *second) {
    return strcmp(first->reason, second->reason) == 0 && strcmp(first->remedy, second->remedy) == 0;
}

/* One line for all events that are absent for one reason. */
static void note_absent(struct notes *notes, const struct run *run) {
    const struct counter_plan_entry *entries = run->counter_plan.entries;
    if (!run->settings.counters) {
        text_add(add_note(notes, "absent"), "–: no counter was read, as asked");
        return;
    }
    bool told[COUNTER_EVENTS] = {false};
    for (size_t event = 0; event < COUNTER_EVENTS; event++) {
        if (told[event] || !absent_in_plan(run, event))
            continue;
        struct text *text = add_note(notes, "absent");
        for (size_t same = event; same < COUNTER_EVENTS; same++) {
            if (told[same] || !absent_in_plan(run, same) || !same_cause(&entries[event], &entries[same]))
                continue;
            text_printf(text, "%s%s", same == event ? "" : ", ", counter_event_info[same].name);
            told[same] = true;
        }
        text_printf(text, ": – %s",
                    entries[event].reason[0] ? entries[event].reason : "(the result gives no reason)");
        if (entries[event].remedy[0])
            text_printf(text, "; %s", entries[event].remedy);
    }
}

/* Whether the counter is absent from its comparison for a reason that the plan does not give. */
static bool absent_here(const struct run *run, const struct counter_result *counter) {
    if (counter_is_usable(counter) || !counter->reason[0])
        return false;
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
            struct text *text = add_note(notes, "absent");
            text_printf(text, "%s: – %s (first at ", counter->name, counter->reason);
            print_subject(&run->comparisons[i], text);
            text_add(text, ")");
        }
}

/* Text of one kind about a comparison; NULL or empty: none. */
typedef const char *(*comparison_text)(const struct comparison *comparison);

static const char *noise_of(const struct comparison *comparison) {
    return comparison->noise_text;
}

static const char *carry_over_of(const struct comparison *comparison) {
    return comparison->carry_over_text;
}

/* What limits a verdict; those of invalid and inconclusive comparisons stand under their rows. */
static const char *limit_of(const struct comparison *comparison) {
    bool in_table = comparison->verdict == VERDICT_INVALID || comparison->verdict == VERDICT_INCONCLUSIVE;
    return in_table ? NULL : comparison->reason;
}

static const char *identical_of(const struct comparison *comparison) {
    return comparison->identical_code ? "both variants compiled to the same machine code: a difference would "
                                        "be an error of measurement"
                                      : NULL;
}

static bool text_was_told(const struct run *run, size_t index, comparison_text text_of) {
    for (size_t i = 0; i < index; i++) {
        const char *earlier = text_of(&run->comparisons[i]);
        if (earlier && strcmp(earlier, text_of(&run->comparisons[index])) == 0)
            return true;
    }
    return false;
}

/* One line a text, with all comparisons that have it. */
static void note_comparisons(struct notes *notes, const struct run *run, const char *label,
                             comparison_text text_of) {
    size_t lines = 0, more = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const char *string = text_of(&run->comparisons[i]);
        if (!string || !*string || text_was_told(run, i, text_of))
            continue;
        if (lines == LINES_MOST) {
            more++;
            continue;
        }
        lines++;
        struct text *text = add_note(notes, label);
        print_subject(&run->comparisons[i], text);
        size_t others = 0;
        for (size_t k = i + 1; k < run->comparison_count; k++) {
            const char *other = text_of(&run->comparisons[k]);
            others += other && strcmp(other, string) == 0;
        }
        if (others)
            text_printf(text, " and %zu more", others);
        text_printf(text, ": %s", string);
    }
    if (more)
        text_printf(add_note(notes, label), "and %zu more; the result file and the CSV have them all", more);
}

static void note_skipped(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < run->skipped_count; i++) {
        const struct skipped *skipped = &run->skipped[i];
        struct text *text = add_note(notes, "skipped");
        text_printf(text, "%s%s%s%s", skipped->case_name, skipped->variant[0] ? " " : "", skipped->variant,
                    skipped->point.count ? ", " : "");
        format_point(&skipped->point, text);
        text_printf(text, ": %s", skipped->reason[0] ? skipped->reason : "the result gives no reason");
    }
}

/* The widest placebo, which is what this run may mistake for a difference. */
static void note_placebo(struct notes *notes, const struct run *run) {
    double floor = -1;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct interval *placebo = &run->comparisons[i].placebo;
        if (isfinite(placebo->low) && isfinite(placebo->high) && placebo->low > 0)
            floor = fmax(floor, fmax(fabs(log(placebo->low)), fabs(log(placebo->high))));
    }
    if (floor < 0 && run->comparison_count) {
        text_add(add_note(notes, "placebo"), "none: what the method mistakes for a difference is not known");
    } else if (floor >= 0) {
        char text[FORMAT_SIZE];
        snprintf(text, sizeof text, "%.2g %%", 100 * expm1(floor));
        text_printf(add_note(notes, "placebo"),
                    "the baseline against a copy of itself, in the same rounds: all intervals within ±%s",
                    text);
    }
}

static int compare_cpus(const void *first, const void *second) {
    int a = *(const int *)first, b = *(const int *)second;
    return (a > b) - (a < b);
}

/* Every CPU that a thread was bound to, ascending, once. Returns how many, at most `capacity`. */
static size_t bound_cpus(const struct run *run, int *cpus, size_t capacity) {
    size_t count = 0;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t k = 0; k < run->measurements[i].replicate_count; k++) {
            const struct replicate *replicate = &run->measurements[i].replicates[k];
            for (size_t thread = 0; thread < replicate->thread_count; thread++) {
                int cpu = replicate->threads[thread].cpu;
                size_t seen = 0;
                while (seen < count && cpus[seen] != cpu)
                    seen++;
                if (seen == count && count < capacity && cpu >= 0)
                    cpus[count++] = cpu;
            }
        }
    qsort(cpus, count, sizeof *cpus, compare_cpus);
    return count;
}

static void print_cpus(const struct run *run, struct text *text) {
    enum { MOST = 1024 };
    int *cpus = malloc(MOST * sizeof *cpus);
    if (!cpus) {
        text->failed = true;
        return;
    }
    size_t count = bound_cpus(run, cpus, MOST);
    text_printf(text, count ? "pinned to CPU%s " : "no CPU was pinned", count == 1 ? "" : "s");
    for (size_t i = 0; i < count;) {
        size_t length = 1;
        while (i + length < count && cpus[i + length] == cpus[i] + (int)length)
            length++;
        text_printf(text, "%s%d", i ? "," : "", cpus[i]);
        if (length > 1)
            text_printf(text, "%s%d", length > 2 ? "-" : ",", cpus[i + length - 1]);
        i += length;
    }
    free(cpus);
    if (run->settings.cpus[0])
        text_printf(text, " (--cpus %s)", run->settings.cpus);
    else if (run->settings.cpu_reason[0])
        text_printf(text, " (%s)", run->settings.cpu_reason);
}

static void note_machine(struct notes *notes, const struct run *run) {
    struct text *text = add_note(notes, "machine");
    text_printf(text, "%s", run->host.cpu_model[0] ? run->host.cpu_model : "CPU not known");
    if (run->host.hypervisor[0])
        text_printf(text, ", under %s", run->host.hypervisor);
    if (run->host.container[0])
        text_printf(text, ", in %s", run->host.container);
    text_add(text, "; ");
    print_cpus(run, text);
}

static void note_settings(struct notes *notes, const struct run *run) {
    const struct run_settings *settings = &run->settings;
    char delta[FORMAT_SIZE], budget[FORMAT_SIZE], duration[FORMAT_SIZE];
    format_percent(settings->delta, delta);
    format_duration(settings->budget_s, budget);
    format_duration(run->duration_s, duration);
    struct text *text = add_note(notes, "settings");
    text_printf(text, "points: %s; build: %s; budget %s a comparison, %u replicate%s; state %s; ",
                settings->points, settings->build, budget, settings->replicates,
                settings->replicates == 1 ? "" : "s", settings->state);
    if (strcmp(settings->layout, "random") == 0)
        text_add(text, "layout random: each replicate drew another link of the code; ");
    else if (strcmp(settings->layout, "fixed") == 0)
        text_add(text, "layout fixed to one link: holds for this binary as it is, another link may differ; ");
    else
        text_printf(text, "layout %s; ", settings->layout);
    text_printf(text, "delta %s; seed %" PRIu64 "; took %s", delta, settings->seed, duration);
}

/* How to read the table, for somebody who has never seen it. */
static void note_reading(struct notes *notes, const struct run *run) {
    char delta[FORMAT_SIZE], confidence[FORMAT_SIZE];
    format_percent(run->settings.delta, delta);
    format_percent(run->settings.confidence, confidence);
    struct text *text = add_note(notes, "reading");
    text_printf(
        text,
        "speedup = baseline time ÷ candidate time, above 1× the candidate is faster; the brackets hold its "
        "%s interval. faster, slower: the whole interval is beyond %s (or beyond the placebo's, if that is "
        "wider); equivalent: within it; inconclusive: neither; invalid: no claim. Verdicts are corrected "
        "for the number of comparisons",
        confidence, delta);
    text_printf(text, " (%zu here, Holm's procedure).", run->comparison_count);
    text_add(
        add_note(notes, "marks"),
        "★ target met by the whole interval; answer: ✓ checked = equal to the baseline's on every seed and "
        "accepted by an independent check, ✓ yes (=) = equal to the baseline's, ✗ wrong; – not known; "
        "none moved: counted, and no counter that could matter changed");
}

int notes_open(struct notes *notes, const struct run *run) {
    *notes = (struct notes){0};
    if (!run->complete)
        text_add(add_note(notes, "INCOMPLETE"),
                 "the run was cut short: only what was complete by then is shown");
    note_sources(notes, run);
    note_absent(notes, run);
    note_absent_in_comparisons(notes, run);
    note_comparisons(notes, run, "noise", noise_of);
    note_comparisons(notes, run, "carry-over", carry_over_of);
    note_comparisons(notes, run, "same code", identical_of);
    note_comparisons(notes, run, "limits", limit_of);
    note_skipped(notes, run);
    note_placebo(notes, run);
    note_machine(notes, run);
    note_settings(notes, run);
    note_reading(notes, run);
    for (size_t i = 0; i < notes->count; i++)
        notes->failed |= notes->items[i].text.failed;
    if (notes->failed) {
        notes_close(notes);
        return -ENOMEM;
    }
    return 0;
}
