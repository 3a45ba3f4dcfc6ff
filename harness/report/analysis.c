#include "report/analysis.h"

#include "report/case_view.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/markdown.h"
#include "report/projection.h"
#include "report/story.h"
#include "report/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One candidate of a case. */
struct option {
    struct case_view view;
    const struct comparison *best; /* the win with the highest lower end; NULL: none */
    enum advice advice;
    const struct declared *declared;
};

struct options {
    const struct run *run;
    struct option *items;
    size_t count;
};

static const struct declared nothing = {"", "", "", "", "", "", NULL};

static size_t count_verdict(const struct case_view *view, enum verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->rows[i]->verdict == verdict;
    return count;
}

static enum advice advice_for(const struct case_view *view) {
    size_t faster = count_verdict(view, VERDICT_FASTER);
    size_t open = count_verdict(view, VERDICT_INCONCLUSIVE) + count_verdict(view, VERDICT_INVALID);
    return faster == view->count ? ADVICE_PROCEED
           : faster              ? ADVICE_WHERE
           : open                ? ADVICE_MEASURE
                                 : ADVICE_NOT;
}

enum advice advice_of(const struct run *run, const char *case_name, const char *candidate) {
    struct case_view view;
    enum advice advice = ADVICE_MEASURE; /* where there is nothing, or no memory to tell */
    if (case_view_open(&view, run, case_name, candidate) == 0) {
        advice = view.count ? advice_for(&view) : ADVICE_MEASURE;
        case_view_close(&view);
    }
    return advice;
}

static const struct comparison *best_of(const struct case_view *view) {
    const struct comparison *best = NULL;
    for (size_t i = 0; i < view->count; i++)
        if (view->rows[i]->verdict == VERDICT_FASTER &&
            (!best || view->rows[i]->speedup.low > best->speedup.low))
            best = view->rows[i];
    return best;
}

static int compare_options(const void *first, const void *second) {
    const struct option *a = first, *b = second;
    double gain_a = a->best ? a->best->speedup.low : 0, gain_b = b->best ? b->best->speedup.low : 0;
    return gain_a != gain_b ? (gain_a < gain_b ? 1 : -1)
                            : (a->view.rows[0] > b->view.rows[0]) - (a->view.rows[0] < b->view.rows[0]);
}

static void close_options(struct options *options) {
    for (size_t i = 0; i < options->count; i++)
        case_view_close(&options->items[i].view);
    free(options->items);
}

static bool opens_candidate(const struct run *run, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(run->comparisons[i].case_name, run->comparisons[index].case_name) == 0 &&
            strcmp(run->comparisons[i].candidate, run->comparisons[index].candidate) == 0)
            return false;
    return true;
}

static int open_options(struct options *options, const struct run *run, const struct declared *declared,
                        size_t count) {
    *options =
        (struct options){.run = run, .items = calloc(run->comparison_count + 1, sizeof *options->items)};
    for (size_t i = 0; options->items && i < run->comparison_count; i++) {
        struct option *option = &options->items[options->count];
        if (!opens_candidate(run, i))
            continue;
        if (case_view_open(&option->view, run, run->comparisons[i].case_name,
                           run->comparisons[i].candidate)) {
            close_options(options);
            return -ENOMEM;
        }
        options->count++;
        option->best = best_of(&option->view);
        option->advice = advice_for(&option->view);
        option->declared = &nothing;
        for (size_t k = 0; k < count; k++)
            if (strcmp(declared[k].case_name, run->comparisons[i].case_name) == 0)
                option->declared = &declared[k];
    }
    if (!options->items)
        return -ENOMEM;
    qsort(options->items, options->count, sizeof *options->items, compare_options);
    return 0;
}

static void add_line(struct text *out, const char *label, const char *foreign) {
    text_printf(out, "- **%s** ", label);
    markdown_add(out, foreign);
    text_add(out, "\n");
}

