/* The page of a load: every number, mark and target is there, at its place. */
#include "../conclude/made_load.h"
#include "../report/golden.h"
#include "page/page.h"
#include "stats/verdict.h"

static char *page_of(const struct load *load, const char *embedded) {
    struct capture capture;
    struct page_result page = {.load = load, .name = "a<b.json", .embedded = embedded};
    assert_int_equal(page_write(&page, 1, capture_start(&capture)), 0);
    return capture_end(&capture);
}

/* Concludes first. */
static char *concluded(struct load *load) {
    assert_int_equal(load_conclude(load), 0);
    return page_of(load, NULL);
}

static void add_target(struct load *load, enum slo_quantity quantity, double bound, const char *text) {
    struct slo_target *target = &load->slo.targets[load->slo.count++];
    *target = (struct slo_target){.quantity = quantity, .bound = bound};
    snprintf(target->text, sizeof target->text, "%s", text);
}

static size_t count(const char *text, const char *piece) {
    size_t found = 0;
    for (; (text = strstr(text, piece)); text += strlen(piece))
        found++;
    return found;
}

/* What is left of a page from the first place with `piece` on. */
static char *from(char *page, const char *piece) {
    char *found = strstr(page, piece);
    if (!found)
        fail_msg("the page has no %s", piece);
    return found;
}

static void every_comparison_is_there(void **state) {
    (void)state;
    struct load load;
    make_load(&load, 0.5);
    char *page = concluded(&load), row[64];
    assert_int_equal(load.comparison_count, 4);
    for (size_t i = 0; i < load.comparison_count; i++) {
        size_t same = 0;
        for (size_t k = 0; k < load.comparison_count; k++)
            same += load.comparisons[k].verdict == load.comparisons[i].verdict;
        snprintf(row, sizeof row, "<tr data-v=\"%s\"", verdict_name(load.comparisons[i].verdict));
        assert_int_equal(count(page, row), same);
    }
    assert_non_null(strstr(page, "<b>2</b> ▲ faster"));
    assert_non_null(strstr(page, "<b>1</b> ✕ invalid"));
    assert_non_null(strstr(page, "✕ invalid</b> <small>too few"));
    assert_non_null(strstr(page, "<td>p99<td class=\"n\">1010 ns → 505 ns"));
    assert_int_equal(count(page, "<td class=\"f faster\" style=\"--l:"), 2); /* on the axis */
    assert_int_equal(count(page, "<td class=\"f\">"), 1);
    assert_int_equal(count(page, "<tr><th scope=\"row\">old</th>"),
                     2); /* back to back and at the share, no placebo */
    assert_int_equal(count(page, "<tr><th scope=\"row\">new</th>"), 2);
    assert_null(strstr(page, "targets met"));
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf\""));
    free(page);
    load_clear(&load);
}

/* Heights of the marks of the chart of a quantile, baseline first; their number. */
static size_t heights(char *page, const char *quantile, double y[8]) {
    char caption[64];
    snprintf(caption, sizeof caption, "<figcaption>%s of latency", quantile);
    char *chart = strstr(page, caption), *end = chart ? strstr(chart, "</figure>") : NULL;
    size_t found = 0;
    for (; chart && (chart = strstr(chart, "<circle")) && chart < end && found < 8; chart++)
        assert_int_equal(sscanf(from(chart, "cy="), "cy=\"%lf\"", &y[found++]), 1);
    return found;
}

/* One logarithmic axis for all quantiles: what is ten times as long lies as much higher, wherever it is. */
static void height_is_the_logarithm_of_a_time(void **state) {
    (void)state;
    struct load load;
    double p50[8], p99[8], y[8];
    make_load(&load, 10);
    char *page = concluded(&load);
    assert_int_equal(heights(page, "p50", p50), 2);
    assert_int_equal(heights(page, "p99", p99), 2);
    assert_int_equal(heights(page, "p99.9", y), 0); /* one process has none */
    assert_float_equal(p50[0], p50[1], 0.15);
    assert_true(p50[0] - p99[0] > 30);
    assert_float_equal(p50[0] - p99[0], p99[0] - p99[1], 0.3);
    assert_int_equal(count(page, "<path class=\"i\" d=\"M"), 4); /* each with its interval */
    free(page);
    load_clear(&load);
}

