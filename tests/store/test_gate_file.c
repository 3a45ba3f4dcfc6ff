#include "store/gate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct gate_file file;
static struct problem problem;

static int load(const char *text) {
    char path[] = "/tmp/gate-file-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
    int status = gate_file_load(&file, path, &problem);
    unlink(path);
    return status;
}

static void all_of_it_is_read(void **state) {
    (void)state;
    assert_int_equal(
        load("- of: ./parse big.json\n  max-slowdown: 1.5 %\n  verdict: [faster, equivalent]\n  target: 1.1\n"
             "  memory: 64M\n  counters: {instructions: '<= 1.02', page-faults: '< 1.5'}\n- memory: 4096\n"),
        0);
    const struct gate_expectation *first = &file.expectations[0], *second = &file.expectations[1];
    assert_int_equal(file.count, 2);
    assert_string_equal(first->of, "./parse big.json");
    assert_float_equal(first->max_slowdown, 0.015, 1e-12);
    assert_int_equal(first->verdicts, 1u << VERDICT_FASTER | 1u << VERDICT_EQUIVALENT);
    assert_float_equal(first->target, 1.1, 0);
    assert_float_equal(first->most_memory, 67108864.0, 0);
    assert_int_equal(first->counter_count, 2);
    assert_string_equal(first->counters[0].name, "instructions");
    assert_string_equal(first->counters[0].operator, "<=");
    assert_float_equal(first->counters[0].value, 1.02, 0);
    assert_string_equal(first->counters[1].operator, "<");
    assert_true(isnan(second->max_slowdown) && isnan(second->target));
    assert_float_equal(second->most_memory, 4096, 0);
    assert_int_equal(second->verdicts, 0);
    assert_string_equal(second->of, "");
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } refused[] = {{"memory: 3\n", "list"},
                   {"- memroy: 3\n", "memory"},
                   {"- max-slowdown: 2\n", "percentage"},
                   {"- max-slowdown: x%\n", "percentage"},
                   {"- verdict: quick\n", "quick"},
                   {"- verdict: invalid\n", "faster, slower or equivalent"},
                   {"- target: 0\n", "above 0"},
                   {"- memory: 64X\n", "size"},
                   {"- memory: -1\n", "size"},
                   {"- counters: {instructions: 1.02}\n", "bound"},
                   {"- counters: {instructions: '=< 2'}\n", "bound"},
                   {"- counters: {instructions: '< -1'}\n", "bound"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (load(refused[i].text) == 0)
            fail_msg("'%s' was read", refused[i].text);
        if (!strstr(problem.text, refused[i].part) || !strstr(problem.text, ":1: "))
            fail_msg("'%s': '%s'", refused[i].text, problem.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_of_it_is_read),
                                       cmocka_unit_test(what_makes_no_sense_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
