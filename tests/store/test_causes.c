#include "store/causes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_cause_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < FAULTS; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(arm_fault_name((enum arm_fault)i), arm_fault_name((enum arm_fault)k));
    for (int i = 0; i < SIMULATION_CAUSES; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(simulation_cause_name((enum simulation_cause)i),
                                    simulation_cause_name((enum simulation_cause)k));
}

static void words_of_files_from_before_are_read(void **state) {
    (void)state;
    assert_int_equal(arm_fault_of_words("wrong answer from b: x[1]: got 2, expected 3"), FAULT_WRONG_ANSWER);
    assert_int_equal(arm_fault_of_words("b crashed with SIGSEGV: wrong answer"), FAULT_OTHER);
    static const struct {
        const char *words;
        enum simulation_cause cause;
    } cases[] = {
        {"", SIMULATION_COUNTED},
        {"invalid", SIMULATION_INVALID_ARM},
        {"the baseline again", SIMULATION_BASELINE_AGAIN},
        {"2 threads: Callgrind runs one at a time, so caches and waiting would be others",
         SIMULATION_SEVERAL_THREADS},
        {"under Valgrind: crashed with SIGILL", SIMULATION_FAILED},
        {"simulated whole it would take about 9 s (--simulation-budget), and smaller it is another: 3 "
         "branches an item, 4",
         SIMULATION_OTHER_SCALE},
        {"simulated whole it would take about 9 s (--simulation-budget), and that a smaller point is like it "
         "could not be shown",
         SIMULATION_UNKNOWN_SCALE},
        {"valgrind is not installed", SIMULATION_OTHER}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(simulation_cause_of_words(cases[i].words), cases[i].cause);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_cause_has_a_name_of_its_own),
                                       cmocka_unit_test(words_of_files_from_before_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
