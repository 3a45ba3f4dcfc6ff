#include "store/change.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void counts_and_flips(void **state) {
    (void)state;
    struct comparison_change items[] = {
        {.before = VERDICT_FASTER, .after = VERDICT_SLOWER, .verdict = VERDICT_SLOWER},
        {.before = VERDICT_FASTER, .after = VERDICT_INCONCLUSIVE, .verdict = VERDICT_SLOWER},
        {.before = VERDICT_FASTER, .after = VERDICT_FASTER, .verdict = VERDICT_INCONCLUSIVE}};
    struct run_changes changes = {.comparisons = items, .comparison_count = 3};
    assert_int_equal(run_changes_count(&changes, VERDICT_SLOWER), 2);
    assert_int_equal(run_changes_count(&changes, VERDICT_FASTER), 0);
    assert_true(change_is_flip(&items[0]));
    assert_false(change_is_flip(&items[1])); /* a lack of knowledge contradicts nothing */
    assert_false(change_is_flip(&items[2]));
}

static void json_has_nothing_absent_as_a_number(void **state) {
    (void)state;
    struct comparison_change item = {
        .case_name = "c", .speedup = {NAN, NAN, NAN}, .p_value = NAN, .candidate_time = {1.5, 1.25, 2}};
    struct run_changes changes = {.comparisons = &item,
                                  .comparison_count = 1,
                                  .drift_low = NAN,
                                  .drift_median = NAN,
                                  .drift_high = NAN};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(run_changes_print_json(&changes, stream), 0);
    fclose(stream);
    json_t *json = json_loads(text, 0, NULL),
           *change = json_array_get(json_object_get(json, "comparisons"), 0);
    assert_string_equal(json_string_value(json_object_get(json, "schema")), CHANGE_SCHEMA);
    assert_true(json_is_null(json_object_get(json, "drift_low")));
    assert_true(json_is_null(json_object_get(change, "p_value")));
    assert_true(json_is_null(json_object_get(json_object_get(change, "speedup_ratio"), "low")));
    assert_float_equal(
        json_number_value(json_object_get(json_object_get(change, "candidate_time_ratio"), "low")), 1.25, 0);
    json_decref(json);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_and_flips),
                                       cmocka_unit_test(json_has_nothing_absent_as_a_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