static void print_name(const struct option *option, struct text *out) {
    markdown_add(out, option->view.rows[0]->case_name);
    text_add(out, ": ");
    markdown_add(out, option->view.rows[0]->candidate);
    text_add(out, " in place of ");
    markdown_add(out, option->view.rows[0]->baseline);
}

/* "21.8k", "19.3M" */
static void add_rate(double rate, struct text *out) {
    static const char prefixes[] = "kMG";
    size_t step = 0;
    for (; rate >= 1000 && prefixes[step]; step++)
        rate /= 1000;
    text_printf(out, "%s%.*s", PADDED(rate, 3), step ? 1 : 0, step ? &prefixes[step - 1] : "");
}

/* "1.28 ns → 0.0861 ns per particle (12.6× [6.8, 23.2]) at fields = 1". */
static void print_gain(const struct option *option, struct text *out) {
    const struct comparison *best = option->best;
    char times[2][FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    struct text line = {0};
    format_times(best->baseline_time.median, best->candidate_time.median, times[0], times[1]);
    format_speedup(best->speedup, estimate, interval);
    text_printf(&line, "%s → %s per %s, %s %s", times[0], times[1], best->item, estimate, interval);
    if (best->point.count)
        text_add(&line, " at ");
    format_point(&best->point, &line);
    add_line(out, "before → after", text_string(&line));
    text_clear(&line);
    add_rate(1e9 / best->baseline_time.median, &line);
    text_add(&line, " → ");
    add_rate(1e9 / best->candidate_time.median, &line);
    text_printf(&line, " %ss a second", best->item);
    add_line(out, "throughput of what was measured", text_string(&line));
    out->failed |= line.failed;
    text_clear(&line);
}

static void print_pair(struct text *out, const char *label, const char *before, const char *after) {
    struct text line = {0};
    text_printf(&line, "%s → %s", before, after);
    add_line(out, label, text_string(&line));
    out->failed |= line.failed;
    text_clear(&line);
}

/* What is not known has no line here, and one among what was not measured. */
static void print_resources(const struct comparison *row, struct text *out) {
    double before, after;
    char texts[2][FORMAT_SIZE];
    bool own = comparison_memory(row, &before, &after);
    if (isfinite(before) && isfinite(after))
        print_pair(out, own ? "memory of its own" : "peak memory of the process", BYTES(before),
                   BYTES(after));
    if (isfinite(row->baseline_resources.cpu_share) && isfinite(row->candidate_resources.cpu_share))
        print_pair(out, "CPUs busy", PADDED(row->baseline_resources.cpu_share, 3),
                   PADDED(row->candidate_resources.cpu_share, 3));
    if (isfinite(row->baseline_latency.p95) && isfinite(row->candidate_latency.p95)) {
        format_times(row->baseline_latency.p95, row->candidate_latency.p95, texts[0], texts[1]);
        print_pair(out, "latency, 95th percentile", texts[0], texts[1]);
    }
}

static void print_why(const struct run *run, const struct comparison *row, struct text *out) {
    const struct measurement *measurement = measurement_of(run, row);
    struct story story;
    struct text line = {0};
    story_choose(row, &story);
    story.scaled = measurement && measurement->simulation.scaled;
    story_print(&story, STORY_COUNTERS, true, &line);
    if (story.told[0])
        add_line(out, "counters that moved", text_string(&line));
    out->failed |= line.failed;
    text_clear(&line);
}

static void print_declared(const struct declared *declared, struct text *out) {
    struct text line = {0};
    text_printf(&line, "%s; risk: %s", declared->effort[0] ? declared->effort : "not declared",
                declared->risk[0] ? declared->risk : "not declared");
    add_line(out, "declared effort", text_string(&line));
    add_line(out, "declared cost", declared->cost[0] ? declared->cost : "none declared");
    if (declared->slo && declared->slo->count) {
        text_clear(&line);
        for (size_t i = 0; i < declared->slo->count; i++)
            text_printf(&line, "%s%s %s", i ? ", " : "",
                        slo_quantity_name(declared->slo->targets[i].quantity),
                        declared->slo->targets[i].text);
        text_printf(&line, "; countersign load %s judges them, since no run is under load",
                    declared->case_name);
        add_line(out, "declared targets of a service", text_string(&line));
    }
    add_line(out, "way back", declared->rollback[0] ? declared->rollback : "none declared");
    out->failed |= line.failed;
    text_clear(&line);
}

static void print_sentence(const struct option *option, struct text *out) {
    struct text sentence = {0};
    summary_print(&option->view, &sentence);
    markdown_add(out, text_string(&sentence));
    out->failed |= sentence.failed;
    text_clear(&sentence);
}

static bool same_case(const struct option *first, const struct option *second) {
    return strcmp(first->view.rows[0]->case_name, second->view.rows[0]->case_name) == 0;
}

/* Whether none before it, with a larger gain, is of its case. */
static bool leads_case(const struct options *options, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (options->items[i].best && same_case(&options->items[i], &options->items[index]))
            return false;
    return true;
}

/* Candidates of the same case that gain less: what they cost and how to undo them is the same, so a line each. */
static void print_lesser(const struct options *options, size_t index, struct text *out) {
    for (size_t i = index + 1; i < options->count; i++) {
        const struct option *option = &options->items[i];
        char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
        struct text line = {0};
        if (!option->best || !same_case(option, &options->items[index]))
            continue;
        format_speedup(option->best->speedup, estimate, interval);
        text_printf(&line, "%s, %s %s%s", option->best->candidate, estimate, interval,
                    option->best->point.count ? " at " : "");
        format_point(&option->best->point, &line);
        text_add(&line,
                 option->advice == ADVICE_PROCEED ? "; wins everywhere measured" : "; only where it wins");
        add_line(out, "or", text_string(&line));
        out->failed |= line.failed;
        text_clear(&line);
    }
}

static void print_option(const struct options *options, size_t index, struct text *out) {
    const struct option *option = &options->items[index];
    text_add(out, "### ");
    print_name(option, out);
    text_add(out,
             option->advice == ADVICE_PROCEED ? "\n\nProceed: " : "\n\nProceed, but only where it wins: ");
    print_sentence(option, out);
    text_add(out, ".\n\n");
    print_gain(option, out);
    print_why(options->run, option->best, out);
    print_resources(option->best, out);
    print_declared(option->declared, out);
    print_lesser(options, index, out);
    text_add(out, "\n");
}

/* The effort of cases that declare none is unknown, which is no effort of its own. */
static void print_group(const struct options *options, const char *title, const char *effort,
                        struct text *out) {
    bool started = false;
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = &options->items[i];
        if (!option->best || strcmp(option->declared->effort, effort) != 0 || !leads_case(options, i))
            continue;
        if (!started)
            text_printf(out, "## %s\n\n", title);
        started = true;
        print_option(options, i, out);
    }
}

