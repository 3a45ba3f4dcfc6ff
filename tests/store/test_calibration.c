#include "store/calibration.h"

#include "stats/proportion.h"

#include <countersign.h>

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define IDENTICAL 0
#define ONE_PERCENT 1
#define FIVE_PERCENT 2

static const struct interval nothing = {NAN, NAN, NAN};

static void start(struct calibration *calibration) {
    *calibration = (struct calibration){.id = "20261120T112310Z-4f2a",
                                        .started = "2026-11-20T11:23:10Z",
                                        .version = "0.1.0",
                                        .settings = {.budget_s = 0.25,
                                                     .delta = 0.01,
                                                     .confidence = 0.95,
                                                     .replicates = 8,
                                                     .seed = 7,
                                                     .state = "warm",
                                                     .layout = "random",
                                                     .build = "native"},
                                        .tries_a_pair = 20,
                                        .placebo_tries = 20,
                                        .kinds = {{.name = "core", .threads = 1, .sized = true},
                                                  {.name = "l1", .threads = 1, .sized = true},
                                                  {.name = "openmp", .threads = 2, .skipped = "one CPU"}},
                                        .kind_count = 3,
                                        .sizes = {0, 0.01, 0.05},
                                        .size_count = 3};
}

/* Adds tries of a speedup with 0.1 % either side, beside a placebo within `floor`. */
static void add(struct calibration *calibration, size_t kind, size_t size, double speedup, double floor,
                size_t times) {
    struct calibration_try item = {.kind = kind,
                                   .size = size,
                                   .speedup = {speedup, speedup / 1.001, speedup * 1.001},
                                   .placebo = {1, exp(-floor), exp(floor)},
                                   .duration_s = 0.5};
    item.verdict = verdict_of(item.speedup, item.placebo, calibration->settings.delta);
    for (size_t i = 0; i < times; i++) {
        item.number = (unsigned)i + 1;
        assert_int_equal(calibration_add(calibration, &item), 0);
    }
}

static struct calibration_summary summarize(const struct calibration *calibration) {
    struct calibration_summary summary;
    assert_int_equal(calibration_summarize(calibration, &summary), 0);
    return summary;
}

static void direction_is_beyond_the_floor_whatever_delta_is(void **state) {
    (void)state;
    struct calibration_try item = {.speedup = {0.997, 0.996, 0.998}, .placebo = {1, 0.9985, 1.0015}};
    assert_int_equal(calibration_direction(&item), -1);
    item.placebo.high = 1.0025;
    assert_int_equal(calibration_direction(&item), 0);
    item.speedup = (struct interval){1.004, 1.003, 1.005};
    assert_int_equal(calibration_direction(&item), 1);
    item.speedup = nothing;
    assert_int_equal(calibration_direction(&item), 0);
}

static void counts_what_was_seen_and_what_was_claimed(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    add(&calibration, 0, IDENTICAL, 1, 0.001, 18);
    add(&calibration, 0, IDENTICAL, 1.005, 0.001, 2); /* told apart, but within delta: no claim */
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.001, 19);
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.03, 1); /* hidden by the placebo */
    add(&calibration, 0, FIVE_PERCENT, 1 / 1.05, 0.001, 20);
    struct calibration_summary summary = summarize(&calibration);
    const struct calibration_cell *cells = summary.kinds[0].cells;
    assert_int_equal(cells[IDENTICAL].tries, 20);
    assert_int_equal(cells[IDENTICAL].told_apart, 2);
    assert_int_equal(cells[IDENTICAL].claimed, 0);
    assert_int_equal(cells[ONE_PERCENT].told_apart, 19);
    assert_int_equal(cells[ONE_PERCENT].claimed, 0);
    assert_int_equal(cells[FIVE_PERCENT].told_apart, 20);
    assert_int_equal(cells[FIVE_PERCENT].claimed, 20);
    assert_true(fabs(cells[FIVE_PERCENT].measured - 0.05) < 1e-12);
    assert_true(fabs(cells[FIVE_PERCENT].half_width - log(1.001)) < 1e-12);
    assert_true(summary.kinds[0].smallest == 0.01); /* 19 of 20 are just enough */
    assert_true(summary.kinds[0].false_claims.low == 0);
    assert_true(fabs(summary.kinds[0].false_claims.high - 0.1684) < 0.0001);
    assert_true(summary.kinds[0].try_s == 0.5);
    assert_true(summary.kept);
    assert_true(isnan(summary.kinds[1].try_s) && isnan(summary.kinds[1].smallest));
    assert_true(isnan(summary.kinds[1].false_claims.estimate));
    assert_true(summary.all.smallest == 0.01);
    calibration_clear(&calibration);
}

