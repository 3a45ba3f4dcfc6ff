#include "module.h"
#include "scratch.h"

static struct module module;

static struct cs_env point(uint64_t seed, const char *op, int64_t n, int64_t threads) {
    return MODULE_ENV(&module, seed, {"op", module_choice(&module, "op", op)}, {"n", n},
                      {"threads", threads});
}

static void every_variant_gives_the_answer_of_the_seed(void **unused) {
    (void)unused;
    const char *const ops[] = {"reduce", "map"};
    /* 65536 is where `guarded` starts to use threads. */
    const int64_t sizes[] = {1, 2, 3, 7, 64, 1000, 1024, 65535, 65536, 65537, 300001};
    uint64_t seed = 1;
    for (size_t o = 0; o < 2; o++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (int64_t threads = 1; threads <= 5; threads++) {
                struct cs_env env = point(seed++, ops[o], sizes[s], threads);
                module_check_point(&module, &env);
            }
}

static void largest_point(void **unused) {
    (void)unused;
    struct cs_env env = point(UINT64_MAX, "reduce", 1 << 26, 2);
    module_check_point(&module, &env);
}

/* The first word of seed 21 and its image by the definitions of xoshiro256++ and SplitMix64's finalizer,
 * worked out apart from this code with Python's integers. */
static void map_is_the_published_function(void **unused) {
    (void)unused;
    struct cs_random random = cs_random_seed(21);
    struct cs_env env = point(21, "map", 1, 1);
    void *state = module_setup(&module, &env);
    struct answer answer = module_answer(&module, state, 0);
    assert_int_equal(cs_random_u64(&random), 0xd6abdc637c3ee14eu);
    assert_int_equal(*(const uint64_t *)answer.outputs[0].data, 0x61495f319ca426c9u);
    answer_free(&answer);
    module_teardown(&module, state);
}

/* Threads stay in the runtime's pool after a run, so they can be counted; the serial variant starts none. */
static void as_many_threads_as_asked_for(void **unused) {
    (void)unused;
    struct cs_env env = point(4, "reduce", 100000, 6);
    void *state = module_setup(&module, &env);
    module.kernel->variants[module_variant(&module, "openmp")].run(state);
    assert_in_range(folder_entries("/proc/self/task", NULL), 6, 64);
    module_teardown(&module, state);
}

static void only_variants_with_threads_are_marked_parallel(void **unused) {
    (void)unused;
    assert_false(module.kernel->variants[module_variant(&module, "serial")].flags & CS_PARALLEL);
    assert_true(module.kernel->variants[module_variant(&module, "openmp")].flags & CS_PARALLEL);
    assert_true(module.kernel->variants[module_variant(&module, "guarded")].flags & CS_PARALLEL);
}

/*
 * dlclose must leave the module and its OpenMP runtime where they are: idle threads of the pool wait in its
 * code, and would wake up on pages that are gone.
 */
static void threads_outlive_the_module(void **unused) {
    (void)unused;
    char path[4096];
    struct cs_env env = point(6, "reduce", 100000, 4);
    void *state = module_setup(&module, &env);
    module.kernel->variants[module_variant(&module, "openmp")].run(state);
    module_teardown(&module, state);
    snprintf(path, sizeof path, "%s/lib/countersign/kernels/reduce.portable.so", TEST_BUILD);
    module_unload(&module);
    void *resident = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(resident);
    dlclose(resident);
    module_load(&module, "reduce");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_gives_the_answer_of_the_seed),
        cmocka_unit_test(largest_point),
        cmocka_unit_test(map_is_the_published_function),
        cmocka_unit_test(as_many_threads_as_asked_for),
        cmocka_unit_test(only_variants_with_threads_are_marked_parallel),
        cmocka_unit_test(threads_outlive_the_module),
    };
    module_load(&module, "reduce");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
