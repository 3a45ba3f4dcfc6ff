#include "store/causes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_cause_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < FAULTS; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(arm_fault_name((enum arm_fault)i), arm_fault_name((enum arm_fault)k));
    for (int i = 0; i < CAUSES; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(arm_cause_name((enum arm_cause)i), arm_cause_name((enum arm_cause)k));
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

#define ANSWER                                                                                               \
    { .output = "sum", .index = 7, .got = "3", .expected = "4", .seed = 9 }

static const struct {
    struct arm_why why;
    enum arm_fault fault;
    const char *words;
} refusals[] = {
    {{.cause = CAUSE_OUTPUTS_UNREAD, .error = EINVAL},
     FAULT_OUTPUTS,
     "b: its outputs cannot be read: Invalid argument"},
    {{.cause = CAUSE_OUTPUTS_UNPOISONED, .error = EIO},
     FAULT_OUTPUTS,
     "b: its output cannot be poisoned: Input/output error"},
    {{.cause = CAUSE_OUTPUTS_EMPTY}, FAULT_OUTPUTS, "b: an output has no data"},
    {{.cause = CAUSE_WRONG_ANSWER, .answer = ANSWER},
     FAULT_WRONG_ANSWER,
     "wrong answer from b: sum[7]: got 3, expected 4 (as the baseline has it, seed 9)"},
    {{.cause = CAUSE_WRONG_ANSWER,
      .answer = {.output = "sum", .got = "3", .expected = "4", .advice = "sort first", .by_check = true}},
     FAULT_WRONG_ANSWER,
     "wrong answer from b: sum[0]: got 3, expected 4; sort first (by the kernel's own check, seed 0)"},
    {{.cause = CAUSE_WRONG_ANSWER,
      .client = 2,
      .answer = {.output = "sum", .got = "3", .expected = "4", .among_timed = true}},
     FAULT_WRONG_ANSWER,
     "wrong answer from b among the timed runs, when elements of its last one were overwritten: sum[0]: got 3, "
     "expected 4 (as the baseline has it, seed 0) (client 2 of the load)"},
    {{.cause = CAUSE_WRONG_ANSWER, .placebo = true, .answer = ANSWER},
     FAULT_PLACEBO,
     "b in a second loaded copy of its module (the placebo): wrong answer from b: sum[7]: got 3, expected 4 (as the "
     "baseline has it, seed 9); the copy has the state that setup made, and no file-scope variables that setup filled: "
     "keep them in the state"},
    {{.cause = CAUSE_ANOTHER_ANSWER, .answer = ANSWER},
     FAULT_UNSTEADY_ANSWER,
     "b gives another answer when run again on the same input: sum[7]: 4, then 3 (seed 9)"},
    {{.cause = CAUSE_ANOTHER_ANSWER,
      .answer = {.output = "x", .got = "1", .expected = "2", .from_before = true}},
     FAULT_UNSTEADY_ANSWER,
     "b gives another answer when run again on the same input: x[0]: 2, then 1; it follows from what was there before: "
     "an output that is read, too, or written in part is given by duel's --in-out NAME (seed 0)"},
    {{.cause = CAUSE_IDLE, .run_ns = 1.25, .other_ns = 1.1, .items = 4096},
     FAULT_NO_WORK,
     "b does no work in its runs: one takes 1.2 ns, a call of an empty function 1.1 ns, and 4096 items cannot be "
     "handled in that; compute the whole answer in each run, not in setup, reset or outputs, and let `work` tell the "
     "items that a run does handle"},
    {{.cause = CAUSE_CONSTANT, .runs = 5, .run_ns = 100, .other_runs = 20, .other_ns = 101},
     FAULT_NO_WORK,
     "b takes no longer for more work: 5 runs take 100 ns, 20 take 101 ns; compute the whole answer in each run, and "
     "keep nothing of it for the next"},
    {{.cause = CAUSE_REMEMBERS, .run_ns = 10, .other_ns = 900},
     FAULT_NO_WORK,
     "b does less where its last answer is still there: a run takes 10 ns then, and 900 ns where elements of it were "
     "overwritten; compute the whole answer in each run"},
    {{.cause = CAUSE_CHANGES_PROCESS, .said = "2 threads more"},
     FAULT_CONDUCT,
     "b leaves the process changed for its rivals: 2 threads more; undo it at the end of each run, or do it in setup, "
     "for all variants alike"},
    {{.cause = CAUSE_PRINTS, .said = "hello"},
     FAULT_CONDUCT,
     "b prints in its runs: \"hello\"; leave the output out of what is measured"},
    {{.cause = CAUSE_CHANGED_UNSEEN, .said = "2 threads more"},
     FAULT_CONDUCT,
     "a variant changed the process among the timed runs, and not when it was verified, so that which one cannot be "
     "told: 2 threads more"},
    {{.cause = CAUSE_PRINTED_UNSEEN, .said = "hello"},
     FAULT_CONDUCT,
     "a variant printed among the timed runs, and not when it was verified, so that which one cannot be told: "
     "\"hello\""},
    {{.cause = CAUSE_KEEPS_DESCRIPTORS, .count = 1},
     FAULT_CONDUCT,
     "b leaves 1 descriptors open at every run: close them, which is part of the work"},
    {{.cause = CAUSE_KEEPS_MEMORY, .count = 96},
     FAULT_CONDUCT,
     "b keeps 96 bytes of memory at every run: free them, which is part of the work, or allocate them in setup"},
    {{.cause = CAUSE_STARTS_THREADS},
     FAULT_CONDUCT,
     "b starts threads in its runs, and has one CPU for all of them: make it CS_PARALLEL (duel: --threads N)"},
    {{.cause = CAUSE_FEWER_THREADS, .count = 1, .most = 4},
     FAULT_THREADS,
     "b: 1 of 4 threads ran; a variant that is CS_PARALLEL uses all of them, unless it is CS_UP_TO, too"},
    {{.cause = CAUSE_HELPED, .said = "processes"},
     FAULT_THREADS,
     "b has other processes do its work; Callgrind counts one thread"},
    {{.cause = CAUSE_PREPARE, .error = ENOMEM, .said = "no table"},
     FAULT_PREPARE,
     "b: prepare: out of memory: no table"},
    {{.cause = CAUSE_PREPARE, .error = EIO}, FAULT_PREPARE, "b: prepare: Input/output error"},
    {{.cause = CAUSE_PREPARE_MEMORY, .count = 8192, .said = "index"},
     FAULT_OUT_OF_MEMORY,
     "b: prepare: no memory for index: 8192 bytes"},
    {{.cause = CAUSE_LATENCIES_MANY, .count = 9, .most = 8},
     FAULT_LATENCIES,
     "b records 9 latencies in a run, and its recorder has room for 8: give cs_recorder the most that a run records"},
    {{.cause = CAUSE_LATENCIES_MEMORY, .count = 9}, FAULT_OUT_OF_MEMORY, "b: no memory for 9 latencies"},
    {{.cause = CAUSE_LATENCY_LONG},
     FAULT_LATENCIES,
     "b records a latency that is longer than the run that it is of: cs_end wants what cs_begin returned in the same "
     "run"},
    {{.cause = CAUSE_CLIENT_ENDED, .client = 3, .said = "Killed"},
     FAULT_CRASHED,
     "b: client 3 of the load ended by Killed"}};

static void every_cause_of_a_refusal_has_a_fault_and_words(void **state) {
    (void)state;
    bool seen[CAUSES] = {[CAUSE_NONE] = true};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct arm_why why = refusals[i].why;
        char text[384];
        strcpy(why.variant, "b");
        arm_words(&why, text, sizeof text);
        assert_string_equal(text, refusals[i].words);
        assert_int_equal(arm_why_fault(&why), refusals[i].fault);
        seen[why.cause] = true;
        arm_words(&why, text, 5);
        assert_memory_equal(text, refusals[i].words, 4);
        assert_int_equal(strlen(text), 4);
    }
    for (int cause = 0; cause < CAUSES; cause++)
        assert_true(seen[cause]);
}

static void no_cause_has_no_words(void **state) {
    (void)state;
    char text[384] = "left";
    const struct arm_why why = {.variant = "b", .placebo = true, .client = 2};
    arm_words(&why, text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(arm_why_fault(&why), FAULT_NONE);
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
                                       cmocka_unit_test(every_cause_of_a_refusal_has_a_fault_and_words),
                                       cmocka_unit_test(no_cause_has_no_words),
                                       cmocka_unit_test(words_of_files_from_before_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
