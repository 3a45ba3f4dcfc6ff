#include "module.h"
#include "scratch.h"

static struct module module;

static void every_variant_writes_the_records_of_the_seed(void **unused) {
    (void)unused;
    const int64_t sizes[] = {16, 17, 63, 64, 1000, 4095};
    const int64_t batches[] = {1, 3, 255, 512, 513, 1025};
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

/* Reads the file back and expects the check to refuse it, for `output`, at `index`. */
static void assert_refused(void *state, size_t variant, const char *output, size_t index) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    struct cs_mismatch mismatch;
    module_outputs(&module, state, variant, outputs);
    assert_false(module_check_passes(&module, state, variant, &mismatch));
    assert_string_equal(mismatch.output, output);
    assert_int_equal(mismatch.index, index);
}

static void flip_bit(const char *path, long offset) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_not_equal(byte, EOF);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void a_wrong_file_is_refused(void **unused) {
    (void)unused;
    enum { SIZE = 24, BYTES = 512 * SIZE };
    const long places[] = {0, BYTES / 2 + 5, BYTES - 1};
    char path[4096];
    struct cs_env env = MODULE_ENV(&module, 7, {"size", SIZE}, {"batch", 5});
    void *state = module_setup(&module, &env);
    assert_int_equal(folder_entries(module.scratch, path), 1);
    for (size_t v = 0; v < module_variants(&module); v++) {
        module_run(&module, state, v);
        for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
            flip_bit(path, places[p]);
            assert_refused(state, v, "file", (size_t)places[p]);
            flip_bit(path, places[p]);
        }
        assert_int_equal(truncate(path, BYTES + 1), 0);
        assert_refused(state, v, "file size", 0);
        assert_int_equal(truncate(path, BYTES - 1), 0);
        assert_refused(state, v, "file size", 0);
        struct answer answer = module_answer(&module, state, v);
        module_check(&module, state, v);
        answer_free(&answer);
    }
    module_teardown(&module, state);
}

/* poison must leave nothing right: a variant that writes nothing, or leaves a record out, is found. */
static void poison_spoils_every_byte(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 8, {"size", 40}, {"batch", 9});
    void *state = module_setup(&module, &env);
    struct answer right = module_answer(&module, state, 1);
    assert_int_equal(module.kernel->poison(state, 1), 0);
    struct answer spoiled = module_read_answer(&module, state, 1);
    assert_int_equal(spoiled.outputs[0].count, right.outputs[0].count);
    for (size_t i = 0; i < right.outputs[0].count; i++)
        assert_int_not_equal(spoiled.outputs[0].data[i], right.outputs[0].data[i]);
    assert_refused(state, 1, "file", 0);
    answer_free(&right);
    answer_free(&spoiled);
    module_teardown(&module, state);
}

/* A disk that is full in the middle of a run: every variant reports it, and is whole again when there is
 * room. */
static void a_run_that_cannot_write_is_an_error(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 9, {"size", 64}, {"batch", 100});
    void *state = module_setup(&module, &env);
    for (size_t v = 0; v < module_variants(&module); v++) {
        module_poison(&module, state, v, 0xa5);
        module_reset(&module, state);
        rlim_t bytes = set_file_limit(64 * 512 - 20);
        module.kernel->variants[v].run(state);
        set_file_limit(bytes);
        assert_int_equal(module_status(&module, state, v), -EFBIG);
        module_reset(&module, state);
        struct answer answer = module_answer(&module, state, v);
        module_check(&module, state, v);
        answer_free(&answer);
    }
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

/* 512 records of 16 bytes in batches of 100: what the case predicts of the counter, counted. */
static void a_batch_is_one_system_call(void **unused) {
    (void)unused;
    uint64_t reads, writes;
    struct cs_env env = MODULE_ENV(&module, 6, {"size", 16}, {"batch", 100});
    void *state = module_setup(&module, &env);
    count_system_calls(&module, state, "per-record", &reads, &writes);
    assert_int_equal(writes, 512);
    const char *const batched[] = {"batched", "pwrite", "pwritev"};
    for (size_t i = 0; i < sizeof batched / sizeof *batched; i++) {
        count_system_calls(&module, state, batched[i], &reads, &writes);
        assert_int_equal(writes, 6);
        assert_int_equal(reads, 0);
    }
    count_system_calls(&module, state, "stdio", &reads, &writes);
    assert_in_range(writes, 1, 16);
    module_teardown(&module, state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_writes_the_records_of_the_seed),
        cmocka_unit_test(largest_point),
        cmocka_unit_test(a_wrong_file_is_refused),
        cmocka_unit_test(poison_spoils_every_byte),
        cmocka_unit_test(a_run_that_cannot_write_is_an_error),
        cmocka_unit_test(setup_says_why_it_failed),
        cmocka_unit_test(a_batch_is_one_system_call),
    };
    module_load(&module, "records-write");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
