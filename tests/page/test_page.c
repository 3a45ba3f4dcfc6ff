#include "../report/golden.h"
#include "../report/sample_run.h"
#include "page/page.h"

static char *page_of(const struct run *run, const char *embedded) {
    struct capture capture;
    struct page_result page = {.run = run, .name = "a<b.json", .embedded = embedded};
    assert_int_equal(page_write(&page, 1, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static size_t count(const char *text, const char *piece) {
    size_t found = 0;
    for (; (text = strstr(text, piece)); text += strlen(piece))
        found++;
    return found;
}

static void every_comparison_is_there(void **state) {
    (void)state;
    struct run run;
    char tile[64];
    size_t faster = 0, drawn = 0;
    sample_rich(&run);
    char *page = page_of(&run, NULL);
    for (size_t i = 0; i < run.comparison_count; i++) {
        faster += run.comparisons[i].verdict == VERDICT_FASTER;
        drawn += run.comparisons[i].verdict != VERDICT_INVALID;
    }
    assert_true(faster > 0 && drawn < run.comparison_count);
    snprintf(tile, sizeof tile, "<b>%zu</b> ▲ faster", faster);
    assert_non_null(strstr(page, tile));
    assert_int_equal(count(page, "<details><summary>"),
                     run.comparison_count + count(page, "<section class=\"case\""));
    /* At a glance, among all, and in its case; an invalid one has a place but no mark. */
    assert_int_equal(count(page, "<line x1="), drawn);
    assert_int_equal(count(page, "--l:"), 2 * drawn);
    assert_int_equal(count(page, "<td class=\"f\">"),
                     count(page, "<svg class=\"row\" role=") + 2 * (run.comparison_count - drawn));
    assert_int_equal(count(page, "#r1 td.f{background:linear-gradient("), 1);
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf\""));
    free(page);
    run_clear(&run);
}

static void nothing_is_loaded(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *page = page_of(&run, NULL);
    assert_null(strstr(page, "://"));
    assert_null(strstr(page, "src="));
    assert_null(strstr(page, "@import"));
    assert_null(strstr(page, "url("));
    assert_non_null(strstr(page, "default-src 'none'"));
    assert_int_equal(count(page, "<script"), 1);
    free(page);
    run_clear(&run);
}

static void links_lead_somewhere(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *page = page_of(&run, NULL), target[64], id[80];
    size_t links = 0;
    for (const char *link = page; (link = strstr(link, "href=\"#")); links++) {
        link += strlen("href=\"#");
        snprintf(target, sizeof target, "%.*s", (int)strcspn(link, "\""), link);
        snprintf(id, sizeof id, " id=\"%s\"", target);
        assert_non_null(strstr(page, id));
    }
    assert_true(links > run.comparison_count);
    free(page);
    run_clear(&run);
}

/* Names of a result file from elsewhere. */
static void hostile_names_stay_text(void **state) {
    (void)state;
    static const char hostile[] = "\"><script>alert(1)</script>\342\200\256\033[2J";
    struct run run;
    sample_rich(&run);
    for (size_t i = 0; i < run.comparison_count; i++) {
        struct comparison *comparison = &run.comparisons[i];
        snprintf(comparison->case_name, sizeof comparison->case_name, "%s%zu", hostile, i % 3);
        snprintf(comparison->case_title, sizeof comparison->case_title, "%s", hostile);
        snprintf(comparison->candidate, sizeof comparison->candidate, "%s", hostile);
        snprintf(comparison->baseline, sizeof comparison->baseline, "%s", hostile);
        snprintf(comparison->item, sizeof comparison->item, "%s", hostile);
        snprintf(comparison->reason, sizeof comparison->reason, "%s", hostile);
        snprintf(comparison->noise_text, sizeof comparison->noise_text, "%s", hostile);
        snprintf(comparison->mechanism_text, sizeof comparison->mechanism_text, "%s", hostile);
        for (size_t k = 0; k < comparison->point.count; k++) {
            snprintf(comparison->point.values[k].name, RESULT_NAME, "%s%zu", hostile, k);
            snprintf(comparison->point.values[k].unit, RESULT_NAME, "%s", hostile);
        }
        for (size_t k = 0; k < comparison->counter_count; k++) {
            snprintf(comparison->counters[k].name, RESULT_NAME, "%s", hostile);
            snprintf(comparison->counters[k].reason, sizeof comparison->counters[k].reason, "%s", hostile);
        }
    }
    snprintf(run.host.cpu_model, sizeof run.host.cpu_model, "%s", hostile);
    snprintf(run.host.kernel, sizeof run.host.kernel, "%s", hostile);
    snprintf(run.id, sizeof run.id, "%s", hostile);
    snprintf(run.started, sizeof run.started, "%s", "<script>");
    char *page = page_of(&run, NULL);
    assert_int_equal(count(page, "<script"), 1); /* its own */
    assert_null(strstr(page, "\"><script>alert"));
    assert_null(strchr(page, '\033'));
    assert_null(strstr(page, "\342\200\256"));
    free(page);
    run_clear(&run);
}

static void an_embedded_result_is_said_to_be_there(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *with = page_of(&run, "QUJD"), *without = page_of(&run, NULL);
    assert_non_null(strstr(with, "id=\"countersign-result-1\">QUJD</script>"));
    assert_non_null(strstr(with, "This page holds the result file"));
    assert_non_null(strstr(without, "made without the samples"));
    free(with);
    free(without);
    run_clear(&run);
}

static void an_empty_run_is_a_page(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    char *page = page_of(&run, NULL);
    assert_non_null(strstr(page, "0 comparisons of 0 cases"));
    assert_null(strstr(page, "nan"));
    free(page);
    run_clear(&run);
}

static void doubt_comes_first(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    run.complete = false;
    run.digest.state = DIGEST_BROKEN;
    char *page = page_of(&run, NULL);
    assert_int_equal(count(page, "class=\"warning\""), 2);
    free(page);
    run_clear(&run);
}

/* The overview has the name of a case once to see, and in each of its rows to read. */
static void a_case_is_named_once(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    sample_add_layout(&run); /* two candidates */
    char *page = page_of(&run, NULL), *end = strstr(page, "All comparisons</h2>");
    assert_non_null(end);
    *end = '\0';
    assert_int_equal(count(page, "\">aos-vs-soa</a>"), 2);
    assert_int_equal(count(page, "<th scope=\"row\" class=\"again\">"), 1);
    assert_true(strstr(page, "scope=\"row\"><a") < strstr(page, "class=\"again\""));
    free(page);
    run_clear(&run);
}

/* Where a byte of a line lies, with tab stops at each tenth column. */
static size_t column_of(const char *line, const char *at) {
    size_t column = 0;
    for (; line < at; line++)
        if (*line == '\t')
            column += 10 - column % 10;
        else
            column += ((unsigned char)*line & 0xC0) != 0x80;
    return column;
}

static void counters_stand_in_columns(void **state) {
    (void)state;
    struct run run;
    size_t rows = 0;
    sample_rich(&run);
    char *page = page_of(&run, NULL);
    for (char *table = page; (table = strstr(table, "<pre class=\"counters\">"));) {
        char *head = table + strlen("<pre class=\"counters\">"), *end = strstr(head, "</pre>");
        size_t source = column_of(head, strstr(head, "\tsource") + 1);
        for (char *line = strchr(head, '\n') + 1; line < end; line = strchr(line, '\n') + 1) {
            char *newline = strchr(line, '\n'), *trust = strstr(line, "\tdegraded"), *last = newline;
            assert_null(memmem(line, (size_t)(newline - line), "trusted", 7));
            if (trust && trust < newline)
                for (last = trust; last[-1] == '\t'; last--)
                    ;
            while (last[-1] != '\t')
                last--;
            assert_int_equal(column_of(line, last), source);
            rows++;
        }
        table = end;
    }
    assert_true(rows > 4);
    free(page);
    run_clear(&run);
}

/* What several points say in the same words stands once, and each of them names it. */
static void words_are_shared(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 4; i++) {
        struct comparison comparison = sample_comparison("case", "one", 10, 2, 0.01);
        sample_number(&comparison.point, "n", 8 << i, "");
        COPY(comparison.noise_text,
             i < 3 ? "a neighbour took a third of it" : "a neighbour took a half of it");
        sample_add(&run, &comparison);
    }
    char *all = page_of(&run, NULL), *page = strstr(all, "<section class=\"case\"");
    *strstr(page, "</section>") = '\0'; /* the notes of the run stand behind */
    char *shared = strstr(page, "a neighbour took a third of it");
    assert_non_null(shared);
    assert_int_equal(count(page, "a neighbour took a third of it"), 1);
    assert_int_equal(count(page, "a neighbour took a half of it"), 1);
    assert_true(shared < strstr(page, "<summary>one, n = 8"));
    assert_true(strstr(page, "a neighbour took a half of it") > strstr(page, "n = 64</summary>"));
    char name[32];
    for (shared -= 4; *shared != '['; shared--)
        ;
    snprintf(name, sizeof name, "noise %.*s", (int)(strchr(shared, ']') + 1 - shared), shared);
    assert_int_equal(count(page, name), 1 + 3);
    free(all);
    run_clear(&run);
}

