#include "report/attention.h"

#include "base/option_name.h"
#include "report/case_view.h"
#include "report/commands.h"
#include "report/concerns.h"
#include "report/draws.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/overview.h"
#include "report/story.h"

#include <math.h>
#include <string.h>

#define MOST_LINES 6 /* of one kind; more are counted */
#define MOST_CASES 2 /* that a line names */

static size_t count_verdicts(const struct run *run, enum verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < run->comparison_count; i++)
        count += run->comparisons[i].verdict == verdict;
    return count;
}

/* "51 comparisons: 31 ▲ faster (28 ★), 9 ▼ slower". */
static void add_verdicts(struct notes *notes, const struct run *run) {
    struct text *text = notes_add(notes, "verdicts");
    size_t stars = 0, printed = 0;
    for (size_t i = 0; i < run->comparison_count; i++)
        stars += earns_star(&run->comparisons[i]);
    text_printf(text, "%zu comparison%s: ", run->comparison_count, run->comparison_count == 1 ? "" : "s");
    for (size_t i = 0; i < OVERVIEW_VERDICTS; i++) {
        enum verdict verdict = overview_verdicts[i];
        size_t count = count_verdicts(run, verdict);
        if (!count)
            continue;
        text_printf(text, "%s%zu %s %s", printed++ ? ", " : "", count, verdict_mark(verdict),
                    verdict_name(verdict));
        if (verdict == VERDICT_FASTER && stars)
            text_printf(text, " (%zu ★)", stars);
    }
}

static void count_outcome(enum mechanism outcome, size_t counts[3]) {
    counts[0] += outcome == MECHANISM_EXPLAINED || outcome == MECHANISM_HELD;
    counts[1] += outcome == MECHANISM_UNEXPLAINED;
    counts[2] += outcome == MECHANISM_UNMEASURED;
}

/* Of points, crossovers and growth together. */
static void add_predictions(struct notes *notes, const struct run *run) {
    size_t counts[3] = {0};
    for (size_t i = 0; i < run->comparison_count; i++)
        count_outcome(run->comparisons[i].mechanism, counts);
    for (size_t i = 0; i < run->crossover_count; i++)
        count_outcome(run->crossovers[i].outcome, counts);
    for (size_t i = 0; i < run->growth_count; i++)
        count_outcome(run->growth[i].outcome, counts);
    if (counts[0] + counts[1] + counts[2])
        text_printf(notes_add(notes, "predictions"), "%zu held, %zu refuted, %zu undecided", counts[0],
                    counts[1], counts[2]);
}

/* A line of its kind; false, and counted, where there have been enough. */
static struct text *add_line(struct notes *notes, const char *label, size_t *lines) {
    return (*lines)++ < MOST_LINES ? notes_add(notes, label) : NULL;
}

static void add_uncounted(struct notes *notes, const char *label, size_t lines) {
    if (lines > MOST_LINES)
        text_printf(notes_add(notes, label), "and %zu more: --tables --notes has them all",
                    lines - MOST_LINES);
}

static bool same_invalid(const struct comparison *first, const struct comparison *second) {
    return second->verdict == VERDICT_INVALID && !strcmp(first->case_name, second->case_name) &&
           !strcmp(first->candidate, second->candidate) && !strcmp(first->reason, second->reason);
}

static bool same_refuted(const struct comparison *first, const struct comparison *second) {
    return second->mechanism == MECHANISM_UNEXPLAINED && !strcmp(first->case_name, second->case_name) &&
           !strcmp(first->candidate, second->candidate);
}

/* A line for each candidate that has comparisons alike, with the first of them. */
static void add_alike(struct notes *notes, const struct run *run, const char *label,
                      bool (*alike)(const struct comparison *, const struct comparison *),
                      const char *(*reason_of)(const struct comparison *)) {
    size_t lines = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        size_t others = 0, first = 0;
        if (!alike(comparison, comparison))
            continue;
        while (!alike(comparison, &run->comparisons[first]))
            first++;
        for (size_t k = i + 1; k < run->comparison_count; k++)
            others += alike(comparison, &run->comparisons[k]);
        struct text *text = first == i ? add_line(notes, label, &lines) : NULL;
        if (!text)
            continue;
        notes_print_subject(comparison, text);
        if (others)
            text_printf(text, " and %zu more", others);
        text_printf(text, ": %s", reason_of(comparison));
    }
    add_uncounted(notes, label, lines);
}

static const char *invalid_reason(const struct comparison *comparison) {
    return format_reason(comparison->reason);
}

