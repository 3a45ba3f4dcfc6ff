/* One load: latency along the load, its comparisons, its targets, and where it was measured. */
#include "page/section.h"

#include "conclude/load.h"
#include "page/load_chart.h"
#include "page/marks.h"
#include "report/format.h"
#include "report/html.h"
#include "report/load_words.h"

#include <math.h>

/* Outcomes as shapes beside their words; colours are those of verdicts. */
static const struct {
    const char *mark, *class;
} outcomes[] = {
    [LOAD_MET] = {"✓", "faster"}, [LOAD_MISSED] = {"✗", "slower"}, [LOAD_UNDECIDED] = {"◇", "inconclusive"}};
static const enum load_outcome outcome_order[] = {LOAD_MET, LOAD_MISSED, LOAD_UNDECIDED};
#define OUTCOMES (sizeof outcome_order / sizeof *outcome_order)

static void print_tiles(const struct load *load, struct text *out) {
    size_t counts[SECTION_VERDICTS] = {0}, judged[OUTCOMES] = {0};
    for (size_t i = 0; i < load->comparison_count; i++)
        counts[load->comparisons[i].verdict]++;
    for (size_t i = 0; i < load->judgement_count; i++)
        judged[load->judgements[i].outcome]++;
    section_tiles(counts, out);
    for (size_t i = 0; i < OUTCOMES && load->judgement_count; i++)
        text_printf(out, "<li class=\"%s\"><b>%zu</b> %s target%s %s</li>", outcomes[outcome_order[i]].class,
                    judged[outcome_order[i]], outcomes[outcome_order[i]].mark,
                    judged[outcome_order[i]] == 1 ? "" : "s", load_outcome_name(outcome_order[i]));
    text_add(out, "</ul>");
    section_shares(counts, out);
}

static void print_opening(const struct page_result *source, size_t number, struct text *out) {
    const struct load *load = source->load;
    struct text title = {0};
    text_add(&title, load->case_name[0] ? load->case_name : load->kernel);
    text_add(&title, load->point.count ? " at " : "");
    format_point(&load->point, &title);
    text_printf(out, "<article id=\"r%zu\"><h2>", number);
    html_add(out, text_string(&title));
    text_add(out, " under load</h2>");
    out->failed |= title.failed;
    text_clear(&title);
    section_facts(source, out);
    print_tiles(load, out);
    text_printf(
        out,
        "<nav aria-label=\"sections\"><a href=\"#r%zu-latency\">Latency</a> <a href=\"#r%zu-all\">All "
        "comparisons</a> ",
        number, number);
    if (load->judgement_count)
        text_printf(out, "<a href=\"#r%zu-targets\">Targets</a> ", number);
    text_printf(out,
                "<a href=\"#r%zu-machine\">Machine</a> <a href=\"#r%zu-trust\">How far to trust it</a></nav>",
                number, number);
}

static void add_rate(const struct load *load, double share, struct text *out) {
    char rate[LOAD_WORDS];
    load_format_rate(load, share, rate);
    html_element(out, "td", rate);
}

/* "1.20 ms", and below it its interval. */
static void add_level(enum slo_quantity quantity, struct interval level, struct text *out) {
    char value[FORMAT_SIZE], ends[2][FORMAT_SIZE];
    load_format_value(quantity, level.estimate, value);
    text_printf(out, "<td class=\"n\" data-q=\"%s\">%s", load_quantity_word(quantity), value);
    if (isfinite(level.low) && isfinite(level.high) && level.low < level.high) {
        load_format_values(quantity, level.low, level.high, ends[0], ends[1]);
        text_printf(out, " <small>%s to %s</small>", ends[0], ends[1]);
    }
    text_add(out, "</td>");
}

static void print_level(const struct load *load, size_t arm, double share, struct text *out) {
    static const enum slo_quantity quantities[] = {SLO_THROUGHPUT, SLO_P50, SLO_P99, SLO_P999};
    const char *objection = load_objection(load, arm, share);
    text_add(out, "<tr>");
    html_element(out, "th scope=\"row\"", load->arms[arm].variant);
    add_rate(load, share, out);
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
        add_level(quantities[i], load_level(load, arm, share, quantities[i]), out);
    text_add(out, "</tr>");
    if (objection)
        text_printf(out, "<tr class=\"why\"><td colspan=\"6\">%s: of this row nothing is claimed</td></tr>",
                    objection);
}

/* The numbers of the charts, and what each variant serves back to back. */
static void print_levels(const struct load *load, struct text *out) {
    text_add(
        out,
        "<table class=\"list levels\"><thead><tr><th>variant</th><th>load</th><th class=\"n\">requests/s "
        "served</th><th class=\"n\">p50</th><th class=\"n\">p99</th><th class=\"n\">p99.9</th></tr></thead><tbody>");
    for (size_t arm = 0; arm < load->arm_count; arm++)
        for (size_t i = 0; i <= load->share_count; i++)
            if (load->arms[arm].role != ARM_PLACEBO && !load->arms[arm].invalid[0])
                print_level(load, arm, i ? load->shares[i - 1] : 0, out);
    text_printf(
        out,
        "</tbody></table><p class=\"facts\">– is not known: a 99th percentile takes %d requests in each "
        "process, a 99.9th %d; back to back nothing waits.</p>",
        LOAD_P99_REQUESTS, LOAD_TAIL_REQUESTS);
}

static int print_latency(const struct load *load, size_t number, struct text *out) {
    struct text setup = {0};
    text_printf(out, "<section id=\"r%zu-latency\"><h2>Latency along the load</h2>", number);
    load_print_setup(load, &setup);
    text_add(out, "<p>Here ");
    html_add(out, text_string(&setup));
    text_add(out, ".</p>");
    out->failed |= setup.failed;
    text_clear(&setup);
    int status = load_charts_print(load, out);
    print_levels(load, out);
    text_add(out, "</section>");
    return status;
}