static void a_gap_in_power_is_not_skipped(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.001, 20);
    add(&calibration, 0, FIVE_PERCENT, 1 / 1.05, 0.001, 18);
    add(&calibration, 0, FIVE_PERCENT, 1 / 1.05, 0.1, 2); /* 18 of 20 are too few */
    add(&calibration, 1, FIVE_PERCENT, 1 / 1.05, 0.001, 20);
    struct calibration_summary summary = summarize(&calibration);
    assert_true(isnan(summary.kinds[0].smallest));
    assert_true(summary.kinds[1].smallest == 0.05);
    assert_true(isnan(summary.all.smallest));
    calibration_clear(&calibration);
}

static void one_claim_in_the_wrong_direction_breaks_the_promise(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.001, 19);
    assert_true(summarize(&calibration).kept);
    add(&calibration, 0, ONE_PERCENT, 1.05, 0.001, 1);
    struct calibration_summary summary = summarize(&calibration);
    assert_int_equal(summary.kinds[0].cells[ONE_PERCENT].wrong, 1);
    assert_int_equal(summary.kinds[0].cells[ONE_PERCENT].told_apart, 19);
    assert_int_equal(summary.all.wrong, 1);
    assert_false(summary.kept);
    calibration_clear(&calibration);
}

/* With the roles swapped, less work is planted in the candidate: what is right is the mirror image. */
static void swapped_roles_are_mirrored(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    calibration.kinds[1].swapped = true;
    add(&calibration, 1, FIVE_PERCENT, 1.05, 0.001, 19); /* faster, as planted */
    struct calibration_summary summary = summarize(&calibration);
    const struct calibration_cell *cell = &summary.kinds[1].cells[FIVE_PERCENT];
    assert_int_equal(cell->told_apart, 19);
    assert_int_equal(cell->claimed, 19);
    assert_int_equal(cell->wrong, 0);
    assert_true(fabs(cell->measured - 0.05) < 1e-12);
    assert_true(summary.kept);
    add(&calibration, 1, FIVE_PERCENT, 1 / 1.05, 0.001, 1);
    summary = summarize(&calibration);
    assert_int_equal(cell->told_apart, 19);
    assert_int_equal(cell->wrong, 1);
    assert_false(summary.kept);
    calibration_clear(&calibration);
}

/* Kinds without sizes are tried with identical code alone, and take no part in what is told apart. */
static void kinds_without_sizes_have_no_planted_tries(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    calibration.placebo_tries = 7;
    calibration.kinds[1].sized = false;
    assert_int_equal(calibration_tries_of(&calibration, 0, IDENTICAL), 7);
    assert_int_equal(calibration_tries_of(&calibration, 1, IDENTICAL), 7);
    assert_int_equal(calibration_tries_of(&calibration, 0, ONE_PERCENT), 20);
    assert_int_equal(calibration_tries_of(&calibration, 1, ONE_PERCENT), 0);
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.001, 20);
    add(&calibration, 1, IDENTICAL, 1, 0.001, 7);
    assert_true(summarize(&calibration).all.smallest == 0.01);
    calibration_clear(&calibration);
}

/*
 * By hand for no hits of n: the prior's share of "no hit" is B(1/2, b + n) / B(1/2, b), and the end lies
 * where (1 - p)^n is a twentieth of it. 0 of 500 and b = 50: 0.3003 / 20 = 0.015015, p = 1 -
 * 0.015015^(1/500).
 */