static const char *refuted_reason(const struct comparison *comparison) {
    return format_reason(comparison->mechanism_text);
}

static void add_refuted_fits(struct notes *notes, const struct run *run) {
    size_t lines = 0;
    struct text *text;
    for (size_t i = 0; i < run->crossover_count; i++)
        if (run->crossovers[i].outcome == MECHANISM_UNEXPLAINED &&
            (text = add_line(notes, "refuted", &lines)))
            text_printf(text, "%s %s: %s", run->crossovers[i].case_name, run->crossovers[i].candidate,
                        run->crossovers[i].text);
    for (size_t i = 0; i < run->growth_count; i++)
        if (run->growth[i].outcome == MECHANISM_UNEXPLAINED && (text = add_line(notes, "refuted", &lines)))
            text_printf(text, "%s %s: %s", run->growth[i].case_name, run->growth[i].variant,
                        run->growth[i].text);
    add_uncounted(notes, "refuted", lines);
}

/* The first skipped one of the same reason. */
static size_t first_of_reason(const struct run *run, size_t index) {
    size_t first = 0;
    while (strcmp(run->skipped[first].reason, run->skipped[index].reason) != 0)
        first++;
    return first;
}

static bool skipped_case_told(const struct run *run, size_t first, size_t index) {
    for (size_t i = first; i < index; i++)
        if (!strcmp(run->skipped[i].reason, run->skipped[first].reason) &&
            !strcmp(run->skipped[i].case_name, run->skipped[index].case_name))
            return true;
    return false;
}

static void print_skipped(const struct run *run, size_t first, struct text *text) {
    size_t cases = 0, points = 0;
    const struct point *point = NULL;
    for (size_t i = first; i < run->skipped_count; i++) {
        const struct skipped *skipped = &run->skipped[i];
        if (strcmp(skipped->reason, run->skipped[first].reason) != 0)
            continue;
        points += skipped->point.count > 0;
        point = skipped->point.count ? &skipped->point : point;
        if (skipped_case_told(run, first, i))
            continue;
        if (cases++ < MOST_CASES)
            text_printf(text, "%s%s", cases > 1 ? ", " : "", skipped->case_name);
    }
    if (cases > MOST_CASES)
        text_printf(text, " and %zu more cases", cases - MOST_CASES);
    if (points == 1) {
        text_add(text, ", ");
        format_point(point, text);
    } else if (points)
        text_printf(text, " (%zu points)", points);
    text_printf(text, ": %s", format_reason(run->skipped[first].reason));
}

/* A line a reason. */
static void add_skipped(struct notes *notes, const struct run *run) {
    size_t lines = 0;
    struct text *text;
    for (size_t i = 0; i < run->skipped_count; i++)
        if (first_of_reason(run, i) == i && (text = add_line(notes, "skipped", &lines)))
            print_skipped(run, i, text);
    add_uncounted(notes, "skipped", lines);
}

typedef bool (*concern)(const struct run *run, const struct comparison *comparison);

static bool is_claim(const struct comparison *comparison) {
    return comparison->verdict == VERDICT_FASTER || comparison->verdict == VERDICT_SLOWER;
}

static bool same_code_differs(const struct run *run, const struct comparison *comparison) {
    (void)run;
    return comparison->identical_code && is_claim(comparison);
}

static bool same_code(const struct run *run, const struct comparison *comparison) {
    (void)run;
    return comparison->identical_code && !is_claim(comparison) && comparison->verdict != VERDICT_INVALID;
}

static bool order_matters(const struct run *run, const struct comparison *comparison) {
    (void)run;
    return comparison->carry_over_text[0] && comparison->verdict != VERDICT_INVALID;
}

static bool has_kinds(const struct run *run, const struct comparison *comparison) {
    return comparison->verdict != VERDICT_INVALID && draws_have_kinds(run, comparison);
}

static bool inputs_are_learned(const struct run *run, const struct comparison *comparison) {
    const struct measurement *measurement = measurement_of(run, comparison);
    return measurement && comparison->verdict != VERDICT_INVALID &&
           (concern_repeats(measurement, comparison->baseline_arm) ||
            concern_repeats(measurement, comparison->candidate_arm));
}

static bool works_in_two_ways(const struct run *run, const struct comparison *comparison) {
    const struct measurement *measurement = measurement_of(run, comparison);
    return measurement && (measurement->arms[comparison->baseline_arm].evidence_changes ||
                           measurement->arms[comparison->candidate_arm].evidence_changes);
}

