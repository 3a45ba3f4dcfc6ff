#include "store/case_file.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_store_case.XXXXXX";
static char case_folder[128], case_path[160];

static const char example[] = "title: Hash table against linear search\n"
                              "kernel: lookup\n"
                              "baseline: linear\n"
                              "candidates: [hash]\n"
                              "sweep: {n: [4, 8, 16, 32, 64, 256, 1024, 4096, 16384, 65536]}\n"
                              "quick: {n: [8, 4096]}\n"
                              "target: 1.25\n"
                              "predict:\n"
                              "  - where: {n: \">= 1024\"}\n"
                              "    verdict: faster\n"
                              "    counters: {instructions: \"< 0.1\", branches: \"< 0.1\"}\n"
                              "  - crossover: {n: [8, 64]}\n"
                              "  - growth: {n: {baseline: n log n, candidate: 1}}\n"
                              "  - growth: {n: {candidate: n^2}}\n";

static const char *const orders[] = {"sorted", "random", NULL};

static void run_nothing(void *state) {
    (void)state;
}

static const struct cs_kernel lookup = {
    CS_KERNEL_HEADER,
    .name = "lookup",
    .summary = "find ids",
    .item = "lookup",
    .parameters = {{.name = "n", .unit = "ids", .min = 1, .max = 65536, .def = 64},
                   {.name = "order", .choices = orders}},
    .variants = {{.name = "linear", .run = run_nothing},
                 {.name = "hash", .run = run_nothing},
                 {.name = "threaded", .run = run_nothing, .flags = CS_PARALLEL}},
    .counters = {{.name = "comparisons", .unit = "comparison"}},
};

static void write_case(const char *text, size_t size) {
    FILE *file = fopen(case_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int load_text(struct case_file *file, const char *text, struct problem *problem) {
    problem->text[0] = 0;
    write_case(text, strlen(text));
    return case_file_load(file, case_folder, problem);
}

static void load_valid(struct case_file *file, const char *text) {
    struct problem problem;
    int error = load_text(file, text, &problem);
    assert_string_equal(problem.text, "");
    assert_int_equal(error, 0);
}

/* `expected` comes after "PATH:" or, where it begins with a blank, after "PATH". */
static void expect_load_error(const char *text, const char *expected) {
    struct case_file file;
    struct problem problem;
    char wanted[800];
    int error = load_text(&file, text, &problem);
    snprintf(wanted, sizeof wanted, "%s:%s", case_path, expected);
    assert_string_equal(problem.text, wanted);
    assert_int_equal(error, -EINVAL);
}

static void expect_check_error(const char *text, const char *expected) {
    struct case_file file;
    struct problem problem = {""};
    char wanted[800];
    load_valid(&file, text);
    int error = case_file_check(&file, &lookup, &problem);
    snprintf(wanted, sizeof wanted, "%s:%s", case_path, expected);
    assert_string_equal(problem.text, wanted);
    assert_int_equal(error, -EINVAL);
}

static void test_example(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, example);
    assert_string_equal(file.name, "lookup-hash-vs-linear");
    assert_string_equal(file.path, case_path);
    assert_string_equal(file.title, "Hash table against linear search");
    assert_string_equal(file.baseline, "linear");
    assert_int_equal(file.candidate_count, 1);
    assert_string_equal(file.candidates[0], "hash");
    assert_int_equal(file.sweep_count, 1);
    assert_string_equal(file.sweep[0].parameter, "n");
    assert_int_equal(file.sweep[0].count, 10);
    assert_int_equal(file.sweep[0].values[9].number, 65536);
    assert_int_equal(file.sweep[0].line, 5);
    assert_int_equal(file.quick[0].count, 2);
    assert_int_equal(file.full_count, 0);
    assert_int_equal(file.prediction_count, 4);
    assert_int_equal(file.predictions[1].growth_parameter[0], 0);
    assert_string_equal(file.predictions[2].growth_parameter, "n");
    assert_int_equal(file.predictions[2].growth[0], GROWTH_N_LOG_N);
    assert_int_equal(file.predictions[2].growth[1], GROWTH_CONSTANT);
    assert_int_equal(file.predictions[3].growth[0], -1);
    assert_int_equal(file.predictions[3].growth[1], GROWTH_SQUARE);
    const struct case_prediction *first = &file.predictions[0], *second = &file.predictions[1];
    assert_int_equal(first->where_count, 1);
    assert_string_equal(first->where[0].operator, ">=");
    assert_true(first->where[0].value == 1024);
    assert_int_equal(first->verdict, VERDICT_FASTER);
    assert_int_equal(first->counter_count, 2);
    assert_string_equal(first->counters[1].name, "branches");
    assert_true(first->counters[1].value == 0.1);
    assert_int_equal(first->line, 9);
    assert_int_equal(second->verdict, -1);
    assert_string_equal(second->crossover_parameter, "n");
    assert_true(second->crossover_low == 8 && second->crossover_high == 64);
    assert_int_equal(case_file_check(&file, &lookup, &problem), 0);
}

static void test_smallest(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, "title: t\nkernel: lookup\n");
    assert_true(file.target == 1.25);
    assert_string_equal(file.baseline, "");
    assert_int_equal(file.candidate_count, 0);
    assert_int_equal(case_file_check(&file, &lookup, &problem), 0);
}

