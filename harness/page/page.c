#include "page/page.h"

#include "page/marks.h"
#include "page/parts.h"
#include "page/section.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/html.h"
#include "report/summary.h"
#include "store/embedded.h"

#include <errno.h>
#include <math.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

static const enum verdict verdicts[] = {VERDICT_FASTER, VERDICT_SLOWER, VERDICT_EQUIVALENT,
                                        VERDICT_INCONCLUSIVE, VERDICT_INVALID};
#define VERDICTS (sizeof verdicts / sizeof *verdicts)

#define JUMPS_LEAST 6 /* fewer cases are seen at a glance */

_Static_assert(VERDICTS == SECTION_VERDICTS, "each verdict has a tile");

static size_t count_cases(const struct run *run) {
    size_t count = 0;
    for (size_t i = 0; i < run->comparison_count; i++)
        count += first_of_case(run, i) == i;
    return count;
}

/* Nothing runs but the page's own script, known by its hash, and nothing is loaded. */
static void print_policy(struct text *out) {
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char base64[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
    sha256_init(&context);
    sha256_update(&context, strlen(page_script), (const uint8_t *)page_script);
    sha256_digest(&context, sizeof digest, digest);
    base64_encode_raw(base64, sizeof digest, digest);
    text_printf(out,
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                "'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">",
                base64);
}

static const struct fingerprint *host_of(const struct page_result *result) {
    return result->run ? &result->run->host : &result->load->host;
}

static const char *started_of(const struct page_result *result) {
    return result->run ? result->run->started : result->load->started;
}

static const struct file_digest *digest_of(const struct page_result *result) {
    return result->run ? &result->run->digest : &result->load->digest;
}

static void add_machine(const struct page_result *result, struct text *out) {
    const struct fingerprint *host = host_of(result);
    html_add(out, host->cpu_model[0] ? host->cpu_model : host->machine);
}

static void print_title(const struct page_result *results, size_t count, struct text *out) {
    char day[11];
    snprintf(day, sizeof day, "%.10s", started_of(results));
    add_machine(results, out);
    text_add(out, ", ");
    html_add(out, day);
    if (count > 1)
        text_printf(out, " and %zu more result%s", count - 1, count == 2 ? "" : "s");
}

static void print_head(const struct page_result *results, size_t count, struct text *out) {
    text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                  "content=\"width=device-width, initial-scale=1\">");
    print_policy(out);
    text_add(out,
             "<meta name=\"generator\" content=\"countersign " COUNTERSIGN_VERSION "\"><title>countersign: ");
    print_title(results, count, out);
    text_add(out, "</title><style>");
    text_add(out, page_style_sheet);
    for (size_t i = 0; i < count; i++) {
        struct forest forest;
        if (results[i].run)
            forest_open(&forest, results[i].run, i + 1);
        else
            forest_open_load(&forest, results[i].load, i + 1);
        forest_define(&forest, out);
    }
    text_add(
        out,
        "</style></head>\n<body><svg class=\"defs\" aria-hidden=\"true\"><defs><path id=\"m-left\" d=\"M8-5 "
        "1 0 8 5\"/><path id=\"m-right\" d=\"M-8-5-1 0-8 5\"/>");
    marks_define(out);
    text_add(out, "</defs></svg>\n");
}

static void print_controls(struct text *out) {
    text_add(
        out,
        "<form class=\"controls\" id=\"controls\" hidden><label>Filter <input type=\"search\" id=\"filter\" "
        "placeholder=\"case, candidate, n = 64\"></label><fieldset><legend>Verdicts</legend>");
    for (size_t i = 0; i < VERDICTS; i++)
        text_printf(
            out,
            "<label class=\"%s\"><input type=\"checkbox\" name=\"verdict\" value=\"%s\" checked> %s %s</label>",
            verdict_name(verdicts[i]), verdict_name(verdicts[i]), mark_of_verdict(verdicts[i]),
            verdict_name(verdicts[i]));
    text_add(out,
             "</fieldset><label>Order <select id=\"order\"><option value=\"run\">as measured</option><option "
             "value=\"most\">largest speedup first</option><option value=\"least\">smallest speedup "
             "first</option></select></label><output "
             "id=\"shown\" aria-live=\"polite\"></output></form>");
}

void section_tiles(const size_t counts[SECTION_VERDICTS], struct text *out) {
    text_add(out, "<ul class=\"tiles\">");
    for (size_t i = 0; i < VERDICTS; i++)
        text_printf(out, "<li class=\"%s\"><b>%zu</b> %s %s</li>", verdict_name(verdicts[i]),
                    counts[verdicts[i]], mark_of_verdict(verdicts[i]), verdict_name(verdicts[i]));
}

