#include "golden.h"
#include "sample_run.h"

#include <strings.h>

/* A reader of RFC 4180: fields[record][column], unquoted. */
enum { MOST_RECORDS = 40, MOST_FIELDS = 200 };
struct csv {
    char *fields[MOST_RECORDS][MOST_FIELDS];
    size_t widths[MOST_RECORDS], records;
    char *memory;
};

static void parse(struct csv *csv, const char *text) {
    *csv = (struct csv){.memory = malloc(strlen(text) + 1)};
    assert_non_null(csv->memory);
    char *to = csv->memory;
    while (*text) {
        assert_true(csv->records < MOST_RECORDS);
        size_t *width = &csv->widths[csv->records];
        for (;;) {
            assert_true(*width < MOST_FIELDS);
            csv->fields[csv->records][(*width)++] = to;
            bool quoted = *text == '"';
            text += quoted;
            while (quoted ? !(text[0] == '"' && text[1] != '"') : !strchr(",\r", *text)) {
                assert_int_not_equal(*text, '\0');
                assert_true(quoted || *text != '"');
                text += quoted && *text == '"';
                *to++ = *text++;
            }
            text += quoted;
            *to++ = '\0';
            if (*text != ',')
                break;
            text++;
        }
        assert_int_equal(text[0], '\r');
        assert_int_equal(text[1], '\n');
        text += 2;
        csv->records++;
    }
}

static const char *field(const struct csv *csv, size_t record, const char *name) {
    for (size_t i = 0; i < csv->widths[0]; i++)
        if (strcmp(csv->fields[0][i], name) == 0)
            return csv->fields[record][i];
    fail_msg("no column %s", name);
    return NULL;
}

static void report(const struct run *run, struct csv *csv) {
    struct capture capture;
    assert_int_equal(report_csv(run, capture_start(&capture)), 0);
    char *text = capture_end(&capture);
    assert_null(strcasestr(text, ",nan"));
    assert_null(strcasestr(text, ",inf"));
    parse(csv, text);
    free(text);
}