static void test_scalars_choices_and_conditions(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, "title: t\nkernel: lookup\ncandidates: threaded\n"
                      "sweep: {order: [sorted, \"random\"], n: 64, threads: [1, all]}\n"
                      "full: {n: [1024, 65536]}\n"
                      "predict:\n"
                      "  - where: {order: \"!= sorted\", n: [\">= 64\", \"<1024\"], threads: 2}\n"
                      "    candidate: threaded\n"
                      "    counters: {comparisons: [\">= 0.9\", \"<= 1.1\"]}\n"
                      "  - where: {order: sorted}\n"
                      "    verdict: equivalent\n");
    assert_string_equal(file.sweep[0].values[1].text, "random");
    assert_int_equal(file.sweep[1].values[0].number, 64);
    assert_string_equal(file.sweep[2].values[1].text, "all");
    const struct case_prediction *prediction = &file.predictions[0];
    assert_int_equal(prediction->where_count, 4);
    assert_string_equal(prediction->where[0].text, "sorted");
    assert_string_equal(prediction->where[0].operator, "!=");
    assert_string_equal(prediction->where[2].operator, "<");
    assert_string_equal(prediction->where[3].operator, "==");
    assert_true(prediction->where[3].value == 2);
    assert_int_equal(prediction->counter_count, 2);
    assert_int_equal(case_file_check(&file, &lookup, &problem), 0);
    assert_string_equal(problem.text, "");
}

#define HEAD "title: t\nkernel: lookup\n"

static void test_bounds_per_item(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, HEAD "predict:\n"
                           "  - per-item:\n"
                           "      baseline: {l1d-misses: [\">= 0.95\", \"<= 1.1\"]}\n"
                           "      candidate: {ipc: \"> 2\", comparisons: 1}\n"
                           "    counters: {l1d-misses: \"< 0.1\"}\n");
    const struct case_prediction *prediction = &file.predictions[0];
    static const enum case_subject subjects[] = {SUBJECT_BASELINE, SUBJECT_BASELINE, SUBJECT_CANDIDATE,
                                                 SUBJECT_CANDIDATE, SUBJECT_RATIO};
    assert_int_equal(prediction->counter_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(prediction->counters[i].subject, subjects[i]);
    assert_string_equal(prediction->counters[2].name, "ipc");
    assert_string_equal(prediction->counters[3].operator, "==");
    assert_true(prediction->counters[1].value == 1.1);
    assert_int_equal(case_file_check(&file, &lookup, &problem), 0);
    assert_string_equal(problem.text, "");
}

static void test_condition_on_a_value(void **state) {
    (void)state;
    struct case_condition condition = {.operator= "<=", .value = 2};
    assert_true(case_condition_holds(&condition, 2));
    assert_false(case_condition_holds(&condition, 2.5));
    assert_false(case_condition_holds(&condition, NAN));
    strcpy(condition.operator, "!=");
    assert_true(case_condition_holds(&condition, 2.5));
    assert_false(case_condition_holds(&condition, NAN));
}

