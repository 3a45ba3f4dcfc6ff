#include "module.h"
#include "scratch.h"

enum { FSYNCS = 3 }; /* of the kernel's counters */

static struct module module;

static uint64_t fsyncs_of_a_run(void *state, const char *variant) {
    uint64_t before[CS_MAX_COUNTERS], after[CS_MAX_COUNTERS];
    module_count(&module, state, before);
    module.kernel->variants[module_variant(&module, variant)].run(state);
    module_count(&module, state, after);
    return after[FSYNCS] - before[FSYNCS];
}

/* As strace counts fsync and fdatasync of files and folders. The first commit to a log that is new syncs its header. */
static void a_commit_waits_as_its_journal_says(void **unused) {
    (void)unused;
    const struct {
        const char *journal;
        uint64_t syncs;
    } kinds[] = {{"rollback", 4}, {"wal", 1}, {"wal-normal", 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct cs_env env = MODULE_ENV(&module, 1, {"batch", 3}, {"rows", 6},
                                       {"journal", module_choice(&module, "journal", kinds[i].journal)});
        void *state = module_setup(&module, &env);
        fsyncs_of_a_run(state, "per-row");
        assert_int_equal(fsyncs_of_a_run(state, "per-row"), 6 * kinds[i].syncs);
        const char *const batched[] = {"batched", "multi-row", "text"};
        for (size_t v = 0; v < sizeof batched / sizeof *batched; v++)
            assert_int_equal(fsyncs_of_a_run(state, batched[v]), 2 * kinds[i].syncs);
        module_teardown(&module, state);
    }
    assert_int_equal(folder_entries(module.scratch, NULL), 0);
}

/* A disk that is full in the middle of a run: every variant says so, leaves no half of it, and works again with room. */
static void a_run_that_cannot_write_is_an_error(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 2, {"batch", 8}, {"rows", 8});
    void *state = module_setup(&module, &env);
    for (size_t v = 0; v < module_variants(&module); v++) {
        struct cs_mismatch mismatch;
        module_reset(&module, state);
        rlim_t bytes = set_file_limit(4096);
        module.kernel->variants[v].run(state);
        set_file_limit(bytes);
        assert_int_equal(module_status(&module, state, v), -EIO);
        assert_false(module_check_passes(&module, state, v, &mismatch));
        module_reset(&module, state);
        struct answer answer = module_answer(&module, state, v);
        module_check(&module, state, v);
        answer_free(&answer);
    }
    module_teardown(&module, state);
    assert_int_equal(folder_entries(module.scratch, NULL), 0);
}

static void setup_says_why_it_failed(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 3, {"batch", 8});
    rlim_t bytes = set_file_limit(100000);
    assert_setup_fails(&module, &env, EIO, module.scratch);
    set_file_limit(bytes);
    env.scratch = "/nonexistent/folder";
    assert_setup_fails(&module, &env, ENOENT, "/nonexistent/folder");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_waits_as_its_journal_says),
        cmocka_unit_test(a_run_that_cannot_write_is_an_error),
        cmocka_unit_test(setup_says_why_it_failed),
    };
    module_load(&module, "batch-insert");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
