#include "store/profile.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void bounds_have_names_of_their_own(void **state) {
    (void)state;
    for (int a = BOUND_NOT_CLEAR; a <= BOUND_WAITING; a++)
        for (int b = BOUND_NOT_CLEAR; b < a; b++)
            assert_string_not_equal(bound_name((enum bound)a), bound_name((enum bound)b));
    assert_string_equal(bound_name(BOUND_FRONT_END), "front end");
}

/* The profile as JSON, read back. */
static json_t *print(const struct profile *profile) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(profile_print_json(profile, stream), 0);
    assert_int_equal(fclose(stream), 0);
    json_t *json = json_loads(text, 0, NULL);
    free(text);
    assert_non_null(json);
    return json;
}

static void what_is_not_known_is_null(void **state) {
    (void)state;
    struct profile profile = {.kernel = "made", .items = 4, .variant_count = 1};
    profile.variants = calloc(1, sizeof *profile.variants);
    assert_non_null(profile.variants);
    struct profile_variant *variant = profile.variants;
    variant->source = SOURCE_SW;
    variant->evidence.time_ns = 2.5;
    variant->evidence.l1d_misses = (struct profile_count){NAN, SOURCE_NONE};
    variant->judgement.bound = BOUND_WAITING;
    variant->lines[0] =
        (struct profile_place){.file = "/src/a.c", .line = 7, .share = 0.5, .l1d_misses = NAN};
    variant->line_count = 1;
    json_t *json = print(&profile);
    profile_clear(&profile);
    assert_null(profile.variants);
    assert_string_equal(json_string_value(json_object_get(json, "schema")), PROFILE_SCHEMA);
    json_t *only = json_array_get(json_object_get(json, "variants"), 0);
    json_t *evidence = json_object_get(only, "evidence"), *misses = json_object_get(evidence, "l1d_misses");
    assert_float_equal(json_number_value(json_object_get(evidence, "time_ns")), 2.5, 0);
    assert_true(json_is_null(json_object_get(misses, "value")));
    assert_string_equal(json_string_value(json_object_get(misses, "source")), "none");
    assert_string_equal(json_string_value(json_object_get(json_object_get(only, "judgement"), "bound")),
                        "waiting");
    json_t *line = json_array_get(json_object_get(only, "lines"), 0);
    assert_int_equal(json_integer_value(json_object_get(line, "line")), 7);
    assert_true(json_is_null(json_object_get(line, "l1d_misses")));
    assert_int_equal(json_array_size(json_object_get(only, "functions")), 0);
    json_decref(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_have_names_of_their_own),
                                       cmocka_unit_test(what_is_not_known_is_null)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