static void print_comparison(const struct forest *forest, const struct load *load, size_t index,
                             struct text *out) {
    const struct load_comparison *comparison = &load->comparisons[index];
    char values[2][FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    bool valid = comparison->verdict != VERDICT_INVALID;
    struct interval ratio = valid ? comparison->ratio : (struct interval){NAN, NAN, NAN};
    text_printf(out, "<tr data-v=\"%s\" data-s=\"", verdict_name(comparison->verdict));
    if (isfinite(ratio.estimate))
        text_printf(out, "%.6g", ratio.estimate);
    text_add(out, "\">");
    html_element(out, "th scope=\"row\"", load->arms[comparison->arm].variant);
    add_rate(load, comparison->share, out);
    load_format_values(comparison->quantity, comparison->baseline, comparison->candidate, values[0],
                       values[1]);
    text_printf(out, "<td>%s<td class=\"n\">%s → %s", load_quantity_word(comparison->quantity), values[0],
                values[1]);
    forest_cell(forest, comparison->verdict, ratio, out);
    format_speedup(ratio, estimate, interval);
    text_printf(out, "<td class=\"s\"><b>%s</b> %s<td>", estimate, interval);
    verdict_element(out, comparison->verdict, false);
    if (comparison->reason[0]) {
        text_add(out, " <small>");
        html_add(out, comparison->reason);
        text_add(out, "</small>");
    }
    text_add(out, "</td></tr>");
}

static void print_comparisons(const struct forest *forest, const struct load *load, struct text *out) {
    char delta[FORMAT_SIZE];
    format_percent(load->delta, delta);
    text_printf(
        out,
        "<section id=\"r%zu-all\"><h2>All comparisons</h2><p>Right of 1× the candidate is better: its "
        "latency is shorter, or it serves more requests. Between the lines around 1× lies what is too "
        "small for a word (±%s).</p><table class=\"forest loads sorts\"><thead><tr><th>candidate</th><th>load"
        "</th><th>of</th><th class=\"n\">",
        forest->number, delta);
    html_add(out, load->arms[0].variant);
    text_add(out, " → its own</th><th class=\"f\">");
    forest_axis(forest, out);
    text_add(out, "</th><th class=\"n\">better by</th><th>verdict</th></tr></thead><tbody>");
    for (size_t i = 0; i < load->comparison_count; i++)
        print_comparison(forest, load, i, out);
    text_add(out, "</tbody></table></section>");
}

static void print_judgement(const struct load *load, const struct load_judgement *judgement,
                            struct text *out) {
    const struct slo_target *target = &load->slo.targets[judgement->target];
    text_printf(out, "<tr><th scope=\"row\">%s ", slo_quantity_name(target->quantity));
    html_add(out, target->text);
    text_add(out, "</th>");
    if (target->quantity == SLO_PEAK_MEMORY)
        text_add(out, "<td>any</td>");
    else
        add_rate(load, judgement->share, out);
    html_element(out, "td", load->arms[judgement->arm].variant);
    add_level(target->quantity, judgement->value, out);
    text_printf(out, "<td><b class=\"%s\">%s %s</b></td></tr>", outcomes[judgement->outcome].class,
                outcomes[judgement->outcome].mark, load_outcome_name(judgement->outcome));
}

static void print_targets(const struct load *load, size_t number, struct text *out) {
    if (!load->judgement_count)
        return;
    text_printf(
        out,
        "<section id=\"r%zu-targets\"><h2>Targets</h2><p>✓ met: the whole 95 %% interval is within the "
        "bound. ✗ missed: all of it is beyond. ◇ undecided: neither, or requests failed or were not "
        "served.</p><table class=\"list\"><thead><tr><th>target</th><th>load</th><th>variant</th><th "
        "class=\"n\">measured</th><th>outcome</th></tr></thead><tbody>",
        number);
    for (size_t i = 0; i < load->judgement_count; i++)
        print_judgement(load, &load->judgements[i], out);
    text_add(out, "</tbody></table></section>");
}

static int print_trust(const struct page_result *source, size_t number, struct text *out) {
    struct notes notes;
    int status = load_notes_open(&notes, source->load);
    if (status)
        return status;
    text_printf(
        out,
        "<section id=\"r%zu-trust\"><h2>How it was measured, and how far to trust it</h2><p>Every interval "
        "is over processes, of which each had all variants under the same arrivals. A verdict is by the "
        "whole interval, beyond what the placebo showed, and corrected for all comparisons of this "
        "load.</p>",
        number);
    text_add(
        out,
        source->embedded
            ? "<p>This page holds the result file with the quantiles of every process. <code>countersign "
              "verify</code> with this page as its file concludes each comparison and target again from "
              "them and says where the page's file disagrees; <code>countersign show</code> prints its "
              "tables.</p>"
            : "<p>This page was made without the result file: its verdicts can only be checked with "
              "it.</p>");
    section_notes(&notes, out);
    notes_close(&notes);
    section_origin(source, out);
    text_add(out, "</section>");
    return 0;
}

int section_load(const struct page_result *source, size_t number, struct text *out) {
    const struct load *load = source->load;
    struct forest forest;
    forest_open_load(&forest, load, number);
    print_opening(source, number, out);
    int status = print_latency(load, number, out);
    print_comparisons(&forest, load, out);
    print_targets(load, number, out);
    text_printf(out, "<section id=\"r%zu-machine\"><h2>Machine</h2>", number);
    section_host(&load->host, out);
    text_add(out, "</section>");
    if (status == 0)
        status = print_trust(source, number, out);
    text_add(out, "</article>\n");
    return status;
}