static void test_applies(void **state) {
    (void)state;
    struct case_file file;
    load_valid(&file, "title: t\nkernel: lookup\npredict:\n"
                      "  - {where: {n: [\"> 8\", \"<= 64\"], order: random}, verdict: faster}\n"
                      "  - {where: {order: \"!= random\"}, verdict: faster}\n"
                      "  - {where: {n: \"!= 64\"}, verdict: faster}\n"
                      "  - {verdict: faster}\n");
    struct point point = {
        .values = {{.name = "n", .value = 64}, {.name = "order", .value = 1, .choice = "random"}},
        .count = 2};
    assert_true(case_prediction_applies(&file.predictions[0], &point));
    assert_false(case_prediction_applies(&file.predictions[1], &point));
    assert_false(case_prediction_applies(&file.predictions[2], &point));
    assert_true(case_prediction_applies(&file.predictions[3], &point));
    point.values[0].value = 65;
    assert_false(case_prediction_applies(&file.predictions[0], &point));
    assert_true(case_prediction_applies(&file.predictions[2], &point));
    point.values[0].value = 8;
    assert_false(case_prediction_applies(&file.predictions[0], &point));
    strcpy(point.values[1].choice, "sorted");
    assert_true(case_prediction_applies(&file.predictions[1], &point));
    point.count = 1;
    assert_false(case_prediction_applies(&file.predictions[1], &point));
    assert_true(case_prediction_applies(&file.predictions[3], &point));
}

static void test_traits(void **state) {
    (void)state;
    struct case_file file;
    load_valid(&file,
               "title: t\nkernel: lookup\ntags: [search, cache-misses]\ntechnique: data-layout\neffort: low\n"
               "risk: high\nrollback: turn it off\ncost: memory\n");
    assert_int_equal(file.tag_count, 2);
    assert_string_equal(file.tags[1], "cache-misses");
    assert_string_equal(file.technique, "data-layout");
    assert_string_equal(file.effort, "low");
    assert_string_equal(file.risk, "high");
    assert_string_equal(file.rollback, "turn it off");
    assert_string_equal(file.cost, "memory");
    assert_string_equal(file.group, "");
}