static void print_others(const struct options *options, enum advice advice, const char *title,
                         const char *why, struct text *out) {
    bool started = false;
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = &options->items[i];
        if (option->advice != advice)
            continue;
        if (!started)
            text_printf(out, "## %s\n\n%s\n\n", title, why);
        started = true;
        text_add(out, "- ");
        print_name(option, out);
        text_add(out, ": ");
        print_sentence(option, out);
        for (size_t k = 0; k < option->view.count && advice == ADVICE_MEASURE; k++)
            if (option->view.rows[k]->reason[0]) {
                text_add(out, "; ");
                markdown_add(out, option->view.rows[k]->reason);
                break;
            }
        text_add(out, "\n");
    }
    text_add(out, started ? "\n" : "");
}

static size_t count_advice(const struct options *options, enum advice advice) {
    size_t count = 0;
    for (size_t i = 0; i < options->count; i++)
        count += options->items[i].advice == advice;
    return count;
}

static void print_summary(const struct options *options, struct text *out) {
    const struct run *run = options->run;
    text_add(out, "# Performance analysis\n\n");
    markdown_add(out, run->host.cpu_model[0] ? run->host.cpu_model : run->host.machine);
    text_add(out, ", ");
    markdown_add(out, run->started);
    text_printf(
        out,
        ". Of %zu candidates in %zu comparisons, %zu can be taken over as they are, %zu where they win; %zu "
        "should be left, %zu have to be measured further.",
        options->count, run->comparison_count, count_advice(options, ADVICE_PROCEED),
        count_advice(options, ADVICE_WHERE), count_advice(options, ADVICE_NOT),
        count_advice(options, ADVICE_MEASURE));
    if (options->count && options->items[0].best) {
        char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
        format_speedup(options->items[0].best->speedup, estimate, interval);
        text_add(out, " The largest gain, by the lower end of its interval, is ");
        print_name(&options->items[0], out);
        text_printf(out, ", %s %s.", estimate, interval);
    }
    text_add(out, "\n\n");
    if (!run->complete)
        text_add(out, "**The run was cut short: this is of what was complete by then.**\n\n");
    if (!digest_is_sound(&run->digest))
        text_add(out, "**The result file was changed after it was written; do not act on this.**\n\n");
}

