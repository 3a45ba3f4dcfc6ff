#include "worker/kernel_host.h"

#include <math.h>
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

/* What the functions below are asked of, and whose parameters are found by name. */
const struct cs_kernel cs_kernel = {
    CS_KERNEL("made", "item", "said by setup"),
    .parameters = {CS_NUMBER("n", "items", 1, 100, 7, "items"),
                   CS_CHOICE("order", 1, "of items", "up", "down")},
    .variants = {CS_VARIANT("only", NULL, "none", .flags = CS_IO)},
    .counters = {CS_COUNTER("first", "thing"), CS_COUNTER("second", "thing")},
    CS_STATE(uint64_t, NULL),
};

static void a_descriptor_says_what_its_rows_say(void **unused) {
    (void)unused;
    const struct cs_parameter *n = &cs_kernel.parameters[0], *order = &cs_kernel.parameters[1];
    assert_string_equal(cs_kernel.name, "made");
    assert_string_equal(cs_kernel.item, "item");
    assert_string_equal(cs_kernel.summary, "said by setup");
    assert_int_equal(cs_kernel.abi, CS_ABI);
    assert_int_equal(cs_kernel.state_size, 8);
    assert_string_equal(n->unit, "items");
    assert_true(n->min == 1 && n->max == 100 && n->def == 7 && !n->choices);
    assert_string_equal(order->choices[1], "down");
    assert_null(order->choices[2]);
    assert_int_equal(order->def, 1);
    assert_string_equal(cs_kernel.variants[0].summary, "none");
    assert_int_equal(cs_kernel.variants[0].flags, CS_IO);
    assert_string_equal(cs_kernel.counters[1].name, "second");
    struct cs_env own = env;
    own.value[1] = 42;
    assert_int_equal(cs_value(&own, "order"), 42);
    assert_int_equal(cs_size(&own, "n"), 0);
}

/* The answers of a variant, of which there must be `count`. */
static const struct cs_output *read_outputs(const struct cs_kernel *kernel, int status, size_t count) {
    static struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t found = 99;
    assert_int_equal(kernel_host_outputs(&host, kernel, NULL, 1, outputs, &found), status);
    assert_int_equal(found, count);
    return outputs;
}

static void setup_says_where_answers_lie(void **unused) {
    (void)unused;
    struct row {
        uint8_t other;
        int64_t value;
    } rows[3];
    float reals[4];
    int32_t numbers[2][2];
    uint32_t *words = cs_answer(&env, "words", 5, uint32_t);
    cs_output(&env, "reals", reals, 4);
    cs_output(&env, "nothing", reals, 0);
    cs_output(&env, "numbers", numbers[1], 2);
    cs_field(&env, "values", rows, 3, value);
    cs_add_output(&env, (struct cs_output){.name = "blocks", .data = rows, .count = 8, .block = 4});
    cs_work(&env, (size_t)12, 34);
    struct problem problem = {""};
    assert_int_equal(kernel_host_settle(&host, &cs_kernel, &problem), 0);
    const struct cs_output *outputs = read_outputs(&cs_kernel, 0, 5);
    assert_string_equal(outputs[0].name, "words");
    assert_ptr_equal(outputs[0].data, words);
    assert_true(outputs[0].count == 5 && outputs[0].type == CS_U32 && outputs[0].stride == 0);
    assert_true(outputs[1].type == CS_F32 && outputs[2].type == CS_I32 && outputs[3].type == CS_I64);
    assert_ptr_equal(outputs[2].data, numbers[1]);
    assert_ptr_equal(outputs[3].data, &rows[0].value);
    assert_int_equal(outputs[3].stride, sizeof(struct row));
    assert_int_equal(outputs[4].block, 4);
    struct cs_work work = kernel_host_work(&host, &cs_kernel, NULL);
    assert_true(work.items == 12 && work.bytes == 34 && work.flops == 0);
}