static void test_load_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", " the file is empty"},
        {"# nothing\n", " the file is empty"},
        {"- a\n", "1: expected a mapping with title, kernel, sweep and so on, got a list"},
        {"hello\n", "1: expected a mapping with title, kernel, sweep and so on, got \"hello\""},
        {"kernel: lookup\n", "1: title: missing; every case has a title"},
        {"title: t\n", "1: kernel: missing; every case names the kernel it studies"},
        {"title:\nkernel: lookup\n", "1: title: expected text, got nothing"},
        {"title: [a]\n", "1: title: expected text, got a list"},
        {"title: !!binary aGk=\n", "1: title: expected no tag, got tag:yaml.org,2002:binary"},
        {HEAD "sweep: {n: [1, !python/object 2]}\n", "3: sweep.n[1]: expected no tag, got !python/object"},
        {"title: t\nkernel: {a: b}\n", "2: kernel: expected the name of a kernel, got a mapping"},
        {HEAD "swep: {n: 4}\n",
         "3: swep: unknown key; did you mean sweep?; allowed: title, tags, technique, effort, risk, rollback, cost, "
         "kernel, baseline, candidates, sweep, quick, full, target, slo, clients, predict, events"},
        {HEAD "technique: magic\n",
         "3: technique: 'magic' is none of its words; allowed: algorithm, allocation, asynchrony, batching, "
         "branch-removal, caching, compiler, data-layout, data-structure, folklore, instruction-parallelism, "
         "memory-parallelism, precomputation, prefetching, threads, vectorization"},
        {HEAD "effort: enormous\n", "3: effort: 'enormous' is none of its words; allowed: low, medium, high"},
        {HEAD "risk: [low]\n", "3: risk: expected a word, got a list"},
        {HEAD "tags: [Memory]\n", "3: tags[0]: expected lower-case letters, digits and dashes, got 'Memory'"},
        {HEAD "tags: [a, b, a]\n", "3: tags[2]: expected each tag once, got a a second time"},
        {HEAD "tags: [a, b, c, d, e, f, g, h, i]\n", "3: tags[8]: expected at most 8 tags"},
        {HEAD "cost: {a: b}\n", "3: cost: expected text, got a mapping"},
        {HEAD "title: again\n", "3: title: expected each key once, got it a second time"},
        {HEAD "[a]: b\n", "3: expected a key that is text, got a list"},
        {HEAD "sweep: [1]\n", "3: sweep: expected a mapping of parameters to values, got a list"},
        {HEAD "sweep:\n  n: {a: 1}\n",
         "4: sweep.n: expected a list of whole numbers or names of choices, got a mapping"},
        {HEAD "sweep:\n  n: []\n",
         "4: sweep.n: expected a list of whole numbers or names of choices, got an empty list"},
        {HEAD "sweep:\n  n:\n",
         "4: sweep.n: expected a list of whole numbers or names of choices, got nothing"},
        {HEAD "sweep:\n  n: [1,\n    2.5]\n",
         "5: sweep.n[1]: expected a whole number (unquoted) or the name of a choice, got \"2.5\""},
        {HEAD "sweep: {n: [\"8\"]}\n",
         "3: sweep.n[0]: expected a whole number (unquoted) or the name of a choice, got \"8\""},
        {HEAD "sweep: {n: 1e3}\n",
         "3: sweep.n: expected a whole number (unquoted) or the name of a choice, got \"1e3\""},
        {HEAD "sweep: {n: [99999999999999999999]}\n",
         "3: sweep.n[0]: expected a whole number of 64 bits, got \"99999999999999999999\""},
        {HEAD "sweep: {n: [8, 16, 8]}\n", "3: sweep.n[2]: expected each value once, got 8 a second time"},
        {HEAD "sweep: {n: 8, n: 9}\n", "3: sweep.n: expected each key once, got it a second time"},
        {HEAD "sweep: {n: 8}\nquick: {m: 8}\n",
         "4: quick.m: sweep has no m to override; add it there with its usual value"},
        {HEAD "full: {m: 8}\n", "3: full.m: sweep has no m to override; add it there with its usual value"},
        {HEAD "target: fast\n", "3: target: expected a number, got \"fast\""},
        {HEAD "events: {A: B}\n", "3: events: expected a list of native events, got a mapping"},
        {HEAD "events: [A, B, A]\n", "3: events[2]: expected each event once, got A a second time"},
        {HEAD "events: instructions\n", "3: events: instructions is in the vocabulary, and counted anyway"},
        {HEAD "events: [A, B, C, D, E, F, G, H, I]\n", "3: events[8]: expected at most 8 events"},
        {HEAD "target: \"2\"\n", "3: target: expected a number, got \"2\""},
        {HEAD "target: inf\n", "3: target: expected a number, got \"inf\""},
        {HEAD "target: 0x10\n", "3: target: expected a number, got \"0x10\""},
        {HEAD "target: 0\n", "3: target: expected a speedup above 0, got 0"},
        {HEAD "candidates: {a: b}\n", "3: candidates: expected a list of variants, got a mapping"},
        {HEAD "candidates: [hash, hash]\n",
         "3: candidates[1]: expected each candidate once, got hash a second time"},
        {HEAD "baseline: a\ncandidates: [a]\n",
         "4: candidates: a is the baseline and cannot be a candidate too"},
        {HEAD "baseline: [a]\n", "3: baseline: expected the name of a variant, got a list"},
        {HEAD "predict: {verdict: faster}\n", "3: predict: expected a list of predictions, got a mapping"},
        {HEAD "predict:\n  - faster\n",
         "4: predict[0]: expected a mapping with where, verdict, counters and so on, got \"faster\""},
        {HEAD "predict:\n  - where: {n: 1}\n",
         "4: predict[0]: expected a verdict, counters, per-item, evidence, a crossover or growth, got none of them"},
        {HEAD "predict:\n  - verdct: faster\n",
         "4: predict[0].verdct: unknown key; did you mean verdict?; allowed: "
         "where, candidate, verdict, counters, per-item, evidence, crossover, growth"},
        {HEAD "predict:\n  - verdict: fast\n",
         "4: predict[0].verdict: expected a verdict, got \"fast\"; did you mean "
         "faster?; allowed: faster, slower, equivalent, inconclusive"},
        {HEAD "predict:\n  - verdict: invalid\n",
         "4: predict[0].verdict: expected a verdict, got \"invalid\"; allowed: "
         "faster, slower, equivalent, inconclusive"},
        {HEAD "predict:\n  - verdict: faster\n    where: [n]\n",
         "5: predict[0].where: expected a mapping of parameters to conditions, got a list"},
        {HEAD "predict:\n  - verdict: faster\n    where: {n: \">= many\"}\n",
         "5: predict[0].where.n: expected a condition such as \"< 0.1\" or \">= 1024\" or the name of a "
         "choice, got "
         "\">= many\""},
        {HEAD "predict:\n  - verdict: faster\n    where: {n: \">=\"}\n",
         "5: predict[0].where.n: expected a condition such as \"< 0.1\" or \">= 1024\" or the name of a "
         "choice, got "
         "\">=\""},
        {HEAD "predict:\n  - verdict: faster\n    where: {n: \"=> 8\"}\n",
         "5: predict[0].where.n: expected a condition such as \"< 0.1\" or \">= 1024\" or the name of a "
         "choice, got "
         "\"=> 8\""},
        {HEAD "predict:\n  - counters: {branches: few}\n",
         "4: predict[0].counters.branches: expected a condition such as \"< 0.1\" or \">= 1024\", got "
         "\"few\""},
        {HEAD "predict:\n  - counters: {branches: \"> -1\"}\n",
         "4: predict[0].counters.branches: expected a number of at least 0, which counts are, got -1"},
        {HEAD "predict:\n  - counters: {branches: [\"> 1\", {a: b}]}\n",
         "4: predict[0].counters.branches[1]: expected a condition such as \"< 0.1\" or \">= 1024\", got a "
         "mapping"},
        {HEAD "predict:\n  - evidence: has an index\n",
         "4: predict[0].evidence: expected \"contains TEXT\" or \"lacks TEXT\", TEXT of 1 to 127 bytes, got \"has an "
         "index\""},
        {HEAD "predict:\n  - evidence: 'contains '\n",
         "4: predict[0].evidence: expected \"contains TEXT\" or \"lacks TEXT\", TEXT of 1 to 127 bytes, got \"contains "
         "\""},
        {HEAD "predict:\n  - per-item: {branches: \"< 1\"}\n",
         "4: predict[0].per-item.branches: unknown key; allowed: baseline, candidate"},
        {HEAD "predict:\n  - per-item: \"< 1\"\n",
         "4: predict[0].per-item: expected a mapping with baseline or candidate, got \"< 1\""},
        {HEAD "predict:\n  - per-item: {baseline: \"< 1\"}\n",
         "4: predict[0].per-item.baseline: expected a mapping of counters to conditions, got \"< 1\""},
        {HEAD "predict:\n  - per-item: {candidate: {branches: few}}\n",
         "4: predict[0].per-item.candidate.branches: expected a condition such as \"< 0.1\" or \">= 1024\", "
         "got \"few\""},
        {HEAD "predict:\n  - per-item: {}\n",
         "4: predict[0]: expected a verdict, counters, per-item, evidence, a crossover or growth, got none of them"},
        {HEAD "predict:\n  - crossover: {n: 8}\n",
         "4: predict[0].crossover.n: expected two numbers [low, high], got \"8\""},
        {HEAD "predict:\n  - crossover: {n: [8]}\n",
         "4: predict[0].crossover.n: expected two numbers [low, high], got one"},
        {HEAD "predict:\n  - crossover: {n: [64, 8]}\n",
         "4: predict[0].crossover.n[1]: expected the lower number first, got 8 after 64"},
        {HEAD "predict:\n  - crossover: {n: [1, 2, 3]}\n",
         "4: predict[0].crossover.n[2]: expected two numbers, got a third"},
        {HEAD "predict:\n  - crossover: {}\n", "4: predict[0].crossover: expected one parameter, got none"},
        {HEAD "predict:\n  - growth: {n: {candidate: n!}}\n",
         "4: predict[0].growth.n.candidate: expected a growth, got \"n!\"; allowed: 1, log n, n, n "
         "log n, n²"},
        {HEAD "predict:\n  - growth: {n: {}}\n",
         "4: predict[0].growth.n: expected baseline or candidate, got neither"},
        {HEAD "predict:\n  - growth: {n: {baseline: n}, m: {baseline: n}}\n",
         "4: predict[0].growth.m: expected one parameter, got a second"},
        {HEAD "predict:\n  - growth: {}\n", "4: predict[0].growth: expected one parameter, got none"},
        {HEAD "predict:\n  - crossover: {n: [1, 2], m: [1, 2]}\n",
         "4: predict[0].crossover.m: expected one parameter, got a second"},
        {HEAD "---\ntitle: u\n", "3: expected one document, got a second"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_load_error(rows[i].text, rows[i].expected);
}