/* The least and the most of the points of the only case. */
static void print_use(const struct run *run, size_t service, size_t member,
                      void (*format)(double value, char text[FORMAT_SIZE]), struct text *text) {
    double least = INFINITY, most = -INFINITY;
    char from[FORMAT_SIZE], to[FORMAT_SIZE];
    for (size_t i = 0; i < run->measurement_count; i++) {
        double use = service < run->measurements[i].service_count
                         ? notes_median_use(&run->measurements[i], service, member)
                         : NAN;
        least = use < least ? use : least;
        most = use > most ? use : most;
    }
    format(least, from);
    format(most, to);
    if (least <= most)
        format_range(from, to, " to ", text);
    else
        text_add(text, "–");
}

/* What a server takes is beside what the table says of the variants. */
static void add_servers(struct notes *notes, const struct run *run) {
    const struct measurement *measurement = run->measurement_count ? &run->measurements[0] : NULL;
    for (size_t s = 0; measurement && !has_several_cases(run) && s < measurement->service_count; s++) {
        struct text *text = notes_add(notes, "server");
        const struct service *service = &measurement->services[s];
        text_printf(text, "%s ", service->name);
        notes_print_place(service, text);
        text_add(text, "; a replicate took it ");
        print_use(run, s, offsetof(struct service_use, cpu_s), format_duration, text);
        text_add(text, " of CPU time, ");
        print_use(run, s, offsetof(struct service_use, peak_rss_bytes), format_bytes, text);
        text_add(text, " of memory");
    }
}

static bool shares_cpus_with_server(const struct run *run, const struct comparison *comparison) {
    const struct measurement *measurement = measurement_of(run, comparison);
    for (size_t i = 0; measurement && i < measurement->service_count; i++)
        if (measurement->services[i].cpu < 0)
            return true;
    return false;
}

static bool files_are(const struct run *run, const struct comparison *comparison, enum files_concern what) {
    const struct measurement *measurement = measurement_of(run, comparison);
    return measurement && concern_files(measurement) == what;
}

static bool files_in_memory(const struct run *run, const struct comparison *comparison) {
    return files_are(run, comparison, FILES_IN_MEMORY);
}

static bool files_cached(const struct run *run, const struct comparison *comparison) {
    return files_are(run, comparison, FILES_CACHED);
}

static bool files_in_layer(const struct run *run, const struct comparison *comparison) {
    return files_are(run, comparison, FILES_IN_LAYER);
}

static bool disturbed(const struct run *run, const struct comparison *comparison) {
    (void)run;
    return comparison->verdict == VERDICT_INCONCLUSIVE && comparison->noise_text[0];
}

static bool is_limited(const struct run *run, const struct comparison *comparison) {
    (void)run;
    return comparison->verdict != VERDICT_INVALID && comparison->verdict != VERDICT_INCONCLUSIVE &&
           comparison->reason[0];
}

/* What makes a verdict mean something else than it says. */
static const struct {
    const char *label;
    concern applies;
    const char *meaning; /* and what to do */
    bool elsewhere;      /* which another folder for files would change */
} concerns[] = {
    {"same code", same_code_differs, "the same machine code seems to differ: an error, run it again", false},
    {"same code", same_code, "compiled to the same machine code: nothing can differ", false},
    {"carry-over", order_matters, "the speedup depends on what ran before; shown is the middle", false},
    {"kinds", has_kinds, "two kinds of processes, the speedup between: expect either", false},
    {"overlap", concern_overlap, "runs so short overlap: the speedup is of many in a row, not of one", false},
    {"repeats", inputs_are_learned, "branches learned by heart: new inputs are slower", false},
    {"evidence", works_in_two_ways, "a variant worked in two ways, and the speedup mixes them", false},
    {"server", shares_cpus_with_server, "the server shares their CPUs: waiting for it is part of the times",
     false},
    {"files", files_in_memory, "in memory, so no disk was measured", true},
    {"files", files_cached, "a cache answers, not the disk: a power failure may lose it", false},
    {"files", files_in_layer, "a layer over a disk, whose work is part of the times", true},
    {"limits", is_limited, "the verdict holds as far as was measured; --notes has what limits it", false},
    {"noise", disturbed, "inconclusive beside other work: try a quieter machine", false},
};

static bool applies_earlier(const struct run *run, concern applies, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (applies(run, &run->comparisons[i]) &&
            !strcmp(run->comparisons[i].case_name, run->comparisons[index].case_name))
            return true;
    return false;
}

