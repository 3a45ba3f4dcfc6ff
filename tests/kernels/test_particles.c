#include "module.h"

static struct module module;

enum { AOS, SOA, AOSOA };

static void test_variants_agree(void **unused) {
    (void)unused;
    for (int64_t order = 0; order < 2; order++)
        for (int64_t fields = 1; fields <= 16; fields++)
            for (int64_t n = 1024; n <= 1056; n += 1 + n % 3) {
                struct cs_env env = MODULE_ENV(&module, (uint64_t)(fields * n), {"n", n}, {"fields", fields},
                                               {"order", order});
                module_check_point(&module, &env);
            }
}

static void test_many_seeds(void **unused) {
    (void)unused;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct cs_env env = MODULE_ENV(&module, ~(seed << 57) + seed, {"n", 2000},
                                       {"fields", 1 + (int64_t)seed % 16}, {"order", (int64_t)seed % 2});
        module_check_point(&module, &env);
    }
}

/* Beyond any second-level cache; the largest n would take two GiB. */
static void test_large(void **unused) {
    (void)unused;
    for (int64_t order = 0; order < 2; order++) {
        struct cs_env env = MODULE_ENV(&module, 21, {"n", 300001}, {"fields", 16}, {"order", order});
        module_check_point(&module, &env);
    }
}

/* Each layout is described in place: neighbours of a field lie where the layout says. */
static void test_outputs_describe_the_layouts(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 1, {"n", 1024}, {"fields", 3});
    void *state = module_setup(&module, &env);
    struct cs_output outputs[CS_MAX_OUTPUTS];
    const ptrdiff_t next[] = {64, 4, 4}, next_block[] = {1024, 64, 1024}, next_field[] = {4, 0, 64};
    for (size_t v = 0; v < 3; v++) {
        assert_int_equal(module_outputs(&module, state, v, outputs), 3);
        assert_int_equal(outputs[2].count, 1024);
        assert_int_equal(output_element(&outputs[0], 1) - output_element(&outputs[0], 0), next[v]);
        assert_int_equal(output_element(&outputs[0], 16) - output_element(&outputs[0], 0), next_block[v]);
        if (next_field[v])
            assert_int_equal(output_element(&outputs[1], 0) - output_element(&outputs[0], 0), next_field[v]);
        for (size_t j = 0; j < 3 && v != AOS; j++)
            assert_int_equal((uintptr_t)outputs[j].data % 64, 0);
    }
    assert_int_equal((uintptr_t)outputs[0].data % 64, 0);
    module_teardown(&module, state);
}

/* A second run without a reset adds the steps again, so its answer is another; reset puts the inputs back. */
static void test_reset(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 8, {"n", 1025}, {"fields", 5});
    void *state = module_setup(&module, &env);
    for (size_t v = 0; v < module_variants(&module); v++) {
        struct cs_mismatch mismatch;
        struct answer once = module_answer(&module, state, v);
        module.kernel->variants[v].run(state);
        struct answer twice = module_read_answer(&module, state, v);
        assert_false(answers_agree(&twice, &once, 0));
        assert_false(module_check_passes(&module, state, v, &mismatch));
        module_reset(&module, state);
        assert_false(module_check_passes(&module, state, v, &mismatch)); /* inputs are not the answer */
        module.kernel->variants[v].run(state);
        module_check(&module, state, v);
        answer_free(&once);
        answer_free(&twice);
    }
    module_teardown(&module, state);
}

/* A variant that touches a field beyond those it was asked for is wrong too. */
static void test_check_refuses_touched_neighbours(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 6, {"n", 1024}, {"fields", 2});
    void *state = module_setup(&module, &env);
    const size_t next_field[] = {4, 0, 64, 4}; /* aos, soa (measured), aosoa, gathered */
    for (size_t v = 0; v < module_variants(&module); v++) {
        struct cs_output outputs[CS_MAX_OUTPUTS];
        struct cs_mismatch mismatch;
        module_run(&module, state, v);
        size_t count = module_outputs(&module, state, v, outputs);
        assert_int_equal(count, 2);
        size_t distance =
            next_field[v] ? next_field[v] : (size_t)((char *)outputs[1].data - (char *)outputs[0].data);
        unsigned char *neighbour = &output_element(&outputs[1], 700)[distance];
        *neighbour ^= 1;
        assert_false(module_check_passes(&module, state, v, &mismatch));
        assert_string_equal(mismatch.output, "field[2]");
        assert_int_equal(mismatch.index, 700);
        *neighbour ^=
            1; /* two variants share their structs, and reset leaves fields alone that no run touches */
    }
    module_teardown(&module, state);
}

static void test_work(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 6, {"n", 5000}, {"fields", 3});
    void *state = module_setup(&module, &env);
    struct cs_work work = module_work(&module, state);
    assert_true(work.items == 5000 && work.bytes == 5000 * 3 * 8 && work.flops == 5000 * 3);
    module_teardown(&module, state);
}

int main(void) {
    module_load(&module, "particles");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants_agree), cmocka_unit_test(test_many_seeds),
        cmocka_unit_test(test_large),          cmocka_unit_test(test_outputs_describe_the_layouts),
        cmocka_unit_test(test_reset),          cmocka_unit_test(test_check_refuses_touched_neighbours),
        cmocka_unit_test(test_work),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed ? 1 : 0;
}