/* libyaml's own words follow; the line is what counts. */
static void test_bad_yaml(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {HEAD "sweep: {n: [1, 2}\n", ":3: not YAML: "}, {HEAD "sweep: {n: >= 4}\n", ":3: not YAML: "},
        {HEAD "\ttarget: 2\n", ":3: not YAML: "},       {HEAD "target: *nothing\n", ":3: not YAML: "},
        {"title: \xff\xfe\n", ": not YAML: "},          {"title: \x01\n", ": not YAML: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct case_file file;
        struct problem problem;
        assert_int_equal(load_text(&file, rows[i].text, &problem), -EINVAL);
        if (!strstr(problem.text, rows[i].expected) ||
            strncmp(problem.text, case_path, strlen(case_path)) != 0)
            fail_msg("row %zu: \"%s\"", i, problem.text);
    }
}

static void append(char **text, const char *more) {
    char *longer = NULL;
    assert_true(asprintf(&longer, "%s%s", *text, more) >= 0);
    free(*text);
    *text = longer;
}

/* One more than fits is refused, never cut. */
static void test_limits(void **state) {
    (void)state;
    char piece[64];
    char *values = strdup(HEAD "sweep: {n: [0"), *predictions = strdup(HEAD "predict:\n");
    char *parameters = strdup(HEAD "sweep:\n"),
         *conditions = strdup(HEAD "predict:\n - verdict: faster\n   where:\n");
    for (int i = 1; i <= 64; i++) {
        snprintf(piece, sizeof piece, ", %d", i);
        append(&values, piece);
        snprintf(piece, sizeof piece, "  p%d: 1\n", i);
        append(&parameters, piece);
        snprintf(piece, sizeof piece, "     p%d: 1\n", i);
        append(&conditions, piece);
        append(&predictions, " - verdict: faster\n");
    }
    append(&values, "]}\n");
    expect_load_error(values, "3: sweep.n[64]: expected at most 64 values");
    expect_load_error(parameters, "13: sweep.p10: expected at most 9 parameters");
    expect_load_error(conditions, "14: predict[0].where.p9: expected at most 8 conditions");
    expect_load_error(predictions, "36: predict[32]: expected at most 32 predictions");
    free(values);
    free(parameters);
    free(conditions);
    free(predictions);
    expect_load_error("title: "
                      "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
                      "678901234567890"
                      "123456789012345678901234567\n",
                      "1: title: expected text of at most 127 bytes, got 128");
}