static void what_is_objected_to_is_hollow(void **state) {
    (void)state;
    struct load load;
    make_load(&load, 0.5);
    for (size_t i = 0; i < load.reading_count; i++)
        if (load.readings[i].replicate == 3 && load.readings[i].arm == 1 && load.readings[i].share > 0)
            load.readings[i].unserved = 1;
    char *page = concluded(&load);
    assert_int_equal(count(page, "class=\"k open\""), 2); /* of p50 and of p99 */
    assert_int_equal(count(page, "hollow: requests failed or were not served"), 4);
    assert_int_equal(count(page, "overloaded: of this row nothing is claimed"), 1);
    assert_non_null(strstr(page, "<dt>overload<dd>new: 1 of"));
    free(page);
    load_clear(&load);
}

static void targets_are_words_and_shapes(void **state) {
    (void)state;
    struct load load;
    make_load(&load, 0.5);
    add_target(&load, SLO_P99, 600, "< 600 ns"); /* missed by the baseline, met by the candidate */
    add_target(&load, SLO_P50, 1e9, "< 1 s");    /* met by both, and far from anything measured */
    add_target(&load, SLO_PEAK_MEMORY, 2000, "< 2000 bytes");
    add_target(&load, SLO_ERROR_RATE, 1e-4, "< 0.01 %"); /* undecided of both */
    char *page = concluded(&load);
    assert_non_null(strstr(page, "<b>4</b> ✓ targets met"));
    assert_non_null(strstr(page, "<b>2</b> ✗ targets missed"));
    assert_non_null(strstr(page, "<b>2</b> ◇ targets undecided"));
    assert_int_equal(count(page, "<b class=\"faster\">✓ met"), 4);
    assert_int_equal(count(page, "<b class=\"slower\">✗ missed"), 2);
    assert_int_equal(count(page, "<b class=\"inconclusive\">◇ undecided"), 2);
    assert_int_equal(count(page, "<path class=\"bound\""), 1);
    assert_int_equal(count(page, "line across: target &#60; 600 ns"),
                     2); /* and for those who do not see it */
    assert_int_equal(count(page, "target, not on this axis: &#60; 1 s"), 2);
    char *row = from(page, "latency-p99 &#60; 600 ns</th>");
    assert_true(from(row, "<td>old</td>") < from(row, "✗ missed") &&
                from(row, "✗ missed") < from(row, "<td>new</td>"));
    assert_non_null(strstr(page, "peak-memory &#60; 2000 bytes</th><td>any</td>"));
    free(page);
    load_clear(&load);
}

static void links_lead_somewhere_and_nothing_is_loaded(void **state) {
    (void)state;
    struct load load;
    char target[64], id[80];
    size_t links = 0;
    make_load(&load, 0.5);
    add_target(&load, SLO_P99, 600, "< 600 ns");
    char *page = concluded(&load);
    for (const char *link = page; (link = strstr(link, "href=\"#")); links++) {
        link += strlen("href=\"#");
        snprintf(target, sizeof target, "%.*s", (int)strcspn(link, "\""), link);
        snprintf(id, sizeof id, " id=\"%s\"", target);
        if (!strstr(page, id))
            fail_msg("nothing is called %s", target);
    }
    assert_int_equal(links, 5); /* the sections */
    assert_null(strstr(page, "://"));
    assert_null(strstr(page, "src="));
    assert_null(strstr(page, "url("));
    assert_int_equal(count(page, "<script"), 1);
    free(page);
    load_clear(&load);
}