static int add_one(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)state;
    outputs[(*count)++] = (struct cs_output){.name = "added", .count = variant};
    return 0;
}
static void fill_work(const void *state, struct cs_work *work) {
    (void)state;
    work->flops = 2 * work->items;
}
static void count_second(const void *state, uint64_t *values) {
    (void)state;
    values[1] = 5;
}
static void reset_state(void *state) {
    *(int *)state += 1;
}

/* What depends on the variant, or on the run, stands behind what setup said. */
static void functions_go_on_where_setup_ends(void **unused) {
    (void)unused;
    struct cs_kernel kernel = cs_kernel;
    uint64_t total = 3, values[CS_MAX_COUNTERS] = {0};
    size_t next = 4;
    int error = 0, resets = 0;
    kernel.outputs = add_one, kernel.work = fill_work, kernel.count = count_second,
    kernel.reset = reset_state;
    cs_output(&env, "total", &total, 1);
    cs_work(&env, 8, 0);
    cs_count(&env, "first", &total);
    cs_rewind(&env, &next);
    cs_run_error(&env, &error);
    struct problem problem = {""};
    assert_int_equal(kernel_host_settle(&host, &kernel, &problem), 0);
    const struct cs_output *outputs = read_outputs(&kernel, 0, 2);
    assert_true(outputs[0].type == CS_U64 && outputs[1].count == 1);
    assert_true(kernel_host_work(&host, &kernel, NULL).flops == 16);
    assert_true(kernel_host_counts(&host, &kernel));
    kernel_host_count(&host, &kernel, NULL, values);
    assert_true(values[0] == 3 && values[1] == 5);
    error = EIO;
    read_outputs(&kernel, -EIO, 2);
    error = -ENOSPC;
    read_outputs(&kernel, -ENOSPC, 2);
    kernel_host_reset_each(&host, &kernel, &resets);
    assert_true(next == 0 && error == -ENOSPC && resets == 1);
    next = 6;
    kernel_host_reset(&host, &kernel, &resets);
    assert_true(next == 0 && error == 0 && resets == 2);
}

static void assert_not_settled(const struct cs_kernel *kernel, const char *words) {
    struct problem problem = {""};
    assert_int_equal(kernel_host_settle(&host, kernel, &problem), -EINVAL);
    if (!strstr(problem.text, words))
        fail_msg("'%s' does not say '%s'", problem.text, words);
    kernel_host_end(&host);
    kernel_host_start(&host, refuse, &refusal);
}

static void say_answer_and_work(uint64_t *total) {
    cs_output(&env, "total", total, 1);
    cs_work(&env, 1, 0);
}

static void what_setup_cannot_say_is_refused_in_words(void **unused) {
    (void)unused;
    struct cs_kernel kernel = cs_kernel;
    uint64_t total = 0;
    kernel.counters[0].name = NULL;
    cs_work(&env, 1, 0);
    assert_not_settled(&kernel, "no answer to verify: call cs_output in setup");
    cs_output(&env, "total", &total, 1);
    assert_not_settled(&kernel, "call cs_work in setup");
    say_answer_and_work(&total);
    for (int i = 0; i < CS_MAX_OUTPUTS; i++)
        cs_output(&env, "total", &total, 1);
    assert_not_settled(&kernel, "cs_output was called more than 16 times");
    say_answer_and_work(&total);
    cs_count(&env, "third", &total);
    assert_not_settled(&cs_kernel, "cs_count names third, which is none of");
    say_answer_and_work(&total);
    cs_count(&env, "first", &total);
    assert_not_settled(&cs_kernel, "nothing counts second");
    say_answer_and_work(&total);
    cs_count(&env, "first", &total);
    cs_count(&env, "first", &total);
    assert_not_settled(&cs_kernel, "names first, which it has named before");
    say_answer_and_work(&total);
    struct problem problem = {""};
    assert_int_equal(kernel_host_settle(&host, &kernel, &problem), 0);
    cs_output(&env, "late", &total, 1);
    assert_string_equal(host.fault.text, "cs_output was called after setup, which alone may");
    read_outputs(&kernel, 0, 1);
}