static void running_intervals_have_known_ends(void **state) {
    (void)state;
    struct interval none = calibration_running_interval(0, 500, 0.01);
    assert_true(none.estimate == 0 && none.low == 0);
    assert_true(fabs(none.high - 0.0083588) < 1e-7);
    struct interval all = calibration_running_interval(4, 4, 0.05);
    assert_true(all.estimate == 1 && all.high == 1 && all.low > 0.05);
    assert_true(calibration_running_interval(3, 3, 0.05).low < 0.05);
    assert_true(isnan(calibration_running_interval(0, 0, 0.01).low));
    assert_true(isnan(calibration_running_interval(2, 1, 0.01).low));
    for (size_t tries = 1; tries < 400; tries *= 3) {
        struct interval rate = calibration_running_interval(tries / 2, tries, 0.01);
        assert_true(rate.low <= rate.estimate && rate.estimate <= rate.high);
        struct interval once = proportion_interval(tries / 2, tries, CALIBRATION_CONFIDENCE);
        assert_true(tries < 27 || (rate.low < once.low && rate.high > once.high));
    }
}

/*
 * Looked at after every try, it misses the true rate at any of 1000 of them in at most 5 % of calibrations.
 */
static void running_intervals_hold_at_every_look(void **state) {
    (void)state;
    static const double rates[] = {0.002, 0.01, 0.05, 0.3};
    struct cs_random random = cs_random_seed(17);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        size_t missed = 0;
        for (int calibration = 0; calibration < 120; calibration++) {
            size_t count = 0;
            bool held = true;
            for (size_t tries = 1; tries <= 1000 && held; tries++) {
                bool hit = cs_random_unit(&random) < rates[r];
                count += hit;
                if (!hit && tries % 10) /* the ends move outwards only with a hit, or with many tries */
                    continue;
                struct interval rate = calibration_running_interval(count, tries, 0.01);
                held = rate.low <= rates[r] && rates[r] <= rate.high;
            }
            missed += !held;
        }
        assert_in_range(missed, 0, 13); /* 5 % of 120, three standard errors */
    }
}

static void more_tries_end_when_they_answer_nothing(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    calibration.until_settled = true;
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.03, 3); /* hidden by the placebo */
    struct calibration_summary summary = summarize(&calibration);
    assert_false(calibration_settled(&calibration, &summary, 0, ONE_PERCENT));
    add(&calibration, 0, ONE_PERCENT, 1 / 1.01, 0.03, 1);
    add(&calibration, 0, FIVE_PERCENT, 1 / 1.05, 0.001, 40);
    add(&calibration, 1, FIVE_PERCENT, 1 / 1.05, 0.001, 100);
    add(&calibration, 1, IDENTICAL, 1.02, 0.001, 3);
    add(&calibration, 0, IDENTICAL, 1, 0.001, 20);
    summary = summarize(&calibration);
    assert_true(calibration_settled(&calibration, &summary, 0, ONE_PERCENT)); /* not told apart */
    assert_false(
        calibration_settled(&calibration, &summary, 0, FIVE_PERCENT));         /* 40 of 40 do not show 95 % */
    assert_true(calibration_settled(&calibration, &summary, 1, FIVE_PERCENT)); /* 100 of 100 do */
    assert_false(calibration_settled(&calibration, &summary, 0, IDENTICAL));
    assert_false(calibration_settled(&calibration, &summary, 1,
                                     IDENTICAL)); /* 3 of 3 may be chance, at so many looks */
    add(&calibration, 1, IDENTICAL, 1.02, 0.001, 1);
    summary = summarize(&calibration);
    assert_true(calibration_settled(&calibration, &summary, 1, IDENTICAL)); /* 4 of 4 break the promise */
    assert_false(calibration_settled(&calibration, &summary, 0, IDENTICAL));
    calibration_clear(&calibration);
}