void section_shares(const size_t counts[SECTION_VERDICTS], struct text *out) {
    size_t total = 0;
    double at = 0;
    for (size_t i = 0; i < VERDICTS; i++)
        total += counts[i];
    text_add(out, "<svg class=\"shares\" aria-hidden=\"true\">");
    for (size_t i = 0; i < VERDICTS && total; i++) {
        double width = 100.0 * (double)counts[verdicts[i]] / (double)total;
        text_printf(out, "<rect class=\"fill %s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\"/>",
                    verdict_name(verdicts[i]), at, width);
        at += width;
    }
    text_add(out, "</svg>");
}

static void count_verdicts(const struct run *run, size_t counts[SECTION_VERDICTS]) {
    for (size_t i = 0; i < run->comparison_count; i++)
        counts[run->comparisons[i].verdict]++;
}

/* Of one run, or of all on the page. */
static void print_tiles(const struct page_result *results, size_t count, struct text *out) {
    size_t counts[SECTION_VERDICTS] = {0}, met = 0;
    for (size_t r = 0; r < count; r++) {
        const struct run *run = results[r].run;
        if (run)
            count_verdicts(run, counts);
        for (size_t i = 0; run && i < run->comparison_count; i++)
            met += earns_star(&run->comparisons[i]);
    }
    section_tiles(counts, out);
    text_printf(out, "<li><b>%zu</b> ★ target met</li></ul>", met);
    section_shares(counts, out);
}

/* What would make somebody doubt all of it comes first. */
static void print_warnings(const struct page_result *source, struct text *out) {
    if (source->run && !source->run->complete)
        text_add(out,
                 "<p class=\"warning\">The run was cut short: only what was complete by then is here.</p>");
    if (!digest_is_sound(digest_of(source)))
        text_add(
            out,
            "<p class=\"warning\">The result file was changed after it was written: by its digest it is not "
            "what was measured.</p>");
}

static const char *id_of(const struct page_result *source) {
    return source->run ? source->run->id : source->load->id;
}

void section_facts(const struct page_result *source, struct text *out) {
    char duration[FORMAT_SIZE];
    const char *command = source->run ? source->run->command : source->load->command;
    format_duration(source->run ? source->run->duration_s : source->load->duration_s, duration);
    text_add(out, "<p class=\"facts\">");
    add_machine(source, out);
    text_add(out, "; ");
    html_add(out, started_of(source));
    text_printf(out, ", took %s; <code>", duration);
    html_add(out, command ? command : id_of(source));
    text_add(out, "</code></p>");
    print_warnings(source, out);
}

void section_origin(const struct page_result *source, struct text *out) {
    const char *digest = digest_of(source)->text;
    text_add(out, "<p class=\"facts\">From ");
    html_add(out, source->name);
    text_add(out, source->run ? ", run " : ", load ");
    html_add(out, id_of(source));
    text_add(out, ", digest ");
    html_add(out, digest[0] ? digest : "none");
    text_add(out, "</p>");
}

static void print_opening(const struct page_result *source, size_t number, struct text *out) {
    const struct run *run = source->run;
    size_t cases = count_cases(run);
    text_printf(out, "<article id=\"r%zu\"><h2>%zu comparison%s of %zu case%s</h2>", number,
                run->comparison_count, run->comparison_count == 1 ? "" : "s", cases, cases == 1 ? "" : "s");
    section_facts(source, out);
    print_tiles(source, 1, out);
    text_printf(
        out,
        "<nav aria-label=\"sections\"><a href=\"#r%zu-glance\">At a glance</a> <a href=\"#r%zu-all\">All "
        "comparisons</a> <a href=\"#r%zu-cases\">Cases</a> <a href=\"#r%zu-machine\">Machine</a> <a "
        "href=\"#r%zu-trust\">How far to trust it</a></nav>",
        number, number, number, number, number);
}

static void link_case(const struct run *run, size_t number, size_t index, struct text *out) {
    text_add(out, "<a href=\"#");
    section_case_id(run, number, index, out);
    text_add(out, "\">");
    html_add(out, run->comparisons[index].case_name);
    text_add(out, "</a>");
}