static void gives_a_record_a_comparison(void **state) {
    (void)state;
    struct run run;
    struct csv csv;
    sample_rich(&run);
    report(&run, &csv);
    assert_int_equal(csv.records, run.comparison_count + 1);
    for (size_t i = 0; i < csv.records; i++)
        assert_int_equal(csv.widths[i], csv.widths[0]);
    for (size_t i = 0; i < csv.widths[0]; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(csv.fields[0][i], csv.fields[0][k]);
    assert_string_equal(field(&csv, 1, "case"), "lookup-hash-vs-linear");
    assert_string_equal(field(&csv, 1, "point_n"), "4");
    assert_string_equal(field(&csv, 1, "point_order"), "");
    assert_string_equal(field(&csv, 1, "verdict"), "slower");
    assert_string_equal(field(&csv, 1, "instructions_source"), "hw");
    assert_true(fabs(strtod(field(&csv, 1, "instructions_ratio"), NULL) - 1.31) < 1e-9);
    assert_string_equal(field(&csv, 8, "point_order"), "random");
    run_clear(&run);
    free(csv.memory);
}

/* What was simulated never stands in a column of what was counted. */
static void keeps_simulated_counters_apart(void **state) {
    (void)state;
    struct run run;
    struct csv csv;
    sample_simulation(&run);
    report(&run, &csv);
    for (size_t i = 0; i < csv.widths[0]; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(csv.fields[0][i], csv.fields[0][k]);
    assert_string_equal(field(&csv, 3, "data-reads_candidate"), "1");
    assert_string_equal(field(&csv, 3, "data-reads_source"), "hw");
    assert_string_equal(field(&csv, 3, "data-reads_sim_candidate"), "2");
    assert_string_equal(field(&csv, 3, "data-reads_sim_point"), "same");
    assert_string_equal(field(&csv, 3, "data-reads_sim_ratio_low"), "0.25");
    assert_string_equal(field(&csv, 2, "instructions_baseline"), "");
    assert_string_equal(field(&csv, 2, "instructions_sim_baseline"), "12000");
    assert_string_equal(field(&csv, 2, "instructions_sim_point"), "smaller");
    assert_string_equal(field(&csv, 2, "llc-misses_sim_ratio"), "");
    assert_string_equal(field(&csv, 4, "ipc_sim_point"), "");
    assert_true(fabs(strtod(field(&csv, 1, "cycles_ratio_low"), NULL) - 0.999 / 3) < 1e-9);
    assert_true(fabs(strtod(field(&csv, 1, "spread_process_share"), NULL) - 9.0 / 11) < 1e-9);
    assert_string_equal(field(&csv, 3, "spread_layout_share"), "");
    run_clear(&run);
    free(csv.memory);
}

static void leaves_absent_numbers_empty(void **state) {
    (void)state;
    static const char *const columns[] = {"speedup",
                                          "speedup_low",
                                          "baseline_median_ns",
                                          "candidate_min_ns",
                                          "baseline_latency_p50_ns",
                                          "llc-misses_baseline",
                                          "llc-misses_source",
                                          "page-faults_ratio",
                                          "baseline_cpu_share"};
    struct run run;
    struct csv csv;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.1);
    sample_invalid(&comparison, VERIFIED_WRONG, "wrong");
    sample_absent(&comparison, "llc-misses", "no PMU");
    sample_counter(&comparison, "page-faults", SOURCE_SW, 0, 3);
    sample_counter(&comparison, "branches", SOURCE_HW, 5, 4)->trust = TRUST_UNTRUSTED;
    sample_add(&run, &comparison);
    report(&run, &csv);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        assert_string_equal(field(&csv, 1, columns[i]), "");
    assert_string_equal(field(&csv, 1, "page-faults_baseline"), "0");
    assert_string_equal(field(&csv, 1, "page-faults_candidate"), "3");
    assert_string_equal(field(&csv, 1, "branches_candidate"), "");
    run_clear(&run);
    free(csv.memory);
}

static void quotes_what_needs_it(void **state) {
    (void)state;
    static const char *const reason = "got \"7\",\r\nexpected 8\n";
    struct run run;
    struct csv csv;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.1);
    sample_invalid(&comparison, VERIFIED_WRONG, reason);
    COPY(comparison.case_title, "one, two");
    sample_counter(&comparison, "odd,\"name\"", SOURCE_APP, 1, 2);
    sample_add(&run, &comparison);
    report(&run, &csv);
    assert_string_equal(field(&csv, 1, "reason"), "got \"7\",  expected 8 ");
    assert_string_equal(field(&csv, 1, "title"), "one, two");
    assert_string_equal(field(&csv, 1, "odd,\"name\"_ratio"), "2");
    run_clear(&run);
    free(csv.memory);
}

/* Text that a spreadsheet would calculate, or that would show another way than it is. */
static void is_text_to_a_spreadsheet(void **state) {
    (void)state;
    static const char *const formulas[][2] = {{"=HYPERLINK(1)", "'=HYPERLINK(1)"},
                                              {"+1", "'+1"},
                                              {"-2+3", "'-2+3"},
                                              {"@SUM(1)", "'@SUM(1)"},
                                              {"\t=1", "' =1"},
                                              {"\r=1", "' =1"},
                                              {"  =1", "'  =1"},
                                              {"＝1", "'＝1"},
                                              {"a;=1", "a;=1"},
                                              {"plain", "plain"},
                                              {"\033[2J\u202eabc", " [2J?abc"}};
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++) {
        struct run run;
        struct csv csv;
        sample_open(&run);
        struct comparison comparison = sample_comparison("case", formulas[i][0], 10, 2, 0.1);
        COPY(comparison.case_title, "%s", formulas[i][0]);
        sample_add(&run, &comparison);
        report(&run, &csv);
        assert_string_equal(field(&csv, 1, "candidate"), formulas[i][1]);
        assert_string_equal(field(&csv, 1, "title"), formulas[i][1]);
        run_clear(&run);
        free(csv.memory);
    }
}

static void heads_an_empty_run(void **state) {
    (void)state;
    struct run run;
    struct csv csv;
    sample_open(&run);
    report(&run, &csv);
    assert_int_equal(csv.records, 1);
    assert_string_equal(csv.fields[0][0], "run");
    run_clear(&run);
    free(csv.memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_record_a_comparison), cmocka_unit_test(keeps_simulated_counters_apart),
        cmocka_unit_test(leaves_absent_numbers_empty), cmocka_unit_test(quotes_what_needs_it),
        cmocka_unit_test(heads_an_empty_run),          cmocka_unit_test(is_text_to_a_spreadsheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