static void test_files(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    char path[200], wanted[300];
    snprintf(path, sizeof path, "%s/none", folder);
    assert_int_equal(case_file_load(&file, path, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "cannot open the case's folder"));
    assert_int_equal(case_file_load(&file, folder, &problem), -ENOENT);
    snprintf(wanted, sizeof wanted, "%s/case.yaml: cannot open: No such file or directory", folder);
    assert_string_equal(problem.text, wanted);
    char *large = malloc(300000);
    assert_non_null(large);
    memset(large, '#', 300000);
    write_case(large, 300000);
    free(large);
    assert_int_equal(case_file_load(&file, case_folder, &problem), -EFBIG);
    unlink(case_path);
    assert_int_equal(mkdir(case_path, 0755), 0);
    assert_int_equal(case_file_load(&file, case_folder, &problem), -EISDIR);
    assert_int_equal(rmdir(case_path), 0);
    assert_int_equal(mkfifo(case_path, 0600), 0);
    assert_int_equal(case_file_load(&file, case_folder, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "expected a file, got a pipe, a socket or a device"));
    unlink(case_path);
    assert_int_equal(symlink("case.yaml", case_path), 0);
    assert_int_equal(case_file_load(&file, case_folder, &problem), -ELOOP);
    unlink(case_path);
    write_case(example, strlen(example));
    snprintf(path, sizeof path, "%s//", case_folder);
    assert_int_equal(case_file_load(&file, path, &problem), 0);
    assert_string_equal(file.name, "lookup-hash-vs-linear");
    assert_string_equal(file.path, case_path);
}

