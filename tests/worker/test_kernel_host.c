#include "worker/kernel_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

struct refusal {
    jmp_buf back;
    const char *name;
    size_t bytes;
};

static void refuse(void *context, const char *name, size_t bytes) {
    struct refusal *refusal = context;
    refusal->name = name;
    refusal->bytes = bytes;
    longjmp(refusal->back, 1);
}

static struct refusal refusal;
static struct kernel_host host;
static const struct cs_env env = {.host = &host.functions};

static int start(void **unused) {
    (void)unused;
    kernel_host_start(&host, refuse, &refusal);
    return 0;
}

static int end(void **unused) {
    (void)unused;
    kernel_host_end(&host);
    return host.bytes || host.blocks || host.recorders;
}

static void arrays_are_aligned_zero_and_counted(void **unused) {
    (void)unused;
    /* Memory that was used before, which the heap gives again. */
    void *used = malloc(3000);
    memset(used, 0xff, 3000);
    free(used);
    uint32_t *words = cs_array(&env, "words", 750, uint32_t);
    unsigned char *page = cs_aligned_array(&env, "page", 100, unsigned char, 4096);
    assert_int_equal((uintptr_t)words % CS_LINE, 0);
    assert_int_equal((uintptr_t)page % 4096, 0);
    for (size_t i = 0; i < 750; i++)
        assert_int_equal(words[i], 0);
    assert_int_equal(host.bytes, 3100);
    assert_non_null(cs_array(&env, "nothing", 0, uint64_t));
    assert_int_equal(host.bytes, 3100);
}

static void an_array_is_given_back_early(void **unused) {
    (void)unused;
    char *first = cs_array(&env, "first", 10, char), *second = cs_array(&env, "second", 20, char);
    char *third = cs_array(&env, "third", 40, char);
    cs_free(&env, second);
    cs_free(&env, NULL);
    assert_int_equal(host.bytes, 50);
    cs_free(&env, first);
    cs_free(&env, third);
    assert_int_equal(host.bytes, 0);
}

static void assert_refused(size_t count, size_t size, size_t bytes) {
    refusal = (struct refusal){.bytes = 0};
    if (setjmp(refusal.back) == 0) {
        cs_allocate(&env, "giant", count, size, CS_LINE);
        fail_msg("%zu elements of %zu bytes were given", count, size);
    }
    assert_string_equal(refusal.name, "giant");
    assert_int_equal(refusal.bytes, bytes);
    assert_int_equal(host.bytes, 0);
}

static void no_memory_is_said_once(void **unused) {
    (void)unused;
#if defined(__SANITIZE_ADDRESS__)
    print_message("skipped: AddressSanitizer ends the program itself\n");
    skip();
#endif
    assert_refused(SIZE_MAX / 8, 4, SIZE_MAX / 8 * 4);
    /* A product that does not fit: never the few bytes that are left of it. */
    assert_refused(SIZE_MAX / 4 + 2, 4, SIZE_MAX);
}

static void a_state_is_zero_and_aligned(void **unused) {
    (void)unused;
    const struct cs_kernel kernel = {.state_size = 1000};
    char *used = malloc(1000);
    memset(used, 0xff, 1000);
    free(used);
    char *state = kernel_host_make_state(&kernel);
    assert_non_null(state);
    assert_int_equal((uintptr_t)state % CS_LINE, 0);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(state[i], 0);
    free(state);
}

/* Off as long as nobody asks, and its memory is no array of the kernel's. */
static void a_recorder_records_while_it_is_on(void **unused) {
    (void)unused;
    static const struct sample_clock clocks[] = {{.tsc = false}, {.tsc = true}};
    struct cs_recorder *recorder = cs_recorder(&env, 2), *other = cs_recorder(&env, 0);
    assert_int_equal(host.bytes, 0);
    assert_int_equal(cs_begin(recorder), 0);
    cs_end(recorder, 0);
    assert_int_equal(recorder->count, 0);
    for (size_t i = 0; i < 2; i++) {
#if !defined(__x86_64__)
        if (clocks[i].tsc)
            break;
#endif
        kernel_host_record(&host, &clocks[i]);
        assert_int_equal(recorder->count, 0);
        uint64_t before = sample_clock_now(&clocks[i]), begun = cs_begin(recorder);
        assert_true(begun >= before);
        for (int item = 0; item < 3; item++)
            cs_end(recorder, begun);
        uint64_t whole = sample_clock_now(&clocks[i]) - before;
        assert_true(recorder->ticks[0] <= recorder->ticks[1] && recorder->ticks[1] <= whole);
        assert_int_equal(recorder->count, 3); /* one too many, and told so */
        assert_int_equal(other->count, 0);
        kernel_host_record(&host, NULL);
        assert_int_equal(recorder->count, 0);
        assert_int_equal(cs_begin(recorder), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_are_aligned_zero_and_counted, start, end),
        cmocka_unit_test_setup_teardown(an_array_is_given_back_early, start, end),
        cmocka_unit_test_setup_teardown(no_memory_is_said_once, start, end),
        cmocka_unit_test(a_state_is_zero_and_aligned),
        cmocka_unit_test_setup_teardown(a_recorder_records_while_it_is_on, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
