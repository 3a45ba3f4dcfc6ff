/* What is to be said of one comparison beside its counters. */
#include "report/details.h"

#include "report/draws.h"
#include "report/fits.h"
#include "report/format.h"
#include "report/story.h"
#include "report/summary.h"
#include "store/thread_counts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void details_print_heading(const struct comparison *comparison, struct text *text) {
    text_printf(text, "%s: %s against %s%s", comparison->case_name, comparison->candidate,
                comparison->baseline, comparison->point.count ? ", " : "");
    format_point(&comparison->point, text);
}

void details_print_verdict(const struct comparison *comparison, const struct report_style *style,
                           struct text *text) {
    char times[2][FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    if (comparison->verdict == VERDICT_INVALID) {
        text_printf(text, "invalid: %s", format_reason(comparison->reason));
        return;
    }
    format_times(comparison->baseline_time.median, comparison->candidate_time.median, times[0], times[1]);
    format_speedup(comparison->speedup, estimate, interval);
    text_printf(text, "%s%s%s: %s %s, %s → %s per %s, answer: %s", verdict_name(comparison->verdict),
                earns_star(comparison) ? " " : "", earns_star(comparison) ? target_mark(style) : "", estimate,
                interval, times[0], times[1], comparison->item,
                comparison->verified == VERIFIED_NO ? "not compared"
                                                    : answer_mark(style, comparison->verified, false));
    if (comparison->reason[0])
        text_printf(text, "; %s", comparison->reason);
}

static void line_prediction(struct notes *notes, const struct comparison *comparison) {
    if (comparison->mechanism == MECHANISM_NONE)
        return;
    text_printf(notes_add(notes, "prediction"), "%s%s%s", mechanism_words(comparison->mechanism),
                comparison->mechanism_text[0] ? ": " : "", comparison->mechanism_text);
}

static void print_share(double share, const char *name, struct text *text) {
    if (isfinite(share))
        text_printf(text, "%s%.0f %% %s", text->length ? ", " : "", 100 * share, name);
}

static void line_spread(struct notes *notes, const struct comparison *comparison) {
    struct spread shares = comparison_spread(comparison);
    if (!isfinite(shares.round) && !isfinite(shares.process))
        return;
    struct text *text = notes_add(notes, "spread");
    print_share(shares.round, "rounds", text);
    print_share(shares.process, isfinite(shares.layout) ? "processes" : "processes and layout", text);
    print_share(shares.layout, "layout", text);
}

static void lines_draws(struct notes *notes, const struct run *run, const struct comparison *comparison) {
    if (comparison->verdict == VERDICT_INVALID)
        return;
    if (comparison->units)
        draws_print_count(comparison, notes_add(notes, "replicates"));
    if (draws_have_kinds(run, comparison))
        draws_print_kinds(run, comparison, notes_add(notes, "kinds"));
    if (draws_are_serial(comparison))
        draws_print_serial(comparison, notes_add(notes, "neighbours"));
}

static void line_placebo(struct notes *notes, const struct comparison *comparison) {
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    if (!isfinite(comparison->placebo.low) || !isfinite(comparison->placebo.high))
        return;
    format_speedup(comparison->placebo, estimate, interval);
    text_printf(notes_add(notes, "placebo"), "%s against a copy of itself: %s %s", comparison->baseline,
                estimate, interval);
}

/* "baseline 12, candidate 7": both variants of a comparison by name. */
static void print_pair(const struct comparison *comparison, const char *baseline, const char *candidate,
                       struct text *text) {
    text_printf(text, "%s %s, %s %s", comparison->baseline, baseline, comparison->candidate, candidate);
}

static void line_resources(struct notes *notes, const struct comparison *comparison) {
    const struct arm_resources *before = &comparison->baseline_resources,
                               *after = &comparison->candidate_resources;
    char texts[2][FORMAT_SIZE];
    if (isfinite(before->peak_rss_bytes) || isfinite(after->peak_rss_bytes)) {
        format_bytes(before->peak_rss_bytes, texts[0]);
        format_bytes(after->peak_rss_bytes, texts[1]);
        print_pair(comparison, texts[0], texts[1], notes_add(notes, "memory"));
    }
    if (isfinite(before->cpu_share) || isfinite(after->cpu_share)) {
        struct text *text = notes_add(notes, "CPUs busy");
        format_number(before->cpu_share, texts[0]);
        format_number(after->cpu_share, texts[1]);
        print_pair(comparison, texts[0], texts[1], text);
    }
}

static void print_latency(const char *variant, const struct arm_latency *latency, struct text *text) {
    char p50[FORMAT_SIZE], p95[FORMAT_SIZE], p99[FORMAT_SIZE], most[FORMAT_SIZE];
    if (!isfinite(latency->p50))
        return;
    format_times(latency->p50, latency->p95, p50, p95);
    format_times(latency->p99, latency->max, p99, most);
    text_printf(text, "%s%s p50 %s, p95 %s, p99 %s, max %s", text->length ? "; " : "", variant, p50, p95, p99,
                most);
}

static void line_latency(struct notes *notes, const struct comparison *comparison) {
    if (!isfinite(comparison->baseline_latency.p50) && !isfinite(comparison->candidate_latency.p50))
        return;
    struct text *text = notes_add(notes, "latency");
    print_latency(comparison->baseline, &comparison->baseline_latency, text);
    print_latency(comparison->candidate, &comparison->candidate_latency, text);
}

#define THREADS_MOST 1024
#define THREADS_LISTED 8 /* more are told by the smallest and the largest share */

static void print_shares(const char *event, const double *shares, int count, struct text *text) {
    double least = shares[0], most = shares[0];
    text_printf(text, "%s%s ", text->length ? ", " : "", event);
    for (int i = 0; i < count; i++) {
        least = fmin(least, shares[i]);
        most = fmax(most, shares[i]);
        if (count <= THREADS_LISTED)
            text_printf(text, "%s%.0f %%", i ? " / " : "", 100 * shares[i]);
    }
    if (count > THREADS_LISTED)
        text_printf(text, "%s %% to %s %%, %d threads", BRIEF(100 * least, 3), BRIEF(100 * most, 3), count);
}

/* How evenly the threads of a parallel variant share the work. 0 or -ENOMEM. */
static int line_threads(struct notes *notes, const struct measurement *measurement, size_t arm) {
    double shares[THREADS_MOST];
    struct text text = {0};
    for (size_t i = 0; i < RESULT_THREAD_EVENTS; i++) {
        int count = thread_shares(measurement, arm, thread_events[i], shares, THREADS_MOST);
        if (count < 0) {
            text_clear(&text);
            return count;
        }
        if (count)
            print_shares(counter_event_info[thread_events[i]].name, shares, count, &text);
    }
    if (text.length)
        text_printf(notes_add(notes, "threads"), "%s: %s", measurement->arms[arm].variant,
                    text_string(&text));
    notes->failed |= text.failed;
    text_clear(&text);
    return 0;
}

static int lines_threads(struct notes *notes, const struct run *run, const struct comparison *comparison) {
    const struct measurement *measurement = measurement_of(run, comparison);
    if (!measurement || comparison->baseline_arm >= measurement->arm_count ||
        comparison->candidate_arm >= measurement->arm_count)
        return 0;
    int error = line_threads(notes, measurement, comparison->baseline_arm);
    return error ? error : line_threads(notes, measurement, comparison->candidate_arm);
}

static void line_disturbances(struct notes *notes, const struct comparison *comparison) {
    if (comparison->noise_text[0])
        text_add(notes_add(notes, "noise"), comparison->noise_text);
    if (comparison->carry_over_text[0])
        text_add(notes_add(notes, "carry-over"), comparison->carry_over_text);
    if (comparison->identical_code)
        text_add(notes_add(notes, "same code"), "both variants compiled to the same machine code");
}

bool counter_is_zero(const struct counter_result *counter) {
    return counter->baseline == 0 && counter->candidate == 0;
}

static void line_zero(struct notes *notes, const struct comparison *comparison) {
    struct text *text = NULL;
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const struct counter_result *counter = &comparison->counters[i];
        if (!counter_is_usable(counter) || !counter_is_zero(counter))
            continue;
        bool simulated = counter->source == SOURCE_SIM;
        text = text ? text : notes_add(notes, "none");
        text_printf(text, "%s%s%s", text->length ? ", " : "neither variant had any: ", counter->name,
                    simulated ? " (sim)" : "");
    }
}

