/* Simulation of real kernels whose counts are known, and of kernels that cannot be simulated. */
#include "simulate/simulate.h"

#include "counters/callgrind.h"
#include "measure/runner.h"
#include "run/confinement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KERNELS TEST_BUILD "/lib/countersign/kernels/"
#define TEST_KERNELS TEST_BUILD "/lib/countersign/test-kernels/"

struct fixture {
    struct topology *topology;
    struct supervisor supervisor;
    volatile sig_atomic_t interrupted;
    struct module_description module;
    struct plan_point point;
    struct simulation_request request;
    struct simulation simulation;
    struct sample_clock clock;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {""};
    *state = fixture;
    if (topology_open(&fixture->topology, NULL, &problem))
        fail_msg("%s", problem.text);
    fixture->supervisor = (struct supervisor){.program = TEST_BUILD "/lib/countersign/worker",
                                              .topology = fixture->topology,
                                              .interrupted = &fixture->interrupted,
                                              .limits = {1u << 30, 5.0, 64u << 20, 0}};
    if (supervisor_open(&fixture->supervisor, NULL, &problem))
        fail_msg("%s", problem.text);
    sample_clock_open(&fixture->clock);
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    simulation_clear(&fixture->simulation);
    supervisor_close(&fixture->supervisor);
    topology_close(fixture->topology);
    free(fixture);
    return 0;
}

/* A request for two variants at the kernel's defaults. */
static void ask(struct fixture *fixture, const char *module, const char *baseline, const char *candidate) {
    struct problem problem = {""};
    if (supervisor_describe(&fixture->supervisor, module, &fixture->module, &problem))
        fail_msg("%s", problem.text);
    fixture->point = (struct plan_point){.threads = 1, .variant_count = 2};
    for (size_t i = 0; i < fixture->module.parameter_count; i++)
        fixture->point.value[i] = fixture->module.parameters[i].def;
    fixture->point.variants[0] = (unsigned)module_find_variant(&fixture->module, baseline);
    fixture->point.variants[1] = (unsigned)module_find_variant(&fixture->module, candidate);
    fixture->request = (struct simulation_request){.module = module,
                                                   .description = &fixture->module,
                                                   .plan_point = &fixture->point,
                                                   .arm_count = 2,
                                                   .budget_s = 60,
                                                   .topology = fixture->topology};
}

static void set_parameter(struct fixture *fixture, const char *name, int64_t value) {
    struct point *point = &fixture->point.point;
    for (size_t i = 0; i < fixture->module.parameter_count; i++)
        if (!strcmp(fixture->module.parameters[i].name, name)) {
            fixture->point.value[i] = value;
            point->values[point->count].value = value;
            snprintf(point->values[point->count++].name, RESULT_NAME, "%s", name);
            return;
        }
    fail_msg("no parameter %s", name);
}

static const struct simulation *simulate(struct fixture *fixture) {
    struct problem problem = {""};
    simulation_clear(&fixture->simulation);
    if (simulate_point(&fixture->supervisor, &fixture->request, &fixture->simulation, &problem))
        fail_msg("%s", problem.text);
    return &fixture->simulation;
}

static double an_item(const struct simulation *simulation, size_t arm, enum counter_event event) {
    return simulation->arms[arm].counts[event] / simulation->items;
}

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance * expected))
        fail_msg("%.6g is not %.6g within %g %%", value, expected, 100 * tolerance);
}

/* 65536 particles take 4 MiB as structs and 256 KiB as one array: both beyond any L1. A line holds one struct
 * or sixteen floats. */