/* "3 comparisons of aos-vs-soa"; of many cases their number alone. Nothing where it applies to none. */
static void print_cases(const struct run *run, concern applies, struct text *text) {
    struct text names = {0};
    size_t cases = 0, comparisons = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        if (!applies(run, &run->comparisons[i]))
            continue;
        comparisons++;
        if (applies_earlier(run, applies, i))
            continue;
        text_printf(&names, "%s%s", cases++ ? ", " : "", run->comparisons[i].case_name);
    }
    const char *plural = comparisons == 1 ? "" : "s";
    if (cases > MOST_CASES)
        text_printf(text, "%zu comparison%s of %zu cases", comparisons, plural, cases);
    else if (cases)
        text_printf(text, "%zu comparison%s of %s", comparisons, plural, text_string(&names));
    text->failed |= names.failed;
    text_clear(&names);
}

static void add_concerns(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < sizeof concerns / sizeof *concerns; i++) {
        struct text where = {0};
        if (concerns[i].applies == shares_cpus_with_server && !has_several_cases(run))
            continue; /* its server has a line */
        print_cases(run, concerns[i].applies, &where);
        if (where.length)
            text_printf(notes_add(notes, concerns[i].label), "%s: %s%s%s%s", text_string(&where),
                        concerns[i].meaning, concerns[i].elsewhere ? " (" : "",
                        concerns[i].elsewhere ? option_name(SETTING_SCRATCH) : "",
                        concerns[i].elsewhere ? " names another folder)" : "");
        notes->failed |= where.failed;
        text_clear(&where);
    }
}

/* What a variant says of itself is about what was measured. */
static void add_own(struct notes *notes, const struct run *run) {
    size_t lines = 0;
    const char *told = "";
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t arm = 0; arm < run->measurements[i].arm_count; arm++) {
            const struct measurement *measurement = &run->measurements[i];
            const char *own = arm_own_note(&measurement->arms[arm]);
            if (!own || !strcmp(told, own))
                continue;
            told = own;
            struct text *text = add_line(notes, "variant", &lines);
            if (text)
                text_printf(text, "%s %s: %.*s", measurement->case_name, measurement->arms[arm].variant,
                            (int)strcspn(own, "\n"), own);
        }
    add_uncounted(notes, "variant", lines);
}

static void add_placebo(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < run->comparison_count; i++)
        if (isfinite(run->comparisons[i].placebo.low))
            return;
    if (run->comparison_count)
        text_add(notes_add(notes, "placebo"),
                 "none was measured: what the method mistakes for a difference here is not known");
}

/* How much it would take to settle what is inconclusive. */
static void add_settling(struct notes *notes, const struct run *run) {
    size_t counts[LIMITS] = {0}, total = count_verdicts(run, VERDICT_INCONCLUSIVE);
    double budget = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        if (comparison->verdict != VERDICT_INCONCLUSIVE)
            continue;
        counts[comparison->limit.kind]++;
        if (comparison->limit.kind == LIMIT_MORE_BUDGET || comparison->limit.kind == LIMIT_FEW_PROCESSES)
            budget = fmax(budget, comparison->limit.budget_s);
    }
    size_t more = counts[LIMIT_MORE_BUDGET] + counts[LIMIT_FEW_PROCESSES];
    if (!(counts[LIMIT_SAME_BUDGET] + more + counts[LIMIT_OUT_OF_REACH]))
        return;
    struct text *text = notes_add(notes, "undecided");
    text_printf(text, "%zu inconclusive", total);
    if (counts[LIMIT_SAME_BUDGET])
        text_printf(text, ": the same budget again may settle %zu", counts[LIMIT_SAME_BUDGET]);
    if (more)
        text_printf(text, "%s %s %s%s %zu", counts[LIMIT_SAME_BUDGET] ? "," : ":",
                    option_name(SETTING_BUDGET), BRIEF(budget, 2),
                    counts[LIMIT_SAME_BUDGET] ? " another" : " may settle", more);
    if (counts[LIMIT_SAME_BUDGET] + more)
        text_add(text, " (even odds)");
    if (counts[LIMIT_OUT_OF_REACH])
        text_printf(text, "%s %zu out of reach", counts[LIMIT_SAME_BUDGET] + more ? ";" : ":",
                    counts[LIMIT_OUT_OF_REACH]);
}