/* Neither counted nor simulated. */
static bool is_absent(const struct comparison *comparison, const struct counter_result *counter) {
    if (counter_is_usable(counter))
        return false;
    for (size_t i = 0; i < comparison->counter_count; i++)
        if (counter_is_usable(&comparison->counters[i]) &&
            strcmp(comparison->counters[i].name, counter->name) == 0)
            return false;
    return true;
}

/* Which label a counter that is not to be taken as it is stands under; NULL for all others. */
static const char *label_of(const struct comparison *comparison, const struct counter_result *counter,
                            bool scaled) {
    if (is_absent(comparison, counter))
        return "absent";
    if (!counter_is_usable(counter) || counter->trust != TRUST_DEGRADED)
        return NULL;
    return counter_is_estimate(counter, scaled) ? "≈" : SCALED_MARK;
}

/*
 * The reason that a result gives with an estimate that its source should have, but did not, is about the estimate.
 */
static const char *reason_of(const struct counter_result *counter) {
    bool no_value = counter->source != SOURCE_NONE && counter->source != SOURCE_SIM &&
                    counter->trust == TRUST_DEGRADED && !counter_is_usable(counter);
    return no_value ? COUNTER_NOT_READ : format_reason(counter->reason);
}

static bool same_qualification(const struct comparison *comparison, const struct counter_result *first,
                               const struct counter_result *second, bool scaled) {
    const char *label = label_of(comparison, second, scaled);
    return label && strcmp(label_of(comparison, first, scaled), label) == 0 &&
           (first->source == SOURCE_SIM) == (second->source == SOURCE_SIM) &&
           strcmp(reason_of(first), reason_of(second)) == 0;
}