/* One row for a candidate of a case. */
static int print_candidate(const struct forest *forest, const struct run *run, size_t index,
                           struct text *out) {
    struct case_view view;
    struct text said = {0};
    int status =
        case_view_open(&view, run, run->comparisons[index].case_name, run->comparisons[index].candidate);
    if (status)
        return status;
    text_add(out, "<tr data-v=\"");
    double most = NAN;
    for (size_t i = 0; i < VERDICTS; i++)
        for (size_t k = 0; k < view.count; k++)
            if (view.rows[k]->verdict == verdicts[i]) {
                text_printf(out, "%s ", verdict_name(verdicts[i]));
                break;
            }
    for (size_t k = 0; k < view.count; k++)
        if (view.rows[k]->verdict != VERDICT_INVALID)
            most = fmax(most, view.rows[k]->speedup.estimate);
    text_add(out, "\" data-s=\"");
    if (isfinite(most))
        text_printf(out, "%.6g", most);
    bool again = first_of_case(run, index) != index;
    text_printf(out, "\"><th scope=\"row\"%s>", again ? " class=\"again\"" : "");
    link_case(run, forest->number, index, out);
    text_add(out, "<td class=\"f\">");
    forest_points(forest, &view, out);
    summary_print(&view, &said);
    html_item(out, "td", text_string(&said));
    out->failed |= said.failed;
    text_clear(&said);
    case_view_close(&view);
    return 0;
}

static bool opens_candidate(const struct run *run, size_t index) {
    for (size_t i = first_of_case(run, index); i < index; i++)
        if (strcmp(run->comparisons[i].case_name, run->comparisons[index].case_name) == 0 &&
            strcmp(run->comparisons[i].candidate, run->comparisons[index].candidate) == 0)
            return false;
    return true;
}

/* Of all runs together. */
static void print_sum(const struct page_result *results, size_t count, struct text *out) {
    size_t runs = 0, comparisons = 0, cases = 0;
    for (size_t r = 0; r < count; r++)
        if (results[r].run) {
            runs++;
            comparisons += results[r].run->comparison_count;
            cases += count_cases(results[r].run);
        }
    if (runs < 2)
        return;
    text_printf(out, "<section class=\"sum\"><h2>%zu comparisons of %zu cases, in %zu runs</h2>", comparisons,
                cases, runs);
    print_tiles(results, count, out);
    text_add(out, "</section>");
}

/* What is on a page of several results. */
static void print_runs(const struct page_result *results, size_t count, struct text *out) {
    if (count < 2)
        return;
    print_sum(results, count, out);
    text_add(out, "<nav class=\"runs\" aria-label=\"runs\">");
    for (size_t r = 0; r < count; r++) {
        const struct run *run = results[r].run;
        size_t counts[SECTION_VERDICTS] = {0};
        text_printf(out, "<a href=\"#r%zu\">", r + 1);
        if (run) {
            text_printf(out, "%zu comparisons of %zu cases</a>", run->comparison_count, count_cases(run));
            count_verdicts(run, counts);
        } else
            text_add(out, "a load</a>");
        section_shares(counts, out);
        text_add(out, " <small>");
        const char *command = run ? run->command : results[r].load->command;
        html_add(out, command ? command : run ? run->id : results[r].load->id);
        text_add(out, "</small> ");
    }
    text_add(out, "</nav>");
}

/* Every case, from anywhere on the page. */
static void print_jumps(const struct page_result *results, size_t count, struct text *out) {
    size_t cases = 0;
    for (size_t r = 0; r < count; r++)
        cases += results[r].run ? count_cases(results[r].run) : 0;
    if (cases < JUMPS_LEAST)
        return;
    text_printf(out, "<details class=\"jumps\"><summary>%zu cases</summary><nav aria-label=\"cases\">",
                cases);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; results[r].run && i < results[r].run->comparison_count; i++)
            if (first_of_case(results[r].run, i) == i) {
                link_case(results[r].run, r + 1, i, out);
                text_add(out, " ");
            }
    text_add(out, "</nav></details>");
}

static int print_glance(const struct forest *forest, const struct run *run, struct text *out) {
    int status = 0;
    char delta[FORMAT_SIZE];
    format_percent(run->settings.delta, delta);
    text_printf(
        out,
        "<section id=\"r%zu-glance\"><h2>At a glance</h2><p>Each mark is a point that was measured, at its "
        "speedup with its interval: right of 1× the candidate is faster. Between the lines around 1× lies what "
        "is too small for a word (±%s).</p><table class=\"glance sorts\"><thead><tr><th>case</th><th "
        "class=\"f\">",
        forest->number, delta);
    forest_axis(forest, out);
    text_add(out, "</th><th>what came out</th></tr></thead><tbody>");
    for (size_t i = 0; i < run->comparison_count && status == 0; i++)
        if (opens_candidate(run, i))
            status = print_candidate(forest, run, i, out);
    text_add(out, "</tbody></table></section>");
    return status;
}