/* What stands for a number's origin; only what the table shows. */
static void add_legend(struct notes *notes, const struct run *run) {
    bool sources[SOURCE_APP + 1] = {false}, estimated = false, scaled = false;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct measurement *measurement = measurement_of(run, &run->comparisons[i]);
        struct story story;
        story_choose(&run->comparisons[i], &story);
        bool smaller = measurement && measurement->simulation.scaled;
        for (size_t k = 0; k < STORY_COUNTERS && story.told[k]; k++) {
            sources[story.told[k]->source] = true;
            estimated |= counter_is_estimate(story.told[k], smaller);
            scaled |= smaller && story.told[k]->source == SOURCE_SIM;
        }
    }
    static const struct {
        enum counter_source source;
        const char *meaning;
    } meanings[] = {
        {SOURCE_HW, "the processor's, by PAPI"}, {SOURCE_HW_GENERIC, "the processor's, by the kernel"},
        {SOURCE_SW, "system's count"},           {SOURCE_CLOCK, "from a clock"},
        {SOURCE_SIM, "simulated, not measured"}, {SOURCE_HARNESS, "seen from outside"},
        {SOURCE_APP, "the kernel's own count"}};
    struct text text = {0};
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (sources[meanings[i].source])
            text_printf(&text, "; %s: %s", counter_source_name(meanings[i].source), meanings[i].meaning);
    if (text.length)
        text_printf(notes_add(notes, "counters"), "candidate ÷ baseline%s%s%s", text_string(&text),
                    estimated ? "; ≈ estimate" : "", scaled ? "; " SCALED_MARK " at a smaller point" : "");
    notes->failed |= text.failed;
    text_clear(&text);
}

static void add_reading(struct notes *notes, const struct run *run) {
    char delta[FORMAT_SIZE], confidence[FORMAT_SIZE];
    size_t compared = run->whole ? run->whole : run->comparison_count;
    format_percent(run->settings.delta, delta);
    format_percent(run->settings.confidence, confidence);
    text_printf(notes_add(notes, "reading"),
                "speedup = baseline ÷ candidate time; ▲ ▼: its whole %s interval is beyond %s and the "
                "placebo's, ■: within, ◇: neither; ★: target met; corrected for %zu comparison%s%s",
                confidence, delta, compared, compared == 1 ? "" : "s", run->whole ? " of the whole run" : "");
}

/* Of what was chosen otherwise than usual, what a verdict then is about. */
static void print_unusual(const struct run_settings *settings, struct text *text) {
    if (strcmp(settings->layout, "random") != 0)
        text_printf(text, ", layout %s (of this link alone)",
                    settings->layout[0] ? settings->layout : "fixed");
    if (settings->state[0] && strcmp(settings->state, "warm") != 0)
        text_printf(text, ", caches %s", settings->state);
    if (settings->build[0] && strcmp(settings->build, "native") != 0)
        text_printf(text, ", %s build", settings->build);
}

static void add_machine(struct notes *notes, const struct run *run) {
    char budget[FORMAT_SIZE], duration[FORMAT_SIZE];
    struct text *text = notes_add(notes, "machine");
    format_duration(run->settings.budget_s, budget);
    format_duration(run->duration_s, duration);
    text_printf(text, "%s%s%s", run->host.cpu_model[0] ? run->host.cpu_model : "CPU not known",
                run->host.hypervisor[0] ? ", under " : "", run->host.hypervisor);
    text_printf(text, "%s%s", run->host.container[0] ? ", in " : "", run->host.container);
    if (run->settings.cpus[0])
        text_printf(text, " (%s %s)", option_name(SETTING_CPUS), run->settings.cpus);
    text_add(text, "; ");
    bool commands = commands_were_measured(run);
    if (!commands)
        text_printf(text, "%s points, ", run->settings.points);
    text_printf(text, "%s a comparison", budget);
    if (!commands)
        print_unusual(&run->settings, text);
    text_printf(text, "; took %s", duration);
}

int attention_open(struct notes *notes, const struct run *run) {
    *notes = (struct notes){0};
    if (run->comparison_count)
        add_verdicts(notes, run);
    add_predictions(notes, run);
    if (!run->complete)
        text_add(notes_add(notes, "INCOMPLETE"),
                 "the run was cut short: only what was complete by then is shown; run it again for the rest");
    add_alike(notes, run, "invalid", same_invalid, invalid_reason);
    add_alike(notes, run, "refuted", same_refuted, refuted_reason);
    add_refuted_fits(notes, run);
    add_skipped(notes, run);
    add_concerns(notes, run);
    add_servers(notes, run);
    notes_add_google_benchmark(notes, run);
    add_own(notes, run);
    add_placebo(notes, run);
    add_settling(notes, run);
    add_legend(notes, run);
    add_reading(notes, run);
    add_machine(notes, run);
    return notes_check(notes);
}