static void misses_of_two_layouts_are_known(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    set_parameter(fixture, "n", 65536);
    const struct simulation *simulation = simulate(fixture);
    assert_string_equal(simulation->reason, "");
    assert_false(simulation->scaled);
    assert_true(simulation->items == 65536);
    assert_near(an_item(simulation, 0, COUNTER_L1D_MISSES), 1, 0.001);
    /* Beside the 4,096 lines of floats, a few of the stack and the state are missed. */
    assert_near(an_item(simulation, 1, COUNTER_L1D_MISSES), 1.0 / 16, 0.003);
    assert_near(an_item(simulation, 0, COUNTER_DATA_READS), 1, 0.001);
    assert_near(an_item(simulation, 0, COUNTER_DATA_WRITES), 1, 0.001);
    assert_true(simulation->arms[1].counts[COUNTER_INSTRUCTIONS] <
                simulation->arms[0].counts[COUNTER_INSTRUCTIONS]);
    assert_true(isnan(simulation->arms[0].counts[COUNTER_CYCLES]));
    assert_true(isnan(simulation->arms[0].counts[COUNTER_PAGE_FAULTS]));
    assert_true(isnan(simulation->arms[0].cycles));
    assert_non_null(strstr(simulation->caches, "D1 "));
    assert_non_null(strstr(simulation->tool, "valgrind-"));
}

/* Other queries or another address would give other misses and mispredictions. */
static void two_simulations_give_the_same_counts(void **state) {
    struct fixture *fixture = *state;
    double first[2][COUNTER_EVENTS];
    ask(fixture, KERNELS "lookup.native.so", "linear", "hash");
    set_parameter(fixture, "n", 64);
    set_parameter(fixture, "pool", 4096);
    const struct simulation *simulation = simulate(fixture);
    for (size_t arm = 0; arm < 2; arm++)
        memcpy(first[arm], simulation->arms[arm].counts, sizeof first[arm]);
    setenv("COUNTERSIGN_TEST_NOISE", "an environment of another size", 1);
    simulation = simulate(fixture);
    unsetenv("COUNTERSIGN_TEST_NOISE");
    for (size_t arm = 0; arm < 2; arm++)
        for (int event = 0; event < COUNTER_EVENTS; event++) {
            double a = first[arm][event], b = simulation->arms[arm].counts[event];
            if (!(a == b || (isnan(a) && isnan(b))))
                fail_msg("%s of arm %zu: %.17g, then %.17g", counter_event_info[event].name, arm, a, b);
        }
    assert_true(simulation->arms[0].counts[COUNTER_BRANCH_MISSES] > 0);
}

/* A variant costs the same whichever else is simulated beside it. */
static void arms_do_not_see_each_other(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, KERNELS "particles.native.so", "soa", "aos");
    set_parameter(fixture, "n", 65536);
    double together = simulate(fixture)->arms[0].counts[COUNTER_INSTRUCTIONS];
    double misses = fixture->simulation.arms[0].counts[COUNTER_L1D_MISSES];
    fixture->request.arm_count = 1;
    const struct simulation *alone = simulate(fixture);
    assert_true(alone->arms[0].counts[COUNTER_INSTRUCTIONS] == together);
    assert_true(alone->arms[0].counts[COUNTER_L1D_MISSES] == misses);
}

static void measure_nothing(struct measurement *measurement, struct arm arms[3]) {
    *measurement = (struct measurement){.arms = arms, .arm_count = 3};
    arms[0] = (struct arm){.role = ARM_BASELINE};
    arms[1] = (struct arm){.role = ARM_CANDIDATE};
    arms[2] = (struct arm){.role = ARM_PLACEBO};
}

static void count_points(void *context, size_t index) {
    size_t *count = context;
    assert_true(index < 2);
    *count += 1 + 10 * index;
}