static void identical_code_ends_once_all_kinds_keep_the_promise(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    calibration.until_settled = true;
    add(&calibration, 0, IDENTICAL, 1, 0.001, 380);
    struct calibration_summary summary = summarize(&calibration);
    assert_false(calibration_settled(&calibration, &summary, 1, IDENTICAL));
    add(&calibration, 0, IDENTICAL, 1, 0.001, 60);
    summary = summarize(&calibration);
    assert_true(calibration_settled(&calibration, &summary, 1, IDENTICAL));
    calibration_clear(&calibration);
}

/* The interval of 1 of 20 begins at 0.13 %, that of 2 of 20 at 1.2 %. */
static void false_claims_break_it_once_chance_does_not_explain_them(void **state) {
    (void)state;
    struct calibration calibration;
    start(&calibration);
    add(&calibration, 0, IDENTICAL, 1, 0.001, 18);
    add(&calibration, 0, IDENTICAL, 1.02, 0.001, 1);
    add(&calibration, 1, IDENTICAL, 1, 0.001, 400);
    assert_true(summarize(&calibration).kept);
    add(&calibration, 0, IDENTICAL, 0.98, 0.001, 1);
    struct calibration_summary summary = summarize(&calibration);
    assert_int_equal(summary.kinds[0].cells[IDENTICAL].claimed, 2);
    assert_true(summary.all.false_claims.low < CALIBRATION_PROMISED_RATE);
    assert_true(summary.kinds[0].false_claims.low > CALIBRATION_PROMISED_RATE);
    assert_false(summary.kept);
    calibration_clear(&calibration);
}

static void invalid_tries_count_as_nothing_else(void **state) {
    (void)state;
    struct calibration calibration;
    struct calibration_try item = {.kind = 0,
                                   .size = FIVE_PERCENT,
                                   .number = 1,
                                   .verdict = VERDICT_INVALID,
                                   .speedup = {NAN, NAN, NAN},
                                   .placebo = {NAN, NAN, NAN},
                                   .reason = "plus-5 crashed"};
    start(&calibration);
    assert_int_equal(calibration_add(&calibration, &item), 0);
    struct calibration_summary summary = summarize(&calibration);
    assert_int_equal(summary.kinds[0].cells[FIVE_PERCENT].tries, 0);
    assert_int_equal(summary.kinds[0].invalid, 1);
    assert_int_equal(summary.all.invalid, 1);
    assert_true(isnan(summary.kinds[0].cells[FIVE_PERCENT].measured));
    assert_true(isnan(summary.kinds[0].smallest));
    calibration_clear(&calibration);
}

static json_t *load(const char *path) {
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    if (!json)
        fail_msg("%s", error.text);
    return json;
}

static void the_file_holds_every_try(void **state) {
    (void)state;
    struct calibration calibration;
    struct problem problem = {""};
    char folder[] = TEST_BUILD "/calibration.XXXXXX", path[sizeof folder + 32];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/one.json", folder);
    start(&calibration);
    add(&calibration, 1, FIVE_PERCENT, 1 / 1.05, 0.001, 1);
    struct calibration_try invalid = {.kind = 0,
                                      .size = IDENTICAL,
                                      .number = 1,
                                      .seed = UINT64_MAX,
                                      .verdict = VERDICT_INVALID,
                                      .speedup = {NAN, NAN, NAN},
                                      .placebo = {NAN, NAN, NAN},
                                      .reason = "base hung"};
    assert_int_equal(calibration_add(&calibration, &invalid), 0);
    if (calibration_save(&calibration, path, &problem))
        fail_msg("%s", problem.text);
    json_t *json = load(path);
    const json_t *tries = json_object_get(json, "tries"), *summary = json_object_get(json, "summary");
    const json_t *first = json_array_get(tries, 0), *second = json_array_get(tries, 1);
    assert_string_equal(json_string_value(json_object_get(json, "schema")), CALIBRATION_SCHEMA);
    assert_int_equal(json_array_size(tries), 2);
    assert_string_equal(json_string_value(json_object_get(first, "kind")), "l1");
    assert_true(json_real_value(json_object_get(first, "planted")) == 0.05);
    assert_true(json_real_value(json_object_get(json_object_get(first, "speedup"), "estimate")) == 1 / 1.05);
    assert_string_equal(json_string_value(json_object_get(second, "seed")), "18446744073709551615");
    assert_true(json_is_null(json_object_get(json_object_get(second, "speedup"), "low")));
    assert_int_equal(json_array_size(json_object_get(summary, "kinds")), 3);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(summary, "kinds"), 2), "skipped")),
        "one CPU");
    json_decref(json);
    unlink(path);
    rmdir(folder);
    calibration_clear(&calibration);
}