/* Names of a result file from elsewhere. */
static void hostile_names_stay_text(void **state) {
    (void)state;
    static const char hostile[] = "\"><script>alert(1)</script>\342\200\256\033[2J";
    struct load load;
    make_load(&load, 0.5);
    add_target(&load, SLO_P99, 600, hostile);
    for (size_t i = 0; i < load.arm_count; i++)
        snprintf(load.arms[i].variant, sizeof load.arms[i].variant, "%s", hostile);
    snprintf(load.case_name, sizeof load.case_name, "%s", hostile);
    snprintf(load.item, sizeof load.item, "%s", hostile);
    snprintf(load.cpus, sizeof load.cpus, "%s", hostile);
    snprintf(load.servers, sizeof load.servers, "%s", hostile);
    snprintf(load.id, sizeof load.id, "%s", hostile);
    snprintf(load.started, sizeof load.started, "<script>");
    snprintf(load.host.cpu_model, sizeof load.host.cpu_model, "%s", hostile);
    load.command = strdup(hostile);
    assert_int_equal(load_conclude(&load), 0);
    snprintf(load.comparisons[0].reason, sizeof load.comparisons[0].reason, "%s", hostile);
    char *page = page_of(&load, NULL);
    assert_int_equal(count(page, "<script"), 1); /* its own */
    assert_null(strstr(page, "\"><script>alert"));
    assert_null(strchr(page, '\033'));
    assert_null(strstr(page, "\342\200\256"));
    free(page);
    load_clear(&load);
}

static void what_is_not_there_is_not_shown(void **state) {
    (void)state;
    struct load load;
    make_load(&load, 0.5);
    snprintf(load.arms[1].invalid, sizeof load.arms[1].invalid, "new: it crashed");
    load.digest.state = DIGEST_BROKEN;
    char *page = concluded(&load);
    double y[8];
    assert_int_equal(heights(page, "p50", y), 1);
    assert_int_equal(count(page, "<tr><th scope=\"row\">new</th>"), 0);
    assert_non_null(strstr(page, "<dt>invalid<dd>new: it crashed"));
    assert_int_equal(count(page, "class=\"warning\""), 1);
    free(page);
    load.share_count = 0; /* as a file from elsewhere may have it */
    page = concluded(&load);
    assert_int_equal(count(page, "<svg class=\"chart\""), 0);
    assert_null(strstr(page, "nan"));
    free(page);
    load_clear(&load);
}

static void a_run_and_a_load_share_a_page(void **state) {
    (void)state;
    struct load load;
    struct run run = {0};
    struct capture capture;
    make_load(&load, 0.5);
    assert_int_equal(load_conclude(&load), 0);
    struct page_result results[] = {{.run = &run, .name = "run.json", .embedded = "QUJD"},
                                    {.load = &load, .name = "load.json", .embedded = "REVG"}};
    assert_int_equal(page_write(results, 2, capture_start(&capture)), 0);
    char *page = capture_end(&capture);
    assert_true(from(page, "<article id=\"r1\"") < from(page, "<article id=\"r2\""));
    assert_non_null(strstr(page, "id=\"r2-latency\""));
    assert_non_null(strstr(page, "#r2 td.f{background:linear-gradient("));
    assert_non_null(strstr(page, "id=\"countersign-result-2\">REVG</script>"));
    assert_non_null(strstr(page, "This page holds the result file with the quantiles"));
    free(page);
    page = page_of(&load, NULL);
    assert_non_null(strstr(page, "made without the result file"));
    free(page);
    load_clear(&load);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_comparison_is_there),
                                       cmocka_unit_test(height_is_the_logarithm_of_a_time),
                                       cmocka_unit_test(what_is_objected_to_is_hollow),
                                       cmocka_unit_test(targets_are_words_and_shapes),
                                       cmocka_unit_test(links_lead_somewhere_and_nothing_is_loaded),
                                       cmocka_unit_test(hostile_names_stay_text),
                                       cmocka_unit_test(what_is_not_there_is_not_shown),
                                       cmocka_unit_test(a_run_and_a_load_share_a_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
