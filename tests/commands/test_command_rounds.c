/* Rounds of commands: how many there are, that they pair, and what becomes of commands that fail. */
#include "commands/command_rounds.h"

#include "conclude/comparison.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct topology *topology;
static volatile sig_atomic_t interrupted;

#define SHELL(text) ((char *const[]){"/bin/sh", "-c", text, NULL})

static struct command_options options_for(size_t rounds, unsigned replicates) {
    return (struct command_options){.settings = {.points = "sweep",
                                                 .budget_s = 0.01,
                                                 .delta = 0.01,
                                                 .confidence = 0.95,
                                                 .replicates = replicates,
                                                 .looks = 1,
                                                 .seed = 1,
                                                 .state = "warm",
                                                 .layout = "fixed",
                                                 .build = "native",
                                                 .placebo = true},
                                    .case_name = "test",
                                    .target = 1.25,
                                    .rounds = rounds,
                                    .keep_output = true,
                                    .compare_output = true};
}

static int measure(char *const *const *commands, size_t count, const struct command_options *options,
                   struct run *run, struct problem *problem) {
    static const char *const labels[] = {"A", "B", "C"};
    struct supervisor *supervisor = calloc(1, sizeof *supervisor);
    struct command_point point = {.arm_count = count};
    *run = (struct run){.settings = options->settings};
    topology_get_facts(topology, &run->host.topology);
    sample_clock_open(&run->host.clock);
    command_counters(&run->host.clock, 0, true, &run->counter_plan);
    for (size_t i = 0; i < count; i++)
        point.arms[i] =
            (struct command_arm){.label = labels[i], .text = commands[i][2], .arguments = commands[i]};
    assert_non_null(supervisor);
    supervisor->topology = topology;
    supervisor->interrupted = &interrupted;
    supervisor->limits.total_s = 60;
    assert_int_equal(supervisor_open(supervisor, NULL, problem), 0);
    int status = commands_run(supervisor, &point, 1, options, run, problem);
    supervisor_close(supervisor);
    free(supervisor);
    return status;
}

static size_t count_rounds(const struct run *run) {
    size_t rounds = 0;
    for (size_t r = 0; r < run->measurements[0].replicate_count; r++)
        rounds += run->measurements[0].replicates[r].rounds;
    return rounds;
}

static void test_samples(void **state) {
    (void)state;
    struct run run;
    struct problem problem;
    struct command_options options = options_for(7, 3);
    char *const *commands[] = {SHELL("echo a"), SHELL("echo a; exit 0")};
    assert_int_equal(measure(commands, 2, &options, &run, &problem), 0);
    assert_true(run.complete);
    const struct measurement *measurement = &run.measurements[0];
    assert_int_equal(measurement->arm_count, 3);
    assert_int_equal(measurement->arms[2].role, ARM_PLACEBO);
    assert_string_equal(measurement->arms[1].command, "echo a; exit 0");
    assert_int_equal(measurement->replicate_count, 3);
    assert_int_equal(count_rounds(&run), 7);
    for (size_t r = 0; r < 3; r++)
        for (size_t arm = 0; arm < 3; arm++) {
            assert_int_equal(measurement->replicates[r].runs[arm], 1);
            assert_true(measurement->replicates[r].counters[arm][COUNTER_TASK_CLOCK] > 0);
            for (size_t i = 0; i < measurement->replicates[r].rounds; i++)
                assert_true(measurement->replicates[r].ticks[arm][i] > 0);
        }
    assert_int_equal(run.comparison_count, 1);
    assert_int_equal(run.comparisons[0].verified, VERIFIED_YES);
    assert_string_equal(run.comparisons[0].case_title, "A: echo a; B: echo a; exit 0");
    assert_int_equal(comparisons_correct(&run), 0);
    struct disagreement found[4];
    assert_int_equal(run_verify(&run, found, 4), 0);
    run_clear(&run);
}

static void test_least_rounds(void **state) {
    (void)state;
    struct run run;
    struct problem problem;
    struct command_options options = options_for(0, 2);
    char *const *commands[] = {SHELL("sleep 0.02"), SHELL("sleep 0.02")};
    assert_int_equal(measure(commands, 2, &options, &run, &problem), 0);
    assert_int_equal(count_rounds(&run), COMMAND_LEAST_ROUNDS); /* not cut to whole blocks of three */
    assert_int_equal(run.measurements[0].replicate_count, 2);
    run_clear(&run);
}