static void an_expectation_notes_the_first_that_differs(void **unused) {
    (void)unused;
    struct cs_mismatch mismatch = {0};
    uint32_t words[] = {7, UINT32_MAX};
    for (size_t i = 0; i < 2; i++)
        cs_expect(&mismatch, "words", i, words[i], i == 0 ? 7 : UINT64_C(0x1ffffffff));
    assert_string_equal(mismatch.output, "words");
    assert_int_equal(mismatch.index, 1);
    assert_string_equal(mismatch.got, "4294967295");
    assert_string_equal(mismatch.expected, "8589934591");
    cs_expect(&mismatch, "later", 9, 1, 2);
    assert_string_equal(mismatch.output, "words");
    mismatch = (struct cs_mismatch){0};
    cs_expect(&mismatch, "same", 0, 0.5, 0.5);
    cs_expect(&mismatch, "same", 0, (int64_t)-3, -3);
    assert_null(mismatch.output);
    cs_expect(&mismatch, "signed", 0, (int8_t)-3, 3);
    assert_string_equal(mismatch.got, "-3");
    mismatch = (struct cs_mismatch){0};
    cs_expect(&mismatch, "real", 0, 0.1f, (double)NAN);
    assert_string_equal(mismatch.got, "0.10000000149011612");
}

static void inputs_are_whole_windows(void **unused) {
    (void)unused;
    size_t next = 3;
    assert_int_equal(cs_windows(&env, &next, 100, 7), 105);
    assert_int_equal(cs_windows(&env, &next, 98, 7), 98);
    assert_int_equal(cs_windows(&env, &next, 0, 7), 7);
    kernel_host_reset(&host, &cs_kernel, NULL);
    assert_int_equal(next, 0);
}

static void orders_and_fillings_are_the_generators(void **unused) {
    (void)unused;
    struct cs_random first = cs_random_seed(5), second = cs_random_seed(5);
    uint32_t words[3], order[100];
    uint64_t longs[2], seen[100] = {0};
    cs_random_fill(&first, words, 3);
    cs_random_fill(&first, longs, 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(words[i], (uint32_t)cs_random_u64(&second));
    for (int i = 0; i < 2; i++)
        assert_true(longs[i] == cs_random_u64(&second));
    cs_random_order(&first, order, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(seen[order[i]]++, 0);
}

static void a_path_in_scratch_is_whole(void **unused) {
    (void)unused;
    struct cs_env own = env;
    own.scratch = "/tmp/x";
    assert_string_equal(cs_scratch_path(&own, "tenant%02d.conf", 7), "/tmp/x/tenant07.conf");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_are_aligned_zero_and_counted, start, end),
        cmocka_unit_test_setup_teardown(an_array_is_given_back_early, start, end),
        cmocka_unit_test_setup_teardown(no_memory_is_said_once, start, end),
        cmocka_unit_test(a_state_is_zero_and_aligned),
        cmocka_unit_test(a_descriptor_says_what_its_rows_say),
        cmocka_unit_test_setup_teardown(setup_says_where_answers_lie, start, end),
        cmocka_unit_test_setup_teardown(functions_go_on_where_setup_ends, start, end),
        cmocka_unit_test_setup_teardown(what_setup_cannot_say_is_refused_in_words, start, end),
        cmocka_unit_test(an_expectation_notes_the_first_that_differs),
        cmocka_unit_test_setup_teardown(inputs_are_whole_windows, start, end),
        cmocka_unit_test(orders_and_fillings_are_the_generators),
        cmocka_unit_test_setup_teardown(a_path_in_scratch_is_whole, start, end),
        cmocka_unit_test_setup_teardown(a_recorder_records_while_it_is_on, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
