#include "golden.h"
#include "report/attention.h"
#include "sample_run.h"

/* All lines of a label, joined by line feeds; the caller frees it. */
static char *lines_of(const struct run *run, const char *label) {
    struct notes notes;
    struct capture capture;
    FILE *stream = capture_start(&capture);
    assert_int_equal(attention_open(&notes, run), 0);
    for (size_t i = 0; i < notes.count; i++)
        if (strcmp(notes.items[i].label, label) == 0)
            fprintf(stream, "%s\n", text_string(&notes.items[i].text));
    notes_close(&notes);
    return capture_end(&capture);
}

static void assert_said(const struct run *run, const char *label, const char *expected) {
    char *text = lines_of(run, label);
    assert_string_equal(text, expected);
    free(text);
}

static void counts_verdicts_and_predictions(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    run.crossovers = calloc(1, sizeof *run.crossovers);
    run.crossover_count = 1;
    COPY(run.crossovers[0].case_name, "lookup-hash-vs-linear");
    COPY(run.crossovers[0].candidate, "hash");
    COPY(run.crossovers[0].text, "predicted from n = 100 on, wins from n = 32 on");
    run.crossovers[0].outcome = MECHANISM_UNEXPLAINED;
    assert_said(&run, "verdicts",
                "24 comparisons: 11 ▲ faster (11 ★), 2 ▼ slower, 8 ■ equivalent, 1 ◇ inconclusive, 2 ✕ "
                "invalid\n");
    assert_said(&run, "predictions", "1 held, 2 refuted, 0 undecided\n");
    assert_said(&run, "refuted",
                "lookup-hash-vs-linear hash, n = 65536, hit = 50 %: branches 0.4×, predicted below 0.1×\n"
                "lookup-hash-vs-linear hash: predicted from n = 100 on, wins from n = 32 on\n");
    assert_said(&run, "invalid",
                "io-batched batched, record = 4 KiB: batched: killed by signal 11 (segmentation fault)\n"
                "io-batched batched, record = 64 KiB: batched: output \"sum\", index 3: got 7, expected 8\n");
    run_clear(&run);
}

static void nothing_is_said_of_nothing(void **state) {
    (void)state;
    static const char *const labels[] = {"predictions", "INCOMPLETE", "invalid",  "refuted", "skipped",
                                         "same code",   "carry-over", "kinds",    "overlap", "repeats",
                                         "server",      "files",      "evidence", "limits",  "noise",
                                         "variant",     "placebo",    "undecided"};
    struct run run;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "candidate", 1e6, 2, 0.01);
    COPY(comparison.noise_text, "steal 4 %%"); /* the verdict stands in spite of it */
    sample_add(&run, &comparison);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        assert_said(&run, labels[i], "");
    run_clear(&run);
}

static void alike_is_told_once(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 30; i++) {
        struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.01);
        COPY(comparison.candidate, "c%d", i / 3);
        sample_number(&comparison.point, "n", i % 3, "");
        sample_invalid(&comparison, VERIFIED_WRONG, "wrong");
        sample_add(&run, &comparison);
    }
    char *text = lines_of(&run, "invalid");
    assert_non_null(strstr(text, "case c0, n = 0 and 2 more: wrong\ncase c1, n = 0 and 2 more: wrong\n"));
    assert_non_null(
        strstr(text, "case c5, n = 0 and 2 more: wrong\nand 4 more: --tables --notes has them all\n"));
    free(text);
    run_clear(&run);
}

static void skipped_cases_are_told_by_their_reason(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 5; i++) {
        struct skipped skipped = {.reason = "no server"};
        COPY(skipped.case_name, i < 3 ? "pipelining" : "cache");
        COPY(skipped.reason, i == 2 ? "no room" : "no server");
        if (i != 1)
            sample_number(&skipped.point, "n", i, "");
        assert_int_equal(run_add_skipped(&run, &skipped), 0);
    }
    assert_said(&run, "skipped", "pipelining, cache (3 points): no server\npipelining, n = 2: no room\n");
    run_clear(&run);
}

static void add_concern(struct run *run, const char *case_name, enum verdict verdict) {
    struct comparison comparison =
        sample_comparison(case_name, "candidate", 1e6, verdict == VERDICT_FASTER ? 2 : 1.01,
                          verdict == VERDICT_FASTER ? 0.001 : 0.1);
    COPY(comparison.carry_over_text, "order matters");
    COPY(comparison.noise_text, "other load 9 %%");
    comparison.identical_code = true;
    sample_add(run, &comparison);
}

