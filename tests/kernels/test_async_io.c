/* async-io where io_uring is refused, where there is no disk, and where a file ends before a block does. */
#include "module.h"
#include "scratch.h"
#include "uring.h"

#include <sys/vfs.h>

static struct module module;

static void where_io_uring_is_refused_its_variants_are_left_out(void **unused) {
    (void)unused;
    assert_left_out_where_refused(&module, "uring");
    assert_left_out_where_refused(&module, "uring-fixed");
}

/* Linux 6.6 and later open files in memory with O_DIRECT as well. */
static void memory_is_no_disk(void **unused) {
    (void)unused;
    struct statfs facts;
    char folder[] = "/dev/shm/async-io.XXXXXX";
    struct cs_env env = MODULE_ENV(&module, 1, {"depth", 2});
    if (statfs("/dev/shm", &facts) != 0 || facts.f_type != 0x01021994 || !mkdtemp(folder)) {
        print_message("skipped: /dev/shm is no tmpfs\n");
        skip();
    }
    env.scratch = folder;
    void *state = NULL;
    int status = module_try_setup(&module, &env, &state);
    size_t left = folder_entries(folder, NULL);
    rmdir(folder);
    assert_int_equal(left, 0);
    assert_true(status == -EOPNOTSUPP || status == -EINVAL);
    assert_non_null(strstr(module.reason, "scratch folder"));
}

static void a_full_disk_is_one_error(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 1, {"depth", 2});
    rlim_t before = set_file_limit(3 << 20);
    assert_setup_fails(&module, &env, EFBIG, "make room");
    set_file_limit(before);
}

/* Of requests that are in flight then every one is waited for: their buffers are written to until they come. */
static void a_file_that_ends_early_is_an_error(void **unused) {
    (void)unused;
    char path[4096];
    struct cs_env env = MODULE_ENV(&module, 1, {"depth", 8}, {"block", 8192});
    void *state = module_setup(&module, &env);
    assert_int_equal(folder_entries(module.scratch, path), 1);
    assert_int_equal(truncate(path, 4096), 0);
    for (size_t v = 0; v < module_variants(&module); v++) {
        struct cs_output outputs[CS_MAX_OUTPUTS];
        size_t count = 0;
        module.kernel->reset(state);
        module.kernel->variants[v].run(state);
        assert_int_equal(module.kernel->outputs(state, v, outputs, &count), -EIO);
    }
    module_teardown(&module, state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_io_uring_is_refused_its_variants_are_left_out),
        cmocka_unit_test(memory_is_no_disk),
        cmocka_unit_test(a_full_disk_is_one_error),
        cmocka_unit_test(a_file_that_ends_early_is_an_error),
    };
    module_load(&module, "async-io");
    struct cs_env env = MODULE_ENV(&module, 1, {"depth", 1});
    void *state = NULL;
    if (module_try_setup(&module, &env, &state) == -EOPNOTSUPP) {
        fprintf(stderr, "skipped: %s\n", module.reason);
        return MODULE_SKIP;
    }
    module.kernel->teardown(state);
    module_forget(&module, state);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed;
}