/* What is true of all points stands once, and none of them names it; predictions are listed, and not told again. */
static void what_all_share_has_no_number(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 4; i++) {
        struct comparison comparison = sample_comparison("case", "one", 10, 2, 0.01);
        sample_number(&comparison.point, "n", 8 << i, "");
        COPY(comparison.noise_text, "a neighbour took a third of it");
        comparison.mechanism = MECHANISM_EXPLAINED;
        snprintf(comparison.mechanism_text, sizeof comparison.mechanism_text, "in words, of point %d", i);
        if (i) {
            comparison.claims = calloc(1, sizeof *comparison.claims);
            COPY(comparison.claims[comparison.claim_count++].predicted, "faster");
        }
        sample_add(&run, &comparison);
    }
    char *all = page_of(&run, NULL), *page = strstr(all, "<section class=\"case\"");
    *strstr(page, "</section>") = '\0';
    assert_int_equal(count(page, "a neighbour took a third of it"), 1);
    assert_true(strstr(page, "Of all points:") < strstr(page, "<dt>noise<dd>a neighbour"));
    assert_null(strstr(page, "name the number"));
    assert_null(strstr(page, "and, above"));
    page = strstr(page, "<details>");
    assert_non_null(strstr(page, "<dt>prediction<dd>explained: in words, of point 0"));
    assert_int_equal(count(page, "<dt>prediction"), 1); /* of that which lists none */
    assert_int_equal(count(page, "verdict predicted faster"), 3);
    free(all);
    run_clear(&run);
}