/* Points that are simulated at the same time have the counts, inputs and cycles that each has alone. */
static void points_do_not_see_each_other(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    struct plan_case plan_case = {0};
    struct plan_point points[2];
    struct measurement measurements[2];
    struct arm arms[2][3];
    double alone[2][2];
    size_t count = 0;
    const int64_t sizes[] = {65536, 1024};
    for (size_t i = 0; i < 2; i++) {
        ask(fixture, KERNELS "particles.native.so", "aos", "soa");
        set_parameter(fixture, "n", sizes[i]);
        points[i] = fixture->point;
        measure_nothing(&measurements[i], arms[i]);
        const struct simulation *simulation = simulate(fixture);
        for (size_t arm = 0; arm < 2; arm++)
            alone[i][arm] = simulation->arms[arm].counts[COUNTER_INSTRUCTIONS];
    }
    plan_case.module = fixture->module;
    snprintf(plan_case.module.path, sizeof plan_case.module.path, KERNELS "particles.native.so");
    struct simulated_point both[] = {{&plan_case, &points[0], &measurements[0]},
                                     {&plan_case, &points[1], &measurements[1]}};
    struct run_settings settings = {.simulate = true, .budget_s = 1, .simulation_budget_s = 60};
    if (simulate_measurements(&fixture->supervisor, both, 2, &settings, &fixture->clock, count_points, &count,
                              &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(count, 12); /* each was told once */
    for (size_t i = 0; i < 2; i++) {
        const struct simulation *simulation = &measurements[i].simulation;
        assert_string_equal(simulation->reason, "");
        assert_true(simulation->items == (double)sizes[i]);
        for (size_t arm = 0; arm < 2; arm++) {
            assert_true(simulation->arms[arm].counts[COUNTER_INSTRUCTIONS] == alone[i][arm]);
            assert_true(simulation->arms[arm].cycles > 0);
        }
        assert_string_equal(simulation->arms[2].reason, "the baseline again");
        simulation_clear(&measurements[i].simulation);
    }
}

static void cycles_come_from_a_run_without_simulation(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    set_parameter(fixture, "n", 1024);
    fixture->request.clock = &fixture->clock;
    const struct simulation *simulation = simulate(fixture);
    for (size_t arm = 0; arm < 2; arm++) {
        const struct simulated_arm *simulated = &simulation->arms[arm];
        double ipc = simulated->counts[COUNTER_INSTRUCTIONS] / simulated->cycles;
        assert_true(simulated->cycles_p5 <= simulated->cycles && simulated->cycles <= simulated->cycles_p95);
        assert_true(ipc > 0.001 && ipc < 32); /* no more than a unit error would leave */
    }
}

static void a_point_beyond_the_budget_is_made_smaller(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    set_parameter(fixture, "n", 1 << 20);
    fixture->request.run_ns[0] = fixture->request.run_ns[1] = 1e7;
    fixture->request.budget_s = 0.5; /* an eighth of what it would take at the slow-down it reckons with */
    const struct simulation *simulation = simulate(fixture);
    assert_true(simulation->scaled);
    assert_int_equal(simulation->point.count, 1);
    assert_int_equal(simulation->point.values[0].value, 1 << 17);
    assert_true(simulation->items == 1 << 17);
    assert_near(an_item(simulation, 0, COUNTER_L1D_MISSES), 1, 0.001);
    assert_int_equal(fixture->point.value[0], 1 << 20);
}

static void several_threads_are_not_simulated(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, KERNELS "reduce.native.so", "serial", "openmp");
    set_parameter(fixture, "n", 4096);
    fixture->point.threads = 2;
    struct cpu_choice choice;
    if (topology_choose(fixture->topology, 2, NULL, &choice, NULL))
        skip();
    const struct simulation *simulation = simulate(fixture);
    assert_string_equal(simulation->reason, "");
    assert_true(simulation->arms[0].counts[COUNTER_INSTRUCTIONS] > 1000);
    assert_true(isnan(simulation->arms[1].counts[COUNTER_INSTRUCTIONS]));
    assert_non_null(strstr(simulation->arms[1].reason, "2 threads"));
    assert_int_equal(simulation->arms[1].cause, SIMULATION_SEVERAL_THREADS);
}

/* What the calling thread does by itself is next to nothing, and would be told as the variant's. */
static void work_that_others_do_is_not_simulated(void **state) {
    struct fixture *fixture = *state;
    static const char *const asked[][4] = {{"thread-spawn", "inline", "spawn", "other threads"},
                                           {"process-pool", "serial", "workers", "other processes"}};
    for (size_t i = 0; i < 2; i++) {
        char module[256];
        snprintf(module, sizeof module, KERNELS "%s.native.so", asked[i][0]);
        ask(fixture, module, asked[i][1], asked[i][2]);
        const struct simulation *simulation = simulate(fixture);
        assert_true(simulation->arms[0].counts[COUNTER_INSTRUCTIONS] > 0);
        assert_int_equal(simulation->arms[1].cause, SIMULATION_SEVERAL_THREADS);
        assert_non_null(strstr(simulation->arms[1].reason, asked[i][3]));
    }
}

static void a_variant_that_is_left_out_says_why(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    set_parameter(fixture, "n", 1024);
    fixture->request.left_out[1] = true;
    const struct simulation *simulation = simulate(fixture);
    assert_true(simulation->arms[0].counts[COUNTER_INSTRUCTIONS] > 1000);
    assert_true(isnan(simulation->arms[1].counts[COUNTER_INSTRUCTIONS]));
    assert_string_equal(simulation->arms[1].reason, "invalid");
    assert_int_equal(simulation->arms[1].cause, SIMULATION_INVALID_ARM);
}

/* The test's modules have one build alone; under another name than NAME.native.so it is taken. */
static void link_module(struct fixture *fixture, const char *name, char path[8192]) {
    char target[4096];
    snprintf(target, sizeof target, "%s%s.native.so", TEST_KERNELS, name);
    snprintf(path, 8192, "%s/%s.so", fixture->supervisor.scratch, name);
    assert_int_equal(symlink(target, path), 0);
}

static void an_unknown_instruction_is_named(void **state) {
    struct fixture *fixture = *state;
    char path[8192];
    link_module(fixture, "unsimulated", path);
    ask(fixture, path, "plain", "newer");
    const struct simulation *simulation = simulate(fixture);
    assert_string_equal(simulation->reason, "");
    assert_false(isnan(simulation->arms[0].counts[COUNTER_INSTRUCTIONS]));
    assert_true(isnan(simulation->arms[1].counts[COUNTER_INSTRUCTIONS]));
    if (!strstr(simulation->arms[1].reason, "does not know an instruction"))
        fail_msg("%s", simulation->arms[1].reason);
}

static void a_crash_leaves_the_other_variants(void **state) {
    struct fixture *fixture = *state;
    char path[8192];
    link_module(fixture, "hostile", path);
    ask(fixture, path, "crash", "square");
    const struct simulation *simulation = simulate(fixture);
    assert_string_equal(simulation->reason, "");
    assert_non_null(strstr(simulation->arms[0].reason, "SIGSEGV"));
    assert_true(simulation->arms[1].counts[COUNTER_DATA_WRITES] > 0);
}

/* What is timed is not what is simulated: its counts are not shown, and the reason says how that was seen. */
static void another_path_is_not_counted(void **state) {
    struct fixture *fixture = *state;
    char path[8192];
    link_module(fixture, "dispatching", path);
    ask(fixture, path, "square", "asking");
    const struct simulation *simulation = simulate(fixture);
    assert_string_equal(simulation->arms[0].reason, "");
    assert_true(simulation->arms[0].counts[COUNTER_INSTRUCTIONS] > 0);
    assert_true(isnan(simulation->arms[1].counts[COUNTER_INSTRUCTIONS]));
    assert_non_null(strstr(simulation->arms[1].reason, "it takes another path"));
    assert_int_equal(simulation->arms[1].cause, SIMULATION_OTHER_PATH);
}

static void string_instructions_are_not_counted(void **state) {
#if defined(__x86_64__)
    struct fixture *fixture = *state;
    char path[8192];
    link_module(fixture, "dispatching", path);
    ask(fixture, path, "square", "string");
    const struct simulation *simulation = simulate(fixture);
    assert_true(isnan(simulation->arms[1].counts[COUNTER_INSTRUCTIONS]));
    assert_non_null(strstr(simulation->arms[1].reason, "string instructions"));
    assert_int_equal(simulation->arms[1].cause, SIMULATION_STRINGS);
#else
    (void)state;
    skip();
#endif
}

static void a_wrong_answer_is_not_counted(void **state) {
    struct fixture *fixture = *state;
    char path[8192];
    link_module(fixture, "hostile", path);
    ask(fixture, path, "square", "wrong");
    const struct simulation *simulation = simulate(fixture);
    assert_true(simulation->arms[0].counts[COUNTER_DATA_WRITES] > 0);
    assert_true(isnan(simulation->arms[1].counts[COUNTER_DATA_WRITES]));
    assert_non_null(strstr(simulation->arms[1].reason, "wrong answer"));
    assert_int_equal(simulation->arms[1].cause, SIMULATION_FAILED);
}

static void a_kernel_without_a_portable_build_says_so(void **state) {
    struct fixture *fixture = *state;
    ask(fixture, TEST_KERNELS "hostile.native.so", "square", "slow");
    const struct simulation *simulation = simulate(fixture);
    assert_non_null(strstr(simulation->reason, "no portable build beside hostile.native.so"));
    assert_true(isnan(simulation->arms[0].counts[COUNTER_INSTRUCTIONS]));
}

static void without_valgrind_there_is_a_reason(void **state) {
    struct fixture *fixture = *state;
    char *path = strdup(getenv("PATH") ? getenv("PATH") : "");
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    setenv("PATH", fixture->supervisor.scratch, 1);
    const struct simulation *simulation = simulate(fixture);
    setenv("PATH", path, 1);
    free(path);
    assert_non_null(strstr(simulation->reason, "valgrind is not installed"));
    assert_true(isnan(simulation->arms[0].counts[COUNTER_INSTRUCTIONS]));
}

/* Says in Valgrind's place whether it could read what systems with libc6-dbg or the like have of debug data. */
static const char reader[] = "#!/bin/sh\n"
                             "if [ \"$1\" = --version ]; then echo valgrind-3; exit; fi\n"
                             "file=$(find /usr/lib/debug -type f 2>/dev/null | head -n 1)\n"
                             "head -c 1 \"$file\" >/dev/null 2>&1 && echo it was read || echo it was hidden\n"
                             "exit 1\n";

/* Names and lines are wanted for a profile, and cost half of Valgrind's start. */
static void debug_data_is_read_for_profiles_alone(void **state) {
    struct fixture *fixture = *state;
    char *before = strdup(getenv("PATH")), path[8192], program[4200];
    bool there = system("test -n \"$(find /usr/lib/debug -type f 2>/dev/null | head -n 1)\"") == 0;
    if (!there || confinement_version() < 1) {
        free(before);
        skip();
    }
    snprintf(program, sizeof program, "%s/valgrind", fixture->supervisor.scratch);
    FILE *file = fopen(program, "we");
    fputs(reader, file);
    fclose(file);
    chmod(program, 0700);
    snprintf(path, sizeof path, "%s:%s", fixture->supervisor.scratch, before);
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    setenv("PATH", path, 1);
    bool hidden = strstr(simulate(fixture)->reason, "it was hidden") != NULL;
    simulation_clear(&fixture->simulation);
    fixture->request.profiles = fixture->supervisor.scratch;
    const char *reason = simulate(fixture)->reason;
    setenv("PATH", before, 1);
    free(before);
    assert_true(hidden);
    if (!strstr(reason, "it was read"))
        fail_msg("%s", reason);
}

static void an_interruption_ends_it(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    fixture->interrupted = 1;
    assert_int_equal(simulate_point(&fixture->supervisor, &fixture->request, &fixture->simulation, &problem),
                     -EINTR);
    assert_null(fixture->simulation.arms);
}

static void profiles_are_kept_by_variant(void **state) {
    struct fixture *fixture = *state;
    struct callgrind_profile profile = {0};
    struct problem problem = {""};
    char path[8192];
    ask(fixture, KERNELS "particles.native.so", "aos", "soa");
    set_parameter(fixture, "n", 1024);
    fixture->request.profiles = fixture->supervisor.scratch;
    const struct simulation *simulation = simulate(fixture);
    snprintf(path, sizeof path, "%s/soa.callgrind", fixture->supervisor.scratch);
    if (callgrind_file_load(&profile, path, 1, &problem))
        fail_msg("%s", problem.text);
    double instructions = (double)profile.total[callgrind_event(&profile, "Ir")];
    assert_true(instructions >= simulation->arms[1].counts[COUNTER_INSTRUCTIONS]);
    assert_true(profile.function_count > 0);
    callgrind_profile_clear(&profile);
}

static struct module_description two_parameters(void) {
    return (struct module_description){
        .parameters = {{.name = "percent", .unit = "%", .min = 0, .max = 100},
                       {.name = "n", .unit = "numbers", .min = 4, .max = 4096},
                       {.name = "order", .choices = {"up", "down"}, .choice_count = 2},
                       {.name = "runs", .unit = "runs", .min = 1, .max = 64}},
        .parameter_count = 4,
        .scale = -1};
}

static void the_largest_number_is_halved(void **state) {
    (void)state;
    struct module_description module = two_parameters();
    struct plan_point point = {.value = {100, 8, 1, 2}};
    assert_true(simulation_halve(&module, &point));
    assert_int_equal(point.value[1], 4);
    assert_int_equal(point.point.count, 1);
    assert_string_equal(point.point.values[0].name, "n");
    assert_int_equal(point.point.values[0].value, 4);
    assert_true(simulation_halve(&module, &point));
    assert_int_equal(point.value[3], 1);
    assert_false(simulation_halve(&module, &point));
    assert_int_equal(point.value[0], 100);
    assert_int_equal(point.value[2], 1);
}

static void what_the_kernel_names_is_halved_first(void **state) {
    (void)state;
    struct module_description module = two_parameters();
    struct plan_point point = {.value = {100, 4096, 0, 2}};
    module.scale = 3;
    assert_true(simulation_halve(&module, &point));
    assert_int_equal(point.value[3], 1);
    assert_int_equal(point.value[1], 4096);
    assert_true(simulation_halve(&module, &point));
    assert_int_equal(point.value[1], 2048);
}

static void a_forecast_counts_two_runs_of_each_arm(void **state) {
    (void)state;
    assert_near(simulation_seconds((double[]){1e6, 3e6}, 2), 2 * 0.004 * SIMULATION_SLOWDOWN, 1e-12);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int run_without_tool(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_number_is_halved),
        cmocka_unit_test(what_the_kernel_names_is_halved_first),
        cmocka_unit_test(a_forecast_counts_two_runs_of_each_arm),
    };
    return cmocka_run_group_tests_name("without Valgrind", tests, NULL, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(misses_of_two_layouts_are_known),
        WITH_FIXTURE(two_simulations_give_the_same_counts),
        WITH_FIXTURE(arms_do_not_see_each_other),
        WITH_FIXTURE(points_do_not_see_each_other),
        WITH_FIXTURE(cycles_come_from_a_run_without_simulation),
        WITH_FIXTURE(a_point_beyond_the_budget_is_made_smaller),
        WITH_FIXTURE(several_threads_are_not_simulated),
        WITH_FIXTURE(work_that_others_do_is_not_simulated),
        WITH_FIXTURE(a_variant_that_is_left_out_says_why),
        WITH_FIXTURE(an_unknown_instruction_is_named),
        WITH_FIXTURE(a_crash_leaves_the_other_variants),
        WITH_FIXTURE(another_path_is_not_counted),
        WITH_FIXTURE(string_instructions_are_not_counted),
        WITH_FIXTURE(a_wrong_answer_is_not_counted),
        WITH_FIXTURE(a_kernel_without_a_portable_build_says_so),
        WITH_FIXTURE(without_valgrind_there_is_a_reason),
        WITH_FIXTURE(an_interruption_ends_it),
        WITH_FIXTURE(debug_data_is_read_for_profiles_alone),
        WITH_FIXTURE(profiles_are_kept_by_variant),
    };
    struct callgrind_tool tool;
    int failed = run_without_tool();
    if (failed || callgrind_find(&tool) == 0)
        return failed ? failed : cmocka_run_group_tests_name("with Valgrind", tests, NULL, NULL);
    printf("skip: %s\n", tool.reason);
    return 77;
}