static void test_check_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"title: t\nkernel: other\n", "2: kernel: expected other, the module is kernel lookup"},
        {HEAD "baseline: linaer\n",
         "3: baseline: kernel lookup has no variant linaer; did you mean linear?; allowed: "
         "linear, hash, threaded"},
        {HEAD "candidates: [hash, tree]\n",
         "3: candidates: kernel lookup has no variant tree; allowed: linear, hash, threaded"},
        {HEAD "candidates: [linear]\n",
         "3: candidates: linear is the kernel's first variant and so the baseline; name "
         "another baseline or leave it out"},
        {HEAD "sweep: {m: 4}\n", "3: sweep.m: kernel lookup has no parameter m; allowed: n, order, threads"},
        {HEAD "sweep:\n  n: [4, 65537]\n", "4: sweep.n: expected 1 to 65536 ids, got 65537"},
        {HEAD "sweep:\n  n: [four]\n", "4: sweep.n: expected a whole number from 1 to 65536, got four"},
        {HEAD "sweep: {n: 8}\nfull: {n: 0}\n", "4: full.n: expected 1 to 65536 ids, got 0"},
        {HEAD "sweep: {order: 1}\n",
         "3: sweep.order: expected one of the names of order, got a number; allowed: "
         "sorted, random"},
        {HEAD "sweep: {order: randon}\n",
         "3: sweep.order: expected one of the names of order, got randon; did you mean "
         "random?; allowed: sorted, random"},
        {HEAD "sweep: {threads: 0}\n", "3: sweep.threads: expected 1 to 1024 threads, or all, got 0"},
        {HEAD "sweep: {threads: most}\n", "3: sweep.threads: expected 1 to 1024 threads, or all, got most"},
        {HEAD "sweep: {n: 8}\npredict:\n - verdict: faster\n   where: {order: sorted}\n",
         "6: predict[0].where.order: order is not in sweep, so this prediction would never apply"},
        {HEAD "sweep: {n: 8}\npredict:\n - verdict: faster\n   where: {nn: 8}\n",
         "6: predict[0].where.nn: kernel lookup has no parameter nn; allowed: n, order, threads"},
        {HEAD "sweep: {order: sorted}\npredict:\n - verdict: faster\n   where: {order: \"> 1\"}\n",
         "6: predict[0].where.order: expected one of the names of order, got a number; allowed: sorted, "
         "random"},
        {HEAD "sweep: {threads: [1, 2]}\npredict:\n - verdict: faster\n   where: {threads: all}\n",
         "6: predict[0].where.threads: expected a condition such as \">= 1024\", got all"},
        {HEAD "candidates: hash\npredict:\n - candidate: threaded\n   verdict: faster\n",
         "5: predict[0].candidate: threaded is not among the case's candidates"},
        {HEAD "predict:\n - candidate: linear\n   verdict: faster\n",
         "4: predict[0].candidate: linear is not among the case's candidates"},
        {HEAD "sweep: {order: sorted}\npredict:\n - crossover: {order: [0, 1]}\n",
         "5: predict[0].crossover.order: order has names, not numbers; a crossover needs an order"},
        {HEAD "sweep: {order: sorted}\npredict:\n - growth: {order: {baseline: n}}\n",
         "5: predict[0].growth.order: order has names, not numbers; growth needs an order"},
        {HEAD "sweep: {n: [4, 8]}\npredict:\n - crossover: {n: [4, 8]}\n   where: {n: \"!= 4\"}\n",
         "6: predict[0].crossover.n: where may bound n with <, <=, > and >=, not leave out a value with !="},
        {HEAD "predict:\n - counters: {branches: [\"> 2\", \"< 1\"]}\n",
         "4: predict[0].counters.branches: no number is both > 2 and < 1"},
        {HEAD "predict:\n - counters: {branches: [\"< 2\", \">= 2\"]}\n",
         "4: predict[0].counters.branches: no number is both < 2 and >= 2"},
        {HEAD "predict:\n - per-item: {candidate: {branches: [\"== 2\", \"!= 2\"]}}\n",
         "4: predict[0].per-item.candidate.branches: no number is both == 2 and != 2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_check_error(rows[i].text, rows[i].expected);
}

static void test_unknown_counter(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, HEAD "predict:\n - counters:\n     instructions: \"< 1\"\n     brances: \"< 1\"\n");
    assert_int_equal(case_file_check(&file, &lookup, &problem), -EINVAL);
    assert_non_null(strstr(problem.text,
                           "case.yaml:6: predict[0].counters.brances: kernel lookup has no counter "
                           "brances; did you mean branches?; allowed: cycles, "));
}