/* Reads what was written, with one value of its summary or of itself changed. */
static void read_changed(json_t *document, json_t *object, const char *key, json_t *value,
                         struct calibration *calibration) {
    struct problem problem = {""};
    json_t *kept = json_incref(json_object_get(object, key));
    json_object_set_new(object, key, value);
    if (calibration_from_json(document, calibration, &problem))
        fail_msg("%s", problem.text);
    json_object_set_new(object, key, kept);
}

static void a_file_is_read_and_its_rates_counted_again(void **state) {
    (void)state;
    struct calibration calibration, back;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    start(&calibration);
    add(&calibration, 1, FIVE_PERCENT, 1 / 1.05, 0.001, 3);
    add(&calibration, 0, IDENTICAL, 1, 0.001, 20);
    assert_int_equal(calibration_print_json(&calibration, stream), 0);
    fclose(stream);
    json_t *document = json_loads(text, 0, NULL), *summary = json_object_get(document, "summary");
    free(text);
    read_changed(document, document, "neighbour", json_false(), &back);
    assert_int_equal(back.digest.state, DIGEST_HOLDS);
    assert_int_equal(back.disagreements, 0);
    assert_int_equal(back.try_count, 23);
    assert_int_equal(back.kind_count, 3);
    assert_true(back.tries[0].speedup.estimate == calibration.tries[0].speedup.estimate);
    calibration_clear(&back);
    read_changed(document, document, "neighbour", json_true(), &back);
    assert_int_equal(back.digest.state, DIGEST_BROKEN);
    assert_int_equal(back.disagreements, 0);
    calibration_clear(&back);
    read_changed(document, summary, "kept", json_boolean(!json_is_true(json_object_get(summary, "kept"))),
                 &back);
    assert_int_equal(back.digest.state, DIGEST_BROKEN);
    assert_int_equal(back.disagreements, 1);
    assert_non_null(strstr(back.disagreement, "summary.kept: the file says "));
    calibration_clear(&back);
    json_decref(document);
    calibration_clear(&calibration);
}

static void a_folder_that_is_not_there_is_named(void **state) {
    (void)state;
    struct calibration calibration;
    struct problem problem = {""};
    start(&calibration);
    assert_int_equal(calibration_save(&calibration, TEST_BUILD "/not-there/one.json", &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "not-there/one.json"));
    calibration_clear(&calibration);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direction_is_beyond_the_floor_whatever_delta_is),
        cmocka_unit_test(counts_what_was_seen_and_what_was_claimed),
        cmocka_unit_test(a_gap_in_power_is_not_skipped),
        cmocka_unit_test(one_claim_in_the_wrong_direction_breaks_the_promise),
        cmocka_unit_test(swapped_roles_are_mirrored),
        cmocka_unit_test(kinds_without_sizes_have_no_planted_tries),
        cmocka_unit_test(running_intervals_have_known_ends),
        cmocka_unit_test(running_intervals_hold_at_every_look),
        cmocka_unit_test(more_tries_end_when_they_answer_nothing),
        cmocka_unit_test(identical_code_ends_once_all_kinds_keep_the_promise),
        cmocka_unit_test(false_claims_break_it_once_chance_does_not_explain_them),
        cmocka_unit_test(invalid_tries_count_as_nothing_else),
        cmocka_unit_test(the_file_holds_every_try),
        cmocka_unit_test(a_file_is_read_and_its_rates_counted_again),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
