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

static void every_cause_of_no_simulation_has_words(void **state) {
    (void)state;
    for (int cause = 0; cause < SIMULATION_CAUSES; cause++) {
        char text[192] = "left";
        simulation_words(&(struct simulation_why){.cause = (enum simulation_cause)cause, .said = "said"},
                         text, sizeof text);
        assert_int_equal(text[0] != '\0', cause != SIMULATION_COUNTED);
    }
}

/* What their numbers and names are, and where they stand. */
static void words_tell_the_numbers_of_a_cause(void **state) {
    (void)state;
    static const struct {
        struct simulation_why why;
        const char *words;
    } cases[] = {
        {{.cause = SIMULATION_NO_PORTABLE_BUILD, .said = "k.native.so"},
         "there is no portable build beside k.native.so, and Valgrind cannot run every native one"},
        {{.cause = SIMULATION_SERVER, .said = "redis"},
         "it needs the server redis, whose work would not be simulated"},
        {{.cause = SIMULATION_SEVERAL_THREADS, .numbers = {.threads = 4}},
         "4 threads: Callgrind runs one at a time, so caches and waiting would be others"},
        {{.cause = SIMULATION_SEVERAL_THREADS, .said = "b has other threads do its work"},
         "b has other threads do its work"},
        {{.cause = SIMULATION_FAILED, .said = "crashed"}, "under Valgrind: crashed"},
        {{.cause = SIMULATION_FAILED, .numbers = {.seconds = 9}, .said = "not done within 9 s"},
         "under Valgrind: not done within 9 s; --simulation-budget gives it longer"},
        {{.cause = SIMULATION_IMPOSSIBLE, .numbers = {.rate = 21.5, .event = COUNTER_DATA_READS}},
         "what was simulated is not what was timed: 21.5 reads a cycle are more than any core does; another path, or "
         "instructions that stand for many"},
        {{.cause = SIMULATION_IMPOSSIBLE, .numbers = {.rate = 400, .event = COUNTER_LLC_MISSES}},
         "what was simulated is not what was timed: 400 GB/s from memory are more than any core reads"},
        {{.cause = SIMULATION_OTHER_PATH, .numbers = {.share = 0.9}, .said = ""},
         "it takes another path: 90 % of its time goes to code that its simulated run never reaches"},
        {{.cause = SIMULATION_OTHER_PATH, .numbers = {.share = 0.9}, .said = "x asks the CPU: CPUID"},
         "it takes another path: 90 % of its time goes to code that its simulated run never reaches (x asks the CPU: "
         "CPUID)"},
        {{.cause = SIMULATION_STRINGS, .numbers = {.share = 0.6}},
         "its string instructions (rep movs, rep stos) take 60 % of its time, and each stands for many: Callgrind "
         "counts every repetition"},
        {{.cause = SIMULATION_OTHER_BUILD, .numbers = {.portable = 1.25, .native = 4}},
         "only the portable build can be simulated, and as timed it is another case: 1.25× as fast as the baseline, "
         "the native build 4×"},
        {{.cause = SIMULATION_OTHER_SCALE,
          .numbers = {.seconds = 9, .event = COUNTER_BRANCHES, .count = 3, .smaller = 4},
          .here = " at n = 8",
          .there = " at n = 2"},
         "simulated whole it would take about 9 s (--simulation-budget), and smaller it is another: 3 branches an item "
         "at n = 8, 4 at n = 2"},
        {{.cause = SIMULATION_UNKNOWN_SCALE, .numbers = {.seconds = 9}},
         "simulated whole it would take about 9 s (--simulation-budget), and that a smaller point is like it could not "
         "be shown"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[192];
        simulation_words(&cases[i].why, text, sizeof text);
        assert_string_equal(text, cases[i].words);
    }
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
                                       cmocka_unit_test(every_cause_of_no_simulation_has_words),
                                       cmocka_unit_test(words_tell_the_numbers_of_a_cause),
                                       cmocka_unit_test(words_of_files_from_before_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