static void print_comparison(const struct forest *forest, const struct run *run, size_t index,
                             struct text *out) {
    const struct comparison *comparison = &run->comparisons[index];
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    struct interval none = {NAN, NAN, NAN};
    struct text point = {0};
    format_speedup(comparison->verdict == VERDICT_INVALID ? none : comparison->speedup, estimate, interval);
    text_add(out, "<tr");
    section_data(comparison, out);
    text_add(out, "><th>");
    link_case(run, forest->number, index, out);
    html_item(out, "td", comparison->candidate);
    format_point(&comparison->point, &point);
    html_item(out, "td", text_string(&point));
    forest_cell(forest, comparison->verdict, comparison->speedup, out);
    text_printf(out, "<td class=\"s\"><b>%s</b> %s<td>", estimate, interval);
    verdict_element(out, comparison->verdict, earns_star(comparison));
    out->failed |= point.failed;
    text_clear(&point);
}

#define OPEN_MOST 40 /* rows of the table that need not be asked for */

static void print_all(const struct forest *forest, const struct run *run, struct text *out) {
    text_printf(
        out,
        "<section id=\"r%zu-all\"><h2>All comparisons</h2><details class=\"all\"%s><summary>%zu rows, each on "
        "the same axis</summary><table class=\"forest sorts\"><thead><tr><th>case</th><th>candidate</th><th>"
        "point</th><th class=\"f\">",
        forest->number, run->comparison_count <= OPEN_MOST ? " open" : "", run->comparison_count);
    forest_axis(forest, out);
    text_add(out, "</th><th class=\"n\">speedup</th><th>verdict</th></tr></thead><tbody>");
    for (size_t i = 0; i < run->comparison_count; i++)
        print_comparison(forest, run, i, out);
    text_add(out, "</tbody></table></details></section>");
}

static int print_trust(const struct page_result *source, size_t number, struct text *out) {
    struct notes notes;
    int status = notes_open(&notes, source->run);
    if (status)
        return status;
    text_printf(out, "<section id=\"r%zu-trust\"><h2>How it was measured, and how far to trust it</h2>",
                number);
    if (source->embedded)
        text_add(out,
                 "<p>This page holds the result file with every sample. <code>countersign verify</code> with "
                 "this page as its file concludes each comparison again from them and says where the page's "
                 "file disagrees; <code>countersign show</code> prints its tables.</p>");
    else
        text_add(
            out,
            "<p>This page was made without the samples: its verdicts can only be checked with the result "
            "file.</p>");
    section_notes(&notes, out);
    notes_close(&notes);
    section_origin(source, out);
    text_add(out, "</section>");
    return 0;
}

static int print_run(const struct page_result *source, size_t number, struct text *out) {
    const struct run *run = source->run;
    struct forest forest;
    forest_open(&forest, run, number);
    print_opening(source, number, out);
    int status = print_glance(&forest, run, out);
    print_all(&forest, run, out);
    text_printf(out, "<section id=\"r%zu-cases\"><h2>Cases</h2>", number);
    for (size_t i = 0; i < run->comparison_count && status == 0; i++)
        if (first_of_case(run, i) == i)
            status = section_case(&forest, run, i, out);
    text_printf(out, "</section><section id=\"r%zu-machine\"><h2>Machine</h2>", number);
    if (status == 0)
        status = section_machine(run, out);
    text_add(out, "</section>");
    if (status == 0)
        status = print_trust(source, number, out);
    text_add(out, "</article>\n");
    return status;
}

int page_write(const struct page_result *results, size_t count, FILE *stream) {
    struct text out = {0};
    int status = 0;
    print_head(results, count, &out);
    text_add(&out, "<header><h1>countersign</h1><p>");
    print_title(results, count, &out);
    text_add(&out, "</p><button type=\"button\" id=\"theme\" hidden>Light or dark</button></header><main>");
    print_controls(&out);
    print_jumps(results, count, &out);
    print_runs(results, count, &out);
    for (size_t i = 0; i < count && status == 0; i++)
        status =
            results[i].run ? print_run(&results[i], i + 1, &out) : section_load(&results[i], i + 1, &out);
    text_add(&out, "</main>\n<script>");
    text_add(&out, page_script);
    text_add(&out, "</script>\n");
    for (size_t i = 0; i < count; i++)
        if (results[i].embedded) {
            text_printf(&out, EMBEDDED_START "%zu" EMBEDDED_START_END, i + 1);
            text_add(&out, results[i].embedded);
            text_add(&out, EMBEDDED_END "\n");
        }
    text_add(&out, "</body></html>\n");
    if (status == 0)
        status = text_write(&out, stream);
    text_clear(&out);
    return status;
}