static void test_the_guilty_leave(void **state) {
    (void)state;
    struct run run;
    struct problem problem;
    struct command_options options = options_for(4, 2);
    char *const *commands[] = {SHELL("echo a"), SHELL("exit 9"), SHELL("echo a")};
    assert_int_equal(measure(commands, 3, &options, &run, &problem), 0);
    assert_int_equal(run.comparison_count, 2);
    assert_int_equal(run.comparisons[0].verdict, VERDICT_INVALID);
    assert_non_null(strstr(run.comparisons[0].reason, "B ended with exit status 9"));
    assert_int_not_equal(run.comparisons[1].verdict, VERDICT_INVALID);
    assert_int_equal(count_rounds(&run), 4);
    run_clear(&run);
}

static void test_cannot_start(void **state) {
    (void)state;
    struct run run;
    struct problem problem;
    struct command_options options = options_for(4, 2);
    char *const *commands[] = {SHELL("true"), (char *const[]){"/no/such/program", "", "", NULL}};
    assert_int_equal(measure(commands, 2, &options, &run, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/program cannot be run"));
    assert_false(run.complete);
    run_clear(&run);
}

static const struct counter_result *system_calls(const struct comparison *comparison) {
    size_t i = 0;
    while (i < comparison->counter_count && strcmp(comparison->counters[i].name, "system-calls"))
        i++;
    assert_true(i < comparison->counter_count);
    return &comparison->counters[i];
}

/* Exact, and of an execution as every counter. What does otherwise while it is traced is to blame for nothing. */
static void test_system_calls(void **state) {
    (void)state;
    struct run run;
    struct problem problem;
    struct command_options options = options_for(8, 4);
    char *const *commands[] = {SHELL("echo a"), SHELL("echo a; kill -0 $$; kill -0 $$; kill -0 $$"),
                               SHELL("grep -q '^TracerPid:[[:space:]]*0$' /proc/self/status && echo a")};
    assert_int_equal(measure(commands, 3, &options, &run, &problem), 0);
    if (run.counter_plan.entries[COUNTER_SYSTEM_CALLS].source == SOURCE_NONE) {
        print_message("[ skipped ] %s\n", run.counter_plan.entries[COUNTER_SYSTEM_CALLS].reason);
        run_clear(&run);
        skip();
    }
    const struct measurement *measurement = &run.measurements[0];
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        double calls = replicate->counters[0][COUNTER_SYSTEM_CALLS];
        assert_true(calls > 5);
        assert_true(replicate->counters[1][COUNTER_SYSTEM_CALLS] - calls == 3);
        assert_true(isnan(replicate->counters[2][COUNTER_SYSTEM_CALLS]));
    }
    assert_int_not_equal(run.comparisons[1].verdict, VERDICT_INVALID);
    assert_true(system_calls(&run.comparisons[0])->ratio.estimate > 1);
    assert_string_equal(system_calls(&run.comparisons[0])->reason, "");
    assert_true(isnan(system_calls(&run.comparisons[1])->candidate));
    assert_non_null(strstr(system_calls(&run.comparisons[1])->reason,
                           "system-calls: while ptrace counted them: C ended with exit status 1"));
    run_clear(&run);
}

static void test_interrupted_at_once(void **state) {
    (void)state;
    struct run run;
    struct problem problem;
    struct command_options options = options_for(4, 2);
    char *const *commands[] = {SHELL("true"), SHELL("true")};
    interrupted = SIGINT;
    assert_int_equal(measure(commands, 2, &options, &run, &problem), 0);
    interrupted = 0;
    assert_false(run.complete);
    run_clear(&run);
}

static int open_topology(void **state) {
    (void)state;
    return topology_open(&topology, NULL, NULL);
}

static int close_topology(void **state) {
    (void)state;
    topology_close(topology);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),          cmocka_unit_test(test_least_rounds),
        cmocka_unit_test(test_the_guilty_leave), cmocka_unit_test(test_cannot_start),
        cmocka_unit_test(test_system_calls),     cmocka_unit_test(test_interrupted_at_once),
    };
    return cmocka_run_group_tests(tests, open_topology, close_topology);
}