/* Whether there are any. */
static bool print_projections(const struct run *run, struct text *out) {
    struct text lines = {0};
    size_t count = projection_print(run, &lines);
    if (count) {
        text_printf(
            out,
            "## Projected, not measured\n\nBy fitted curves alone, no further than %d times what was measured; a "
            "cache that ends or a queue that fills bends them.\n\n",
            PROJECTION_SPAN);
        text_add(out, text_string(&lines));
        text_add(out, "\n");
    }
    out->failed |= lines.failed;
    text_clear(&lines);
    return count > 0;
}

static void print_ending(const struct options *options, bool projected, struct text *out) {
    const struct run *run = options->run;
    bool latency = false;
    for (size_t i = 0; i < run->comparison_count; i++)
        latency |= isfinite(run->comparisons[i].candidate_latency.p95);
    text_add(out, "## How to verify\n\n- repeat the run: ");
    markdown_add(out, run->command ? run->command : "not known");
    text_add(
        out,
        "\n- conclude it again from its samples: `countersign verify` with the result file\n- the details of a "
        "point: `countersign show FILE --details --case CASE`\n\n## Not known\n\n"
        "- Targets of a service (latency under load, throughput, errors, memory): a run has none, since it has no load; "
        "`countersign load CASE` judges a case's `slo`, and `report --analysis` of its file tells.\n"
        "- Which function or line the time goes to: a run does not sample it; `countersign profile CASE` does.\n"
        "- Beyond the points that were measured nothing is ");
    text_add(out, projected ? "known but what is projected above.\n" : "projected.\n");
    if (!latency)
        text_add(out, "- Latencies: no variant records any.\n");
    text_add(
        out,
        "- On another processor, and for other inputs, the gains may be others.\n- Effort, risk, cost and the way back "
        "are what the cases that are installed here declare; nothing of them is measured.\n");
}

int report_analysis(const struct run *run, const struct declared *declared, size_t count, FILE *stream) {
    struct options options;
    struct text out = {0};
    int status = open_options(&options, run, declared, count);
    if (status)
        return status;
    print_summary(&options, &out);
    print_group(&options, "Quick wins (declared effort: low)", "low", &out);
    print_group(&options, "Medium (declared effort: medium)", "medium", &out);
    print_group(&options, "Architectural (declared effort: high)", "high", &out);
    print_group(&options, "Effort not declared", "", &out);
    print_others(&options, ADVICE_NOT, "Leave", "Decided at every point, and faster at none.", &out);
    print_others(&options, ADVICE_MEASURE, "Measure further",
                 "Faster at none, and not decided everywhere. What would settle it stands behind each.",
                 &out);
    print_ending(&options, print_projections(run, &out), &out);
    status = text_write(&out, stream);
    text_clear(&out);
    close_options(&options);
    return status;
}