/* An interval that leaves the axis has an arrow at that end, where the line ends. */
static void what_leaves_the_axis_has_an_arrow(void **state) {
    (void)state;
    static const struct {
        struct interval speedup;
        const char *cell;
    } cases[] = {{{2, 1.9, 2.1}, "f faster\" style=\"--l:"},
                 {{2, 1e-6, 2.1}, "f faster low\" style=\"--l:0;"},
                 {{2, 1.9, 1e6}, "f faster high\" style=\"--l:"},
                 {{2, 1e-6, 1e6}, "f faster low high\" style=\"--l:0;--h:100;"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run;
        sample_open(&run);
        struct comparison comparison = sample_comparison("case", "one", 10, 2, 0.01);
        comparison.speedup = cases[i].speedup;
        sample_add(&run, &comparison);
        char *page = page_of(&run, NULL);
        assert_int_equal(count(page, cases[i].cell), 2);
        assert_int_equal(count(page, "<use href=\"#m-left\""), cases[i].speedup.low < 0.1);
        assert_int_equal(count(page, "<use href=\"#m-right\""), cases[i].speedup.high > 10);
        free(page);
        run_clear(&run);
    }
}

/* The way to a case of many, and to a run of several. */
static void many_cases_have_a_list(void **state) {
    (void)state;
    struct run run;
    struct capture capture;
    char name[32], link[64];
    sample_open(&run);
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "case-%d", i);
        struct comparison comparison = sample_comparison(name, "one", 10, 2, 0.01);
        sample_add(&run, &comparison);
    }
    char *page = page_of(&run, NULL), *list = strstr(page, "<details class=\"jumps\"><summary>6 cases");
    assert_non_null(list);
    assert_int_equal(count(page, "<nav class=\"runs\""), 0);
    assert_null(strstr(page, "<section class=\"sum\""));
    *strstr(list, "</details>") = '\0';
    for (int i = 0; i < 6; i++) {
        snprintf(link, sizeof link, "<a href=\"#r1-c%d\">case-%d</a>", i, i);
        assert_non_null(strstr(list, link));
    }
    free(page);
    struct page_result two[] = {{.run = &run, .name = "a.json"}, {.run = &run, .name = "b.json"}};
    assert_int_equal(page_write(two, 2, capture_start(&capture)), 0);
    page = capture_end(&capture);
    assert_non_null(strstr(page, "<summary>12 cases"));
    assert_non_null(strstr(page, "<h2>12 comparisons of 12 cases, in 2 runs</h2>"));
    assert_int_equal(count(page, "<b>12</b> ▲ faster"), 1);
    assert_int_equal(count(page, "<b>6</b> ▲ faster"), 2);
    assert_int_equal(
        count(page, "cases</a><svg class=\"shares\" aria-hidden=\"true\"><rect class=\"fill faster\""), 2);
    assert_non_null(strstr(page, "<a href=\"#r2\">6 comparisons of 6 cases</a>"));
    free(page);
    run_clear(&run);
}

