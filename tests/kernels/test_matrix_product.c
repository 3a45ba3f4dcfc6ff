#include "module.h"

static struct module module;

/* Rows of A beyond those that `vectorized` packs at a time, and elements beyond those that it adds up at a time. */
static void test_blocks_begin_anew(void **unused) {
    (void)unused;
    const int64_t rows[] = {239, 240, 241, 246, 481}, n[] = {127, 128, 129, 257};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
            struct cs_env env = MODULE_ENV(&module, r * 7 + i, {"n", n[i]}, {"rows", rows[r]});
            module_check_point(&module, &env);
        }
}

/* Panels that a few rows or columns do not fill. */
static void test_narrow_panels(void **unused) {
    (void)unused;
    for (int64_t rows = 1; rows <= 17; rows++)
        for (int64_t n = 1; n <= 49; n++) {
            struct cs_env env = MODULE_ENV(&module, (uint64_t)(rows * n), {"n", n}, {"rows", rows});
            module_check_point(&module, &env);
        }
}

int main(void) {
    module_load(&module, "matrix-product");
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks_begin_anew),
                                       cmocka_unit_test(test_narrow_panels)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed ? 1 : 0;
}