/* What holds for the whole machine stands once, in the notes below all comparisons. */
static void print_reason(const struct run *run, const struct counter_result *counter, struct text *text) {
    enum counter_event event = counter_plan_find(&run->counter_plan, counter->name);
    if (counter->source == SOURCE_NONE && event != COUNTER_EVENTS &&
        strcmp(run->counter_plan.entries[event].reason, counter->reason) == 0)
        text_add(text, "; the notes below say why");
    else
        text_printf(text, " – %s", reason_of(counter));
}

/* The counters of one label; those of one reason share a line. */
static void lines_labelled(struct notes *notes, const struct run *run, const struct comparison *comparison,
                           const char *label, bool scaled) {
    const struct counter_result *counters = comparison->counters;
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const char *own = label_of(comparison, &counters[i], scaled);
        bool told = !own || strcmp(own, label) != 0;
        for (size_t k = 0; k < i && !told; k++)
            told = same_qualification(comparison, &counters[i], &counters[k], scaled);
        if (told)
            continue;
        struct text *text = notes_add(notes, label);
        if (is_absent(comparison, &counters[i]))
            text_add(text, counters[i].source == SOURCE_SIM ? "not simulated: " : "not counted: ");
        for (size_t k = i; k < comparison->counter_count; k++)
            if (same_qualification(comparison, &counters[i], &counters[k], scaled))
                text_printf(text, "%s%s", k == i ? "" : ", ", counters[k].name);
        print_reason(run, &counters[i], text);
    }
}

static void add_lines(struct notes *notes, const char *lead, const char *lines) {
    for (size_t length; *lines; lines += length + (lines[length] == '\n')) {
        length = strcspn(lines, "\n");
        text_printf(notes_add(notes, "evidence"), "%s%.*s", lead, (int)length, lines);
        lead = "  ";
    }
}

/* In the variants' own words. */
static void lines_evidence(struct notes *notes, const struct measurement *measurement,
                           const struct comparison *comparison) {
    const size_t arms[] = {comparison->baseline_arm, comparison->candidate_arm};
    for (size_t i = 0; measurement && i < 2; i++) {
        const struct arm *arm = &measurement->arms[arms[i]];
        char lead[RESULT_NAME + 64];
        snprintf(lead, sizeof lead, "%s: ", arm->variant);
        add_lines(notes, lead, arm->evidence);
        snprintf(lead, sizeof lead, "%s, in %zu of %zu replicates: ", arm->variant, arm->evidence_changes,
                 measurement->replicate_count);
        if (arm->evidence_changes)
            add_lines(notes, lead, arm->other_evidence[0] ? arm->other_evidence : "none");
    }
}

int details_lines_open(struct notes *notes, const struct run *run, const struct comparison *comparison) {
    *notes = (struct notes){0};
    line_prediction(notes, comparison);
    lines_fits(notes, run, comparison);
    line_spread(notes, comparison);
    lines_draws(notes, run, comparison);
    line_placebo(notes, comparison);
    line_resources(notes, comparison);
    line_latency(notes, comparison);
    if (lines_threads(notes, run, comparison))
        notes->failed = true;
    lines_evidence(notes, measurement_of(run, comparison), comparison);
    line_disturbances(notes, comparison);
    line_zero(notes, comparison);
    const struct measurement *measurement = measurement_of(run, comparison);
    static const char *const labels[] = {"≈", SCALED_MARK, "absent"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        lines_labelled(notes, run, comparison, labels[i], measurement && measurement->simulation.scaled);
    return notes_check(notes);
}
