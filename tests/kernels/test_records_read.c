#include "module.h"
#include "scratch.h"

static struct module module;

static void every_variant_gives_the_checksums_of_the_seed(void **unused) {
    (void)unused;
    const int64_t sizes[] = {16, 17, 63, 64, 1000, 4095};
    const int64_t batches[] = {1, 2, 3, 255, 1000, 1024, 1025};
    uint64_t seed = 1;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
            struct cs_env env = MODULE_ENV(&module, seed++, {"size", sizes[s]}, {"batch", batches[b]});
            module_check_point(&module, &env);
        }
}

static void largest_point(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, UINT64_MAX, {"size", 4096}, {"batch", 4096});
    module_check_point(&module, &env);
}

/* The byte that `check` does not see through the state: the file is what the variants read. */
static void a_changed_file_changes_every_answer(void **unused) {
    (void)unused;
    char path[4096];
    struct cs_env env = MODULE_ENV(&module, 11, {"size", 48}, {"batch", 10});
    void *state = module_setup(&module, &env);
    assert_int_equal(folder_entries(module.scratch, path), 1);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 48 * 500 + 47, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, 48 * 500 + 47, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 0x80, file), EOF);
    assert_int_equal(fclose(file), 0);
    for (size_t v = 0; v < module_variants(&module); v++) {
        struct cs_mismatch mismatch;
        module_run(&module, state, v);
        assert_false(module_check_passes(&module, state, v, &mismatch));
        assert_int_equal(mismatch.index, 500);
    }
    module_teardown(&module, state);
}

/* mmap is left out: beyond the end of its file a mapping raises SIGBUS, which ends the worker and so the
 * comparison. */
static void a_file_that_ends_early_is_an_error(void **unused) {
    (void)unused;
    const char *const variants[] = {"per-record", "batched", "stdio", "pread", "preadv"};
    char path[4096];
    struct cs_env env = MODULE_ENV(&module, 12, {"size", 64}, {"batch", 100});
    void *state = module_setup(&module, &env);
    assert_int_equal(folder_entries(module.scratch, path), 1);
    assert_int_equal(truncate(path, 64 * 1024 - 1), 0);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        module_reset(&module, state);
        module.kernel->variants[module_variant(&module, variants[i])].run(state);
        assert_int_equal(module_status(&module, state, 0), -EIO);
    }
    module_reset(&module, state);
    module_teardown(&module, state);
}

static void setup_says_why_it_failed(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 1, {"size", 256}, {"batch", 16});
    rlim_t files = leave_one_descriptor();
    void *state = NULL;
    assert_int_equal(module_try_setup(&module, &env, &state), 0);
    int status = module_try_prepare(&module, &env, module_variant(&module, "stdio"));
    set_limit(RLIMIT_NOFILE, files);
    assert_int_equal(status, -EMFILE);
    assert_non_null(strstr(module.reason, "Too many open files"));
    module.kernel->teardown(state);
    module_forget(&module, state);
    assert_int_equal(folder_entries(module.scratch, NULL), 0);

    rlim_t bytes = set_file_limit(100000);
    assert_setup_fails(&module, &env, EFBIG, module.scratch);
    set_file_limit(bytes);

    env.scratch = "/nonexistent/folder";
    assert_setup_fails(&module, &env, ENOENT, "/nonexistent/folder");
}

/* 1024 records of 16 bytes in batches of 100: what the case predicts of the counter, counted. */
static void a_batch_is_one_system_call(void **unused) {
    (void)unused;
    uint64_t reads, writes;
    struct cs_env env = MODULE_ENV(&module, 6, {"size", 16}, {"batch", 100});
    void *state = module_setup(&module, &env);
    count_system_calls(&module, state, "per-record", &reads, &writes);
    assert_int_equal(reads, 1024);
    const char *const batched[] = {"batched", "pread", "preadv"};
    for (size_t i = 0; i < sizeof batched / sizeof *batched; i++) {
        count_system_calls(&module, state, batched[i], &reads, &writes);
        assert_int_equal(reads, 11);
        assert_int_equal(writes, 0);
    }
    count_system_calls(&module, state, "mmap", &reads, &writes);
    assert_int_equal(reads, 0);
    count_system_calls(&module, state, "stdio", &reads, &writes);
    assert_in_range(reads, 1, 32);
    module_teardown(&module, state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_gives_the_checksums_of_the_seed),
        cmocka_unit_test(largest_point),
        cmocka_unit_test(a_changed_file_changes_every_answer),
        cmocka_unit_test(a_file_that_ends_early_is_an_error),
        cmocka_unit_test(setup_says_why_it_failed),
        cmocka_unit_test(a_batch_is_one_system_call),
    };
    module_load(&module, "records-read");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