/* What bears on a verdict is told of the verdicts on which it does. */
static void a_concern_is_told_where_it_bears_on_a_verdict(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    add_concern(&run, "first", VERDICT_FASTER);
    assert_said(&run, "noise", "");
    add_concern(&run, "first", VERDICT_INCONCLUSIVE);
    assert_said(&run, "same code",
                "1 comparison of first: the same machine code seems to differ: an error, run it again\n"
                "1 comparison of first: compiled to the same machine code: nothing can differ\n");
    assert_said(&run, "noise",
                "1 comparison of first: inconclusive beside other work: try a quieter machine\n");
    assert_said(&run, "carry-over",
                "2 comparisons of first: the speedup depends on what ran before; shown is the middle\n");
    add_concern(&run, "second", VERDICT_INCONCLUSIVE);
    add_concern(&run, "third", VERDICT_INCONCLUSIVE);
    assert_said(&run, "carry-over",
                "4 comparisons of 3 cases: the speedup depends on what ran before; shown is the middle\n");
    run_clear(&run);
}

static void add_undecided(struct run *run, enum limit_kind kind, double budget_s) {
    struct comparison comparison = sample_comparison("case", "candidate", 10, 1.01, 0.1);
    comparison.limit.kind = kind;
    comparison.limit.budget_s = budget_s;
    sample_add(run, &comparison);
}

static void says_what_would_settle(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    add_undecided(&run, LIMIT_NONE, NAN);
    assert_said(&run, "undecided", "");
    add_undecided(&run, LIMIT_OUT_OF_REACH, NAN);
    assert_said(&run, "undecided", "2 inconclusive: 1 out of reach\n");
    add_undecided(&run, LIMIT_MORE_BUDGET, 3.2);
    add_undecided(&run, LIMIT_FEW_PROCESSES, 4.5);
    assert_said(&run, "undecided", "4 inconclusive: --budget 4.5 may settle 2 (even odds); 1 out of reach\n");
    add_undecided(&run, LIMIT_SAME_BUDGET, NAN);
    assert_said(
        &run, "undecided",
        "5 inconclusive: the same budget again may settle 1, --budget 4.5 another 2 (even odds); 1 out of "
        "reach\n");
    run_clear(&run);
}

/* A number's origin is said wherever the table shows one. */
static void explains_the_sources_that_are_shown(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    assert_said(&run, "counters",
                "candidate ÷ baseline; sim: simulated, not measured; † at a "
                "smaller point\n");
    run_clear(&run);
}

static void files_and_servers(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    struct measurement *measurement = &run.measurements[0];
    measurement->scratch_sync_ns = 200e3;
    COPY(measurement->scratch_filesystem, "ext4");
    assert_said(&run, "files", "");
    COPY(measurement->scratch_filesystem, "tmpfs");
    assert_said(
        &run, "files",
        "1 comparison of lookup-hash-vs-linear: in memory, so no disk was measured (--scratch names another folder)\n");
    COPY(measurement->scratch_filesystem, "overlayfs");
    assert_said(
        &run, "files",
        "1 comparison of lookup-hash-vs-linear: a layer over a disk, whose work is part of the times (--scratch names another folder)\n");
    measurement->scratch_sync_ns = 10e3;
    assert_said(
        &run, "files",
        "1 comparison of lookup-hash-vs-linear: a cache answers, not the disk: a power failure may lose it\n");
    measurement->services = calloc(1, sizeof *measurement->services);
    measurement->service_count = 1;
    assert_said(&run, "server", "");
    measurement->services[0].cpu = -1;
    assert_said(
        &run, "server",
        "1 comparison of lookup-hash-vs-linear: the server shares their CPUs: waiting for it is part of the times\n");
    run_clear(&run);
}

static void unusual_settings_are_named(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    COPY(run.settings.layout, "random");
    assert_said(&run, "machine",
                "AMD EPYC 9B45, under kvm; sweep points, 2 s a comparison; took 1 min 33 s\n");
    COPY(run.settings.layout, "fixed");
    COPY(run.settings.state, "cold");
    COPY(run.settings.build, "portable");
    assert_said(
        &run, "machine",
        "AMD EPYC 9B45, under kvm; sweep points, 2 s a comparison, layout fixed (of this link alone), caches "
        "cold, portable build; took 1 min 33 s\n");
    run_clear(&run);
}

static void without_a_placebo(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    sample_add_placebo(&run);
    run.comparisons[0].placebo = (struct interval){NAN, NAN, NAN};
    assert_said(&run, "placebo",
                "none was measured: what the method mistakes for a difference here is not known\n");
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_verdicts_and_predictions),
        cmocka_unit_test(nothing_is_said_of_nothing),
        cmocka_unit_test(alike_is_told_once),
        cmocka_unit_test(skipped_cases_are_told_by_their_reason),
        cmocka_unit_test(a_concern_is_told_where_it_bears_on_a_verdict),
        cmocka_unit_test(says_what_would_settle),
        cmocka_unit_test(explains_the_sources_that_are_shown),
        cmocka_unit_test(files_and_servers),
        cmocka_unit_test(unusual_settings_are_named),
        cmocka_unit_test(without_a_placebo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
