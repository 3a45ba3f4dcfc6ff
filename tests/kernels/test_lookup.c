#include "module.h"

static struct module module;

static void test_variants_agree(void **unused) {
    (void)unused;
    const int64_t sizes[] = {4, 5, 7, 8, 15, 16, 17, 31, 33, 100, 1000, 1023, 1024, 4096, 4097, 30000};
    const int64_t hits[] = {0, 1, 50, 99, 100};
    for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++)
        for (size_t hit = 0; hit < sizeof hits / sizeof *hits; hit++) {
            struct cs_env env = MODULE_ENV(&module, 1000 * n + hit, {"n", sizes[n]}, {"hit", hits[hit]});
            module_check_point(&module, &env);
        }
}

static void test_many_seeds(void **unused) {
    (void)unused;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct cs_env env =
            MODULE_ENV(&module, seed * UINT64_C(0x0123456789abcdef), {"n", 4 + (int64_t)seed}, {"hit", 70});
        module_check_point(&module, &env);
    }
}

static void test_largest(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 7, {"n", 4194304}, {"hit", 50});
    module_check_point(&module, &env);
    env = MODULE_ENV(&module, 7, {"n", 4194304}, {"hit", 50}, {"queries", 64});
    module_check_point(&module, &env);
}

/* Every id and many that are absent, not only the first window: runs without a reset move on through the
 * pool. */
static void test_all_windows(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 11, {"n", 100}, {"hit", 60});
    for (size_t v = 0; v < module_variants(&module); v++) {
        void *state = module_setup(&module, &env);
        struct answer first = module_answer(&module, state, v);
        size_t found[100] = {0}, missing = 0, windows = 0;
        struct answer answer;
        do {
            module_poison(&module, state, v, 0xa5);
            module.kernel->variants[v].run(state);
            module_check(&module, state, v);
            answer = module_read_answer(&module, state, v);
            for (size_t i = 0; i < answer.outputs[0].count; i++) {
                uint32_t index = ((uint32_t *)answer.outputs[0].data)[i];
                if (index == UINT32_MAX)
                    missing++;
                else
                    found[index]++;
            }
            windows++;
            int round = answers_agree(&answer, &first, 0);
            answer_free(&answer);
            if (round)
                break;
        } while (windows < 1000);
        assert_int_equal(windows, 256);             /* 262144 queries, 1024 a window */
        assert_int_equal(missing, 262144 - 157286); /* 60 %: 157286.4 hits */
        for (size_t i = 0; i < 100; i++)
            assert_in_range(found[i], 1400, 1750);
        answer_free(&first);
        module_teardown(&module, state);
    }
}

/* The share of hits holds even where a window is a single query. */
static void test_hit_rate_of_single_queries(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 3, {"n", 64}, {"hit", 25}, {"queries", 1});
    void *state = module_setup(&module, &env);
    size_t variant = module_variant(&module, "hash"), hits = 0;
    for (size_t i = 0; i < 400; i++) {
        module.kernel->variants[variant].run(state);
        struct answer answer = module_read_answer(&module, state, variant);
        hits += answer_value(&answer, 0, 0) < UINT32_MAX;
        answer_free(&answer);
    }
    assert_int_equal(hits, 100);
    module_teardown(&module, state);
}

static void test_window_sizes(void **unused) {
    (void)unused;
    const struct {
        int64_t n, queries;
        double items;
    } points[] = {{4, 0, 1024},     {4096, 0, 1024},      {65536, 0, 64}, {4194304, 0, 1},
                  {64, 1000, 1000}, {1024, 65536, 65536}, {3000, 0, 1024}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct cs_env env = MODULE_ENV(&module, i, {"n", points[i].n}, {"queries", points[i].queries});
        void *state = module_setup(&module, &env);
        struct cs_work work = module_work(&module, state);
        assert_true(work.items == points[i].items);
        struct answer answer = module_answer(&module, state, 1);
        assert_true((double)answer.outputs[0].count == points[i].items);
        answer_free(&answer);
        module_check(&module, state, 1);
        module_teardown(&module, state);
    }
}

int main(void) {
    module_load(&module, "lookup");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants_agree),
        cmocka_unit_test(test_many_seeds),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_all_windows),
        cmocka_unit_test(test_hit_rate_of_single_queries),
        cmocka_unit_test(test_window_sizes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed ? 1 : 0;
}