/* A growth is drawn where its kind is known, with the other parameters that it is of. */
static void a_known_growth_is_drawn(void **state) {
    (void)state;
    struct run run;
    struct growth_fit growth = {.parameter = "n", .first = 4, .last = 65536, .fit = growth_unknown()};
    sample_open(&run);
    sample_add_lookup(&run);
    COPY(growth.case_name, "lookup-hash-vs-linear");
    COPY(growth.variant, "linear");
    growth.fit.points = 7;
    growth.fit.best = GROWTH_LINEAR;
    growth.fit.fixed = sample_interval(1, 0.1);
    growth.fit.step = sample_interval(0.33, 0.01);
    sample_number(&growth.point, "hit", 50, "%");
    growth.fit.possible[GROWTH_LINEAR] = true;
    assert_int_equal(run_add_growth(&run, &growth), 0);
    growth.fit.possible[GROWTH_N_LOG_N] = true; /* and where it is not it is none */
    assert_int_equal(run_add_growth(&run, &growth), 0);
    growth.fit.possible[GROWTH_N_LOG_N] = false;
    growth.point.values[0].value = 0;
    assert_int_equal(run_add_growth(&run, &growth), 0);
    char *page = page_of(&run, NULL);
    assert_int_equal(count(page, "<path class=\"fit s0\""), 1);
    assert_int_equal(count(page, "<path class=\"fit "), 1);
    assert_int_equal(count(page, "dotted: the growth that was fitted"),
                     2); /* and for those who do not see it */
    run.growth[0].fit.possible[GROWTH_N_LOG_N] = true;
    free(page);
    page = page_of(&run, NULL);
    assert_int_equal(count(page, "<path class=\"fit "), 0);
    assert_int_equal(count(page, "dotted:"), 0);
    free(page);
    run_clear(&run);
}

/* Labels of an axis that spans many decades lie beside one another, at 6 characters and more each. */
static void labels_do_not_overlap(void **state) {
    (void)state;
    for (double least = 0.9; least > 1e-9; least /= 3) {
        struct run run;
        sample_open(&run);
        struct comparison comparison = sample_comparison("case", "far", 10, least, 0.001);
        sample_add(&run, &comparison);
        comparison = sample_comparison("case", "near", 10, 30, 0.001);
        sample_add(&run, &comparison);
        char *page = page_of(&run, NULL),
             *axis = strstr(page, "<svg class=\"row\" aria-hidden=\"true\"><text");
        double last = -1;
        bool one = false;
        for (char *end = axis ? strstr(axis, "</svg>") : NULL;
             axis && axis < end && (axis = strstr(axis, "<text x"));) {
            double x = 0;
            char anchor[8], text[32];
            if (axis > end)
                break;
            assert_int_equal(
                sscanf(axis, "<text x=\"%lf%%\" text-anchor=\"%7[a-z]\">%31[^<>]", &x, anchor, text), 3);
            double width = 3.4 * ((double)strlen(text) - 1);
            double from = *anchor == 's' ? x : *anchor == 'e' ? x - width : x - width / 2;
            assert_true(from > last && from >= 0 && from + width <= 100.01);
            last = from + width;
            one |= !strcmp(text, "1×");
            axis++;
        }
        assert_true(one);
        free(page);
        run_clear(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_comparison_is_there),
                                       cmocka_unit_test(nothing_is_loaded),
                                       cmocka_unit_test(links_lead_somewhere),
                                       cmocka_unit_test(hostile_names_stay_text),
                                       cmocka_unit_test(an_embedded_result_is_said_to_be_there),
                                       cmocka_unit_test(an_empty_run_is_a_page),
                                       cmocka_unit_test(doubt_comes_first),
                                       cmocka_unit_test(a_case_is_named_once),
                                       cmocka_unit_test(counters_stand_in_columns),
                                       cmocka_unit_test(words_are_shared),
                                       cmocka_unit_test(what_all_share_has_no_number),
                                       cmocka_unit_test(what_leaves_the_axis_has_an_arrow),
                                       cmocka_unit_test(many_cases_have_a_list),
                                       cmocka_unit_test(a_known_growth_is_drawn),
                                       cmocka_unit_test(labels_do_not_overlap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
