#include "run/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct module_description *describe(bool parallel) {
    struct module_description *module = calloc(1, sizeof *module);
    *module = (struct module_description){
        .name = "k",
        .item = "i",
        .supported = true,
        .parameters = {{.name = "n", .unit = "ids", .min = 1, .max = 100, .def = 10},
                       {.name = "order", .choices = {"sorted", "random"}, .choice_count = 2, .def = 1}},
        .parameter_count = 2,
        .variants = {{.name = "a", .supported = true},
                     {.name = "b", .supported = true, .flags = parallel ? CS_PARALLEL : 0},
                     {.name = "c", .supported = false, .reason = "needs AVX-512"}},
        .variant_count = 3};
    return module;
}

static void add_number(struct case_axis *axis, const char *parameter, int64_t number) {
    snprintf(axis->parameter, sizeof axis->parameter, "%s", parameter);
    axis->values[axis->count++].number = number;
}

static void add_text(struct case_axis *axis, const char *parameter, const char *text) {
    snprintf(axis->parameter, sizeof axis->parameter, "%s", parameter);
    snprintf(axis->values[axis->count++].text, RESULT_NAME, "%s", text);
}

/* A case over `describe`: n 1, 2, 4 by both orders; quick n 2. */
static struct case_file *case_over(void) {
    struct case_file *file = calloc(1, sizeof *file);
    snprintf(file->name, sizeof file->name, "x");
    snprintf(file->path, sizeof file->path, "x/case.yaml");
    snprintf(file->kernel, sizeof file->kernel, "k");
    for (int64_t n = 1; n <= 4; n *= 2)
        add_number(&file->sweep[0], "n", n);
    add_text(&file->sweep[1], "order", "random");
    add_text(&file->sweep[1], "order", "sorted");
    file->sweep_count = 2;
    add_number(&file->quick[0], "n", 2);
    file->quick_count = 1;
    return file;
}

static void points_are_the_product_of_the_axes(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    struct plan_options options = {.points = "sweep", .allowed_threads = 2};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 6);
    assert_int_equal(plan_comparisons(&plan), 6);
    static const int64_t expected[6][2] = {{1, 1}, {1, 0}, {2, 1}, {2, 0}, {4, 1}, {4, 0}};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(plan.points[i].value[0], expected[i][0]);
        assert_int_equal(plan.points[i].value[1], expected[i][1]);
        assert_int_equal(plan.points[i].threads, 1);
        assert_int_equal(plan.points[i].point.count, 2);
    }
    char text[128];
    point_text(&plan.points[0].point, text, sizeof text);
    assert_string_equal(text, "n=1 order=random");
    plan_clear(&plan);
    free(module);
    free(file);
}

static void quick_replaces_single_axes(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    struct plan_options options = {.points = "quick", .allowed_threads = 2};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 2);
    assert_int_equal(plan.points[0].value[0], 2);
    assert_int_equal(plan.points[1].value[0], 2);
    plan_clear(&plan);
    free(module);
    free(file);
}

/* Of a parameter that one set of points alone names, all others show the default. */
static void what_a_case_names_in_one_set_alone_is_told_of_each_point(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    file->sweep[0] = file->sweep[1]; /* the order alone */
    file->sweep_count = 1;
    struct plan_options options = {.points = "sweep", .allowed_threads = 2};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 2);
    assert_int_equal(plan.points[0].point.count, 2);
    char text[128];
    point_text(&plan.points[0].point, text, sizeof text);
    assert_string_equal(text, "n=10 order=random");
    plan_clear(&plan);
    free(module);
    free(file);
}

static void a_baseline_alone_is_not_measured(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    module->variants[1].supported = false;
    struct plan_options options = {.points = "sweep", .allowed_threads = 2};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 0);
    assert_int_equal(plan.skipped_count, 2);
    plan_clear(&plan);
    free(module);
    free(file);
}

static void an_unsupported_variant_is_skipped_and_the_rest_planned(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    struct plan_options options = {.points = "quick", .allowed_threads = 1};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.skipped_count, 1);
    assert_string_equal(plan.skipped[0].variant, "c");
    assert_string_equal(plan.skipped[0].reason, "needs AVX-512");
    assert_int_equal(plan.points[0].variant_count, 2);
    plan_clear(&plan);
    free(module);
    free(file);
}

static void a_chosen_baseline_comes_first(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    snprintf(file->baseline, sizeof file->baseline, "b");
    snprintf(file->candidates[0], RESULT_NAME, "a");
    file->candidate_count = 1;
    struct plan_options options = {.points = "quick", .allowed_threads = 1};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.points[0].variants[0], 1);
    assert_int_equal(plan.points[0].variants[1], 0);
    plan_clear(&plan);
    free(module);
    free(file);
}

static void threads_are_resolved_and_too_many_skipped(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(true);
    struct case_file *file = case_over();
    add_number(&file->quick[1], "order", 0);
    memset(&file->quick[1], 0, sizeof file->quick[1]);
    add_text(&file->quick[1], "order", "sorted");
    add_number(&file->quick[2], "threads", 1);
    add_number(&file->quick[2], "threads", 2);
    add_text(&file->quick[2], "threads", "all");
    add_number(&file->quick[2], "threads", 64);
    file->quick_count = 3;
    struct plan_options options = {.points = "quick", .allowed_threads = 2};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 2); /* 2 and all are the same here */
    assert_int_equal(plan.points[0].threads, 1);
    assert_int_equal(plan.points[1].threads, 2);
    assert_int_equal(plan.skipped_count, 2); /* variant c, and 64 threads */
    assert_non_null(strstr(plan.skipped[1].reason, "64 threads asked for, 2 processing units allowed"));
    plan_clear(&plan);
    options.threads = 1;
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 1);
    assert_int_equal(plan.points[0].threads, 1);
    plan_clear(&plan);
    free(module);
    free(file);
}

static void an_unsupported_kernel_is_skipped_whole(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    module->supported = false;
    snprintf(module->reason, sizeof module->reason, "redis-server is not installed");
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), 0);
    assert_int_equal(plan.point_count, 0);
    assert_string_equal(plan.skipped[0].reason, "redis-server is not installed");
    plan_clear(&plan);
    free(module);
    free(file);
}

static void an_unknown_variant_is_refused_with_its_line(void **unused) {
    (void)unused;
    struct plan plan = {0};
    struct problem problem = {""};
    struct module_description *module = describe(false);
    struct case_file *file = case_over();
    snprintf(file->baseline, sizeof file->baseline, "nobody");
    file->baseline_line = 3;
    struct plan_options options = {.points = "sweep", .allowed_threads = 1};
    assert_int_equal(plan_add_case(&plan, file, module, &options, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "x/case.yaml:3"));
    assert_non_null(strstr(problem.text, "nobody"));
    plan_clear(&plan);
    free(module);
    free(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_the_product_of_the_axes),
        cmocka_unit_test(quick_replaces_single_axes),
        cmocka_unit_test(what_a_case_names_in_one_set_alone_is_told_of_each_point),
        cmocka_unit_test(a_baseline_alone_is_not_measured),
        cmocka_unit_test(an_unsupported_variant_is_skipped_and_the_rest_planned),
        cmocka_unit_test(a_chosen_baseline_comes_first),
        cmocka_unit_test(threads_are_resolved_and_too_many_skipped),
        cmocka_unit_test(an_unsupported_kernel_is_skipped_whole),
        cmocka_unit_test(an_unknown_variant_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
