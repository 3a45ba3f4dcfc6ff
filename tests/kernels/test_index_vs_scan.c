#include "module.h"
#include "scratch.h"

static struct module module;

/* Overwrites the file at `path`, as a disk does that lost it. */
static void damage(const char *path) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    for (int i = 0; i < 8192; i++)
        assert_int_not_equal(fputc(i * 37 + 11, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void a_damaged_database_is_told_of(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 1, {"rows", 64});
    char path[4096];
    void *state = NULL;
    assert_int_equal(module_try_setup(&module, &env, &state), 0);
    assert_int_equal(folder_entries(module.scratch, path), 1);
    damage(path);
    assert_int_equal(module_try_prepare(&module, &env, module_variant(&module, "index")), -EUCLEAN);
    assert_non_null(strstr(module.reason, "not a database"));
    assert_non_null(strstr(module.reason, "its file was damaged"));
    module.kernel->teardown(state);
    module_forget(&module, state);
    assert_int_equal(folder_entries(module.scratch, NULL), 0);
}

static void assert_plan(void *state, const char *variant, const char *plan) {
    char text[CS_EVIDENCE] = "";
    module.kernel->variants[module_variant(&module, variant)].evidence(state, text, sizeof text);
    if (strncmp(text, plan, strlen(plan)) != 0)
        fail_msg("%s: expected %s, got %s", variant, plan, text);
}

/* What the case predicts in words. */
static void plans_name_their_index(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 2, {"rows", 1000}, {"users", 32});
    void *state = module_setup(&module, &env);
    assert_plan(state, "scan", "SCAN orders\n");
    assert_plan(state, "index", "SEARCH orders USING INDEX by_user (user_id=?)\n");
    assert_plan(state, "covering", "SEARCH orders USING COVERING INDEX by_user (user_id=? AND status=?)\n");
    module_teardown(&module, state);
    env = MODULE_ENV(&module, 2, {"rows", 1000}, {"users", 1});
    state = module_setup(&module, &env);
    assert_plan(state, "index", "SCAN orders\n");
    module_teardown(&module, state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_database_is_told_of),
        cmocka_unit_test(plans_name_their_index),
    };
    module_load(&module, "index-vs-scan");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
