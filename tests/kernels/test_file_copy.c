/* file-copy at the edges of its buffers, where io_uring is refused, and where a file ends before its copy does. */
#include "module.h"
#include "scratch.h"
#include "uring.h"

#define BUFFER_BYTES (128 * 1024)
#define URING_DEPTH 8

static struct module module;

/* One more than are in flight, too. */
static void every_variant_copies_what_fills_no_buffer(void **unused) {
    (void)unused;
    const int64_t sizes[] = {1,
                             BUFFER_BYTES - 1,
                             BUFFER_BYTES,
                             BUFFER_BYTES + 1,
                             URING_DEPTH * BUFFER_BYTES,
                             URING_DEPTH * BUFFER_BYTES + 1,
                             3 * URING_DEPTH * BUFFER_BYTES + 4097};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct cs_env env = MODULE_ENV(&module, s + 1, {"size", sizes[s]});
        module_check_point(&module, &env);
    }
}

static void where_io_uring_is_refused_its_variant_is_left_out(void **unused) {
    (void)unused;
    assert_left_out_where_refused(&module, "uring");
}

static unsigned char byte_at(const char *path, long offset) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_not_equal(byte, EOF);
    fclose(file);
    return (unsigned char)byte;
}

static void find_files(char *from, char *to) {
    glob_t found = {0};
    char pattern[4200];
    snprintf(pattern, sizeof pattern, "%s/*", module.scratch);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 2);
    snprintf(from, 4096, "%s", found.gl_pathv[0]);
    snprintf(to, 4096, "%s", found.gl_pathv[1]);
    assert_non_null(strstr(to, "/to."));
    globfree(&found);
}

/* A read that brings less than was asked for has no write after it, and the run ends with nothing in flight. */
static void a_file_that_ends_early_is_an_error(void **unused) {
    (void)unused;
    enum { SIZE = 20 * BUFFER_BYTES, END = SIZE - BUFFER_BYTES / 2 };
    char from[4096], to[4096];
    struct cs_env env = MODULE_ENV(&module, 3, {"size", SIZE});
    void *state = module_setup(&module, &env);
    size_t uring = module_variant(&module, "uring");
    find_files(from, to);
    unsigned char before = byte_at(to, END - 1), first = byte_at(from, SIZE - BUFFER_BYTES);
    assert_int_equal(truncate(from, END), 0);
    for (int again = 0; again < 3; again++) {
        module_reset(&module, state);
        module.kernel->variants[uring].run(state);
        assert_int_equal(module_status(&module, state, uring), -EIO);
        assert_int_equal(byte_at(to, END - 1), before);
        assert_int_equal(byte_at(to, 0), byte_at(from, 0));
        assert_int_not_equal(byte_at(to, SIZE - BUFFER_BYTES), first);
    }
    module_teardown(&module, state);
}

static void a_full_disk_is_one_error(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 4, {"size", 1 << 20});
    rlim_t before = set_file_limit(1 << 19);
    assert_setup_fails(&module, &env, EFBIG, "make room");
    set_file_limit(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_copies_what_fills_no_buffer),
        cmocka_unit_test(where_io_uring_is_refused_its_variant_is_left_out),
        cmocka_unit_test(a_file_that_ends_early_is_an_error),
        cmocka_unit_test(a_full_disk_is_one_error),
    };
    module_load(&module, "file-copy");
    if (!module.kernel->variants[module_variant(&module, "uring")].supported(module.reason,
                                                                             sizeof module.reason)) {
        fprintf(stderr, "skipped: %s\n", module.reason);
        module_unload(&module);
        return MODULE_SKIP;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