/* Bounds on different numbers of one counter have nothing to do with one another. */
static void test_bounds_that_go_together(void **state) {
    (void)state;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, HEAD "predict:\n - counters: {branches: [\"<= 2\", \">= 2\", \"!= 3\"]}\n"
                           "   per-item: {baseline: {branches: \"> 5\"}, candidate: {branches: \"< 1\"}}\n");
    assert_int_equal(case_file_check(&file, &lookup, &problem), 0);
    load_valid(&file, HEAD "predict:\n - per-item: {baseline: {brances: \"> 5\"}}\n");
    assert_int_equal(case_file_check(&file, &lookup, &problem), -EINVAL);
    assert_non_null(strstr(problem.text,
                           "case.yaml:4: predict[0].per-item.baseline.brances: kernel lookup has "
                           "no counter brances; did you mean branches?"));
}

static void test_parameterless_serial_kernel(void **state) {
    (void)state;
    struct cs_kernel serial = lookup;
    serial.variants[2].flags = 0;
    struct case_file file;
    struct problem problem = {""};
    load_valid(&file, HEAD "sweep: {threads: 2}\n");
    assert_int_equal(case_file_check(&file, &serial, &problem), -EINVAL);
    assert_non_null(
        strstr(problem.text, "3: sweep.threads: kernel lookup has no parameter threads; allowed: n, order"));
    memset(&serial.variants[1], 0, sizeof serial.variants[1]);
    load_valid(&file, HEAD);
    assert_int_equal(case_file_check(&file, &serial, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "2: kernel: lookup has no two variants to compare"));
}

/* Small changes of a valid file: whatever they do, the answer is a case or a message, never a crash or a
 * leak. */
static void test_mutations(void **state) {
    (void)state;
    static const char bytes[] = "{}[]:,-\n\t \"'&*!|>%@#?0189az\\\x80\xff\x00";
    struct cs_random random = cs_random_seed(20261120);
    size_t refused = 0;
    for (int i = 0; i < 4000; i++) {
        char text[sizeof example];
        size_t size = sizeof example - 1;
        memcpy(text, example, sizeof example);
        for (uint32_t changes = 1 + cs_random_below(&random, 3); changes; changes--) {
            size_t at = cs_random_below(&random, (uint32_t)size);
            if (cs_random_below(&random, 4) == 0) {
                memmove(text + at, text + at + 1, size - at - 1);
                size--;
            } else {
                text[at] = bytes[cs_random_below(&random, sizeof bytes - 1)];
            }
        }
        write_case(text, size);
        struct case_file file;
        struct problem problem = {""};
        int error = case_file_load(&file, case_folder, &problem);
        if (!error)
            error = case_file_check(&file, &lookup, &problem);
        assert_true((error == 0) == (problem.text[0] == 0));
        refused += error != 0;
    }
    assert_in_range(refused, 1000, 3999);
}

/* Every whole case in docs/CASES.md loads. */
static void test_document_examples(void **state) {
    (void)state;
    FILE *document = fopen(TEST_SOURCE "/docs/CASES.md", "r");
    assert_non_null(document);
    char line[512], text[4096] = "";
    size_t cases = 0;
    bool inside = false;
    while (fgets(line, sizeof line, document)) {
        if (strcmp(line, "```yaml\n") == 0) {
            inside = true;
            text[0] = 0;
        } else if (inside && strcmp(line, "```\n") == 0) {
            struct case_file file;
            inside = false;
            if (strncmp(text, "title:", 6) == 0) {
                load_valid(&file, text);
                cases++;
            }
        } else if (inside) {
            assert_true(strlen(text) + strlen(line) < sizeof text);
            strcat(text, line);
        }
    }
    fclose(document);
    assert_int_equal(cases, 2);
}

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(case_folder, sizeof case_folder, "%s/lookup-hash-vs-linear", folder);
    snprintf(case_path, sizeof case_path, "%s/case.yaml", case_folder);
    return mkdir(case_folder, 0755);
}

static int remove_folder(void **state) {
    (void)state;
    unlink(case_path);
    return rmdir(case_folder) || rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_scalars_choices_and_conditions),
        cmocka_unit_test(test_bounds_per_item),
        cmocka_unit_test(test_condition_on_a_value),
        cmocka_unit_test(test_applies),
        cmocka_unit_test(test_traits),
        cmocka_unit_test(test_load_errors),
        cmocka_unit_test(test_bad_yaml),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_check_errors),
        cmocka_unit_test(test_unknown_counter),
        cmocka_unit_test(test_bounds_that_go_together),
        cmocka_unit_test(test_parameterless_serial_kernel),
        cmocka_unit_test(test_document_examples),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
