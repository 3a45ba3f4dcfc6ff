/* One case: what came out, along its parameter, and point by point. */
#include "page/section.h"

#include "page/marks.h"
#include "page/scaling.h"
#include "page/shared.h"
#include "page/sweep.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/html.h"
#include "report/story.h"

#include <math.h>
#include <string.h>

void section_case_id(const struct run *run, size_t number, size_t index, struct text *out) {
    text_printf(out, "r%zu-c%zu", number, first_of_case(run, index));
}

void section_data(const struct comparison *comparison, struct text *out) {
    text_printf(out, " data-v=\"%s\" data-s=\"", verdict_name(comparison->verdict));
    if (comparison->verdict != VERDICT_INVALID && isfinite(comparison->speedup.estimate))
        text_printf(out, "%.6g", comparison->speedup.estimate);
    text_add(out, "\"");
}

void section_point(const struct case_view *view, const struct comparison *comparison, bool candidate,
                   struct text *out) {
    struct text text = {0};
    if (candidate)
        text_add(&text, comparison->candidate);
    if (candidate && comparison->point.count && view->count > 1)
        text_add(&text, ", ");
    case_view_point_text(view, &comparison->point, true, &text);
    html_add(out, text.length ? text_string(&text) : comparison->candidate);
    out->failed |= text.failed;
    text_clear(&text);
}

/* The sentence first, then what was predicted and what it takes. */
static void print_line(void *context, const char *line) {
    struct text *out = context;
    html_item(out, "p", line);
}

/* What is said of each candidate. 0 or -ENOMEM. */
static int print_candidates(const struct case_view *view, struct text *out) {
    text_add(out, "<ul class=\"said\">");
    for (size_t row = 0; row < view->count; row++) {
        struct case_view one;
        if (first_of_candidate(view, row) != row)
            continue;
        int status = case_view_open(&one, view->run, view->rows[row]->case_name, view->rows[row]->candidate);
        if (status)
            return status;
        text_add(out, "<li>");
        candidate_lines(&one, print_line, out);
        case_view_close(&one);
    }
    text_add(out, "</ul>");
    return 0;
}

static void print_story(const struct run *run, const struct comparison *comparison, struct text *out) {
    const struct measurement *measurement = measurement_of(run, comparison);
    struct story story;
    struct text text = {0};
    story_choose(comparison, &story);
    story.scaled = measurement && measurement->simulation.scaled;
    story_print(&story, STORY_COUNTERS, true, &text);
    html_add(out, text_string(&text));
    out->failed |= text.failed;
    text_clear(&text);
}

static void print_row(const struct forest *forest, const struct case_view *view,
                      const struct comparison *comparison, struct text *out) {
    static const struct report_style style = {.unicode = true};
    char times[2][FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    struct interval none = {NAN, NAN, NAN};
    bool valid = comparison->verdict != VERDICT_INVALID;
    format_times(valid ? comparison->baseline_time.median : NAN,
                 valid ? comparison->candidate_time.median : NAN, times[0], times[1]);
    format_speedup(valid ? comparison->speedup : none, estimate, interval);
    text_add(out, "<tr><th>");
    section_point(view, comparison, true, out);
    text_printf(out, "<td class=\"n\">%s → %s", times[0], times[1]);
    forest_cell(forest, comparison->verdict, comparison->speedup, out);
    text_printf(out, "<td class=\"s\"><b>%s</b> %s<td>", estimate, interval);
    verdict_element(out, comparison->verdict, earns_star(comparison));
    text_add(out, "<td>");
    print_story(view->run, comparison, out);
    text_printf(out, "<td>%s", answer_mark(&style, comparison->verified, false));
    if (comparison->reason[0] && (!valid || comparison->verdict == VERDICT_INCONCLUSIVE)) {
        text_add(out, "<tr class=\"why\"><td colspan=\"7\">");
        html_add(out, comparison->reason);
    }
}

static void print_table(const struct forest *forest, const struct case_view *view, struct text *out) {
    char percent[FORMAT_SIZE];
    format_percent(view->rows[0]->confidence, percent);
    text_add(out, "<table class=\"points\"><thead><tr><th>candidate</th><th class=\"n\">time per ");
    html_add(out, view->rows[0]->item);
    text_add(out, "</th><th class=\"f\">");
    forest_axis(forest, out);
    text_printf(
        out,
        "</th><th class=\"n\">speedup <small>%s interval</small></th><th>verdict</th><th>counters that "
        "tell why</th><th>answer</th></tr></thead><tbody>",
        percent);
    for (size_t i = 0; i < view->count; i++)
        print_row(forest, view, view->rows[i], out);
    text_add(out, "</tbody></table>");
}

static int print_details(const struct case_view *view, struct text *out) {
    struct shared_notes shared;
    int status = shared_open(&shared, view);
    if (status)
        return status;
    text_printf(
        out,
        "<details><summary>Each point in detail: counters before and after, predictions, processes, "
        "resources (%zu)</summary><p class=\"facts\">A dot is the speedup in one process, the first at "
        "the top; shaded: the interval. A counter without a word of trust is trusted.</p>",
        view->count);
    shared_print(&shared, out);
    for (size_t i = 0; i < view->count && status == 0; i++) {
        text_add(out, "<details><summary>");
        section_point(view, view->rows[i], true, out);
        text_add(out, " ");
        verdict_element(out, view->rows[i]->verdict, earns_star(view->rows[i]));
        text_add(out, "</summary>");
        status = section_details(view->run, view->rows[i], out);
        shared_print_row(&shared, i, out);
        text_add(out, "</details>");
    }
    text_add(out, "</details>");
    shared_close(&shared);
    return status;
}

static void print_heading(const struct case_view *view, struct text *out) {
    struct text facts = {0};
    html_element(out, "h3",
                 view->rows[0]->case_title[0] ? view->rows[0]->case_title : view->rows[0]->case_name);
    text_add(out, "<p class=\"facts\"><code>");
    html_add(out, view->rows[0]->case_name);
    text_add(out, "</code> ");
    case_facts_print(view, &facts);
    html_add(out, text_string(&facts));
    text_add(out, "</p>");
    out->failed |= facts.failed;
    text_clear(&facts);
}

int section_case(const struct forest *forest, const struct run *run, size_t index, struct text *out) {
    struct case_view view;
    int status = case_view_open(&view, run, run->comparisons[index].case_name, NULL);
    if (status)
        return status;
    text_add(out, "<section class=\"case\" id=\"");
    section_case_id(run, forest->number, index, out);
    text_add(out, "\">");
    print_heading(&view, out);
    status = print_candidates(&view, out);
    if (status == 0)
        status = sweep_print(&view, out);
    if (status == 0)
        status = scaling_charts(&view, out);
    if (status == 0) {
        print_table(forest, &view, out);
        status = print_details(&view, out);
    }
    text_add(out, "</section>");
    case_view_close(&view);
    return status;
}
