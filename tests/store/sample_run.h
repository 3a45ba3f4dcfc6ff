/* A run with something of everything: NANs, full-range seeds, non-ASCII text, an invalid arm, no replicate at
 * all. */
#ifndef TEST_STORE_SAMPLE_RUN_H
#define TEST_STORE_SAMPLE_RUN_H

#include "countersign.h"
#include "store/result.h"
#include "store/thread_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill_host(struct fingerprint *host) {
    *host = (struct fingerprint){
        .machine = "amd-epyc-9b45-2cpu",
        .cpu_model = "AMD EPYC 9B45 \xc2\xae",
        .cpu_vendor = "AuthenticAMD",
        .cpu_family = 26,
        .architecture = "x86_64",
        .kernel = "Linux 6.1.0",
        .hypervisor = "kvm",
        .aslr = 2,
        .perf_event_paranoid = -1,
        .topology = {.packages = 1, .cores = 2, .cpus = 2, .l3_bytes = 33554432, .memory_bytes = 1ull << 40},
        .clock = {.tsc = true, .ticks_per_ns = 2.7000012345678901, .name = "tsc"},
        .core = {.cycles_per_tick = 1.0 / 3, .ghz = 4.1, .disagreement = NAN},
    };
}

static void fill_plan(struct counter_plan *plan) {
    for (int i = 0; i < COUNTER_EVENTS; i++)
        plan->entries[i] = (struct counter_plan_entry){.reason = "no PMU here \xe2\x80\x93 a virtual machine",
                                                       .relative_error = NAN};
    plan->entries[COUNTER_PAGE_FAULTS] = (struct counter_plan_entry){.source = SOURCE_SW,
                                                                     .trust = TRUST_TRUSTED,
                                                                     .set = 1,
                                                                     .native = "perf::PAGE-FAULTS",
                                                                     .relative_error = 1e-300};
    plan->entries[COUNTER_NATIVE_0] = plan->entries[COUNTER_PAGE_FAULTS];
    strcpy(plan->native_events[0], "perf::MINOR-FAULTS");
    plan->pmu_type = 10;
    strcpy(plan->pmu_cpus, "16-23");
    plan->sets = 2;
    strcpy(plan->papi_version, "7.0.0.0");
}

static void fill_point(struct point *point) {
    *point = (struct point){
        .values = {{.name = "n", .value = INT64_MAX, .unit = "ids"},
                   {.name = "order", .value = 1, .choice = "random"},
                   {.name = "threads", .value = 2, .unit = "threads"}},
        .count = 3,
    };
}

/* Arm 1 of the three is invalid: no samples. */
static int fill_replicate(struct replicate *replicate, size_t arms, size_t rounds, uint64_t seed) {
    int error = replicate_allocate(replicate, arms, rounds, 2);
    if (error)
        return error;
    replicate->seed = seed;
    replicate->layout = 3;
    replicate->startup_ms = 12.25;
    replicate->threads[1] = (struct thread_binding){1, -1};
    replicate->noise =
        (struct noise){.wall_s = 0.25, .steal_share = 0.041, .minor_faults = 77, .frequency_drift = NAN};
    strcpy(replicate->noise_text, "steal 4.1 %");
    for (size_t arm = 0; arm < arms; arm++) {
        replicate->runs[arm] = 13 + arm;
        replicate->counters[arm][COUNTER_PAGE_FAULTS] = 0.1 * (double)arm;
        replicate->counters[arm][COUNTER_NATIVE_0] = 0.3 * (double)arm;
        for (size_t thread = 0; thread < 2; thread++) /* task-clock, but of the first arm alone */
            thread_counts(replicate, arm, thread)[2] = arm ? NAN : 1e6 / (double)(3 + thread);
        replicate->app[arm][1] = 1e-9 / 3;
        replicate->resources[arm] = (struct arm_resources){1.9, arm ? NAN : 4096.0};
        replicate->latency[arm].p99 = 1234.5;
        for (size_t round = 0; round < rounds; round++)
            replicate->ticks[arm][round] = round == 0 ? UINT64_MAX : round == 1 ? 0 : 1300 + round * arm;
    }
    if (arms > 1) {
        free(replicate->ticks[1]);
        replicate->ticks[1] = NULL;
    }
    return 0;
}

static int fill_measurement(struct measurement *measurement, size_t replicates) {
    *measurement = (struct measurement){.case_name = "lookup-hash-vs-linear",
                                        .kernel = "lookup",
                                        .build = "native",
                                        .items = 1024,
                                        .flops = 0.5,
                                        .app_counters = {"comparisons", "cache hits"},
                                        .native_events = {"perf::MINOR-FAULTS"},
                                        .counter_problem = "no file descriptor left",
                                        .compiler = "gcc 12.2.0",
                                        .flags = "-O3 -g -march=native",
                                        .scratch_filesystem = "ext4",
                                        .scratch_sync_ns = 812500.5};
    fill_point(&measurement->point);
    measurement->arms = calloc(3, sizeof *measurement->arms);
    measurement->replicates = calloc(replicates + 1, sizeof *measurement->replicates);
    if (!measurement->arms || !measurement->replicates)
        return -1;
    measurement->arm_count = 3;
    measurement->arms[0] =
        (struct arm){.variant = "linear", .code_hash = "00f0aa9123456789", .code_bytes = 120};
    measurement->arms[1] = (struct arm){.variant = "hash",
                                        .role = ARM_CANDIDATE,
                                        .flags = CS_PARALLEL | CS_IO,
                                        .invalid = replicates > 0,
                                        .fault = replicates > 0 ? FAULT_WRONG_ANSWER : FAULT_NONE,
                                        .reason = "hash: output found, index 3: got 7, expected 8"};
    measurement->arms[2] = (struct arm){.variant = "linear", .role = ARM_PLACEBO, .flags = CS_IO};
    for (size_t i = 0; i < replicates; i++) {
        int error = fill_replicate(&measurement->replicates[i], 3, i == 1 ? 0 : 5, UINT64_MAX - i);
        if (error)
            return error;
        measurement->replicate_count++;
    }
    return 0;
}

static int fill_comparison(struct comparison *comparison) {
    struct interval absent = {NAN, NAN, NAN};
    *comparison = (struct comparison){.case_name = "lookup-hash-vs-linear",
                                      .case_title = "Hash table against \"linear\" search\n",
                                      .kernel = "lookup",
                                      .item = "lookup",
                                      .baseline = "linear",
                                      .candidate = "hash",
                                      .candidate_arm = 1,
                                      .verified = VERIFIED_WRONG,
                                      .verdict = VERDICT_INVALID,
                                      .limit = {.kind = LIMIT_INVALID_ARM,
                                                .fault = FAULT_WRONG_ANSWER,
                                                .comparisons = NAN,
                                                .replicates = NAN,
                                                .units = NAN,
                                                .half = NAN,
                                                .delta = 0.01,
                                                .times = NAN,
                                                .budget_s = NAN,
                                                .needed = NAN},
                                      .reason = "wrong answer",
                                      .speedup = absent,
                                      .confidence = 0.95,
                                      .target_p_value = 0.125,
                                      .replicates = 32,
                                      .units = 16,
                                      .serial = {0.25, -0.5},
                                      .kinds = {13, 3, 1.5, 3},
                                      .placebo = {1.0001, 0.9997, 1.0005},
                                      .target = 1.25,
                                      .within_half = 0.0004,
                                      .between_half = NAN,
                                      .baseline_time = {1.5, 1.25, 2, 1},
                                      .candidate_time = {NAN, NAN, NAN, NAN},
                                      .baseline_resources = {1, 1e6},
                                      .candidate_resources = {NAN, NAN},
                                      .baseline_latency = {NAN, NAN, NAN, NAN},
                                      .candidate_latency = {1, 2, 3, 4},
                                      .mechanism = MECHANISM_UNMEASURED,
                                      .mechanism_text = "branches < 0.1: no source",
                                      .identical_code = true};
    fill_point(&comparison->point);
    comparison->counters = calloc(2, sizeof *comparison->counters);
    comparison->claims = calloc(1, sizeof *comparison->claims);
    if (!comparison->counters || !comparison->claims)
        return -1;
    comparison->claim_count = 1;
    comparison->claims[0] = (struct claim){.basis = CLAIM_NO_SOURCE,
                                           .outcome = CLAIM_OPEN,
                                           .name = "branches",
                                           .predicted = "< 0.1",
                                           .found = absent};
    comparison->counter_count = 2;
    comparison->counters[0] = (struct counter_result){.name = "cycles",
                                                      .unit = "cycle",
                                                      .baseline = NAN,
                                                      .candidate = NAN,
                                                      .baseline_interval = absent,
                                                      .candidate_interval = absent,
                                                      .ratio = absent,
                                                      .reason = "no PMU"};
    comparison->counters[1] = (struct counter_result){.name = "page-faults",
                                                      .unit = "fault",
                                                      .source = SOURCE_SW,
                                                      .trust = TRUST_TRUSTED,
                                                      .baseline = 2,
                                                      .candidate = 0.1,
                                                      .baseline_interval = {2, 1.5, 2.5},
                                                      .candidate_interval = {0.1, 0.1, 0.1},
                                                      .predicted = true,
                                                      .ratio = {0.05, 0.04, 0.06}};
    return 0;
}

static int add_crossover(struct run *run) {
    struct crossover_prediction crossover = {
        .case_name = "lookup-hash-vs-linear",
        .baseline = "linear",
        .candidate = "hash",
        .point = {.values = {{.name = "hit", .value = 50, .unit = "%"}}, .count = 1},
        .parameter = "n",
        .low = 16,
        .high = 64.5,
        .first = INT64_MIN,
        .last = 65536,
        .outcome = MECHANISM_UNEXPLAINED,
        .text = "it wins at n = 8 already"};
    return run_add_crossover(run, &crossover);
}

static int add_fits(struct run *run) {
    struct growth_fit growth = {.case_name = "lookup-hash-vs-linear",
                                .variant = "hash",
                                .point = {.values = {{.name = "hit", .value = 50, .unit = "%"}}, .count = 1},
                                .parameter = "n",
                                .first = 4,
                                .last = 65536,
                                .sizes = 5,
                                .fit = growth_unknown(),
                                .predicted = "n²",
                                .outcome = MECHANISM_UNEXPLAINED,
                                .text = "log n"};
    growth.fit.points = 5;
    growth.fit.misfit[GROWTH_LOG] = 0.0625;
    growth.fit.possible[GROWTH_LOG] = true;
    growth.fit.best = GROWTH_LOG;
    growth.fit.step = (struct interval){2, -0.5, 4.5};
    struct scaling_fit scaling = {
        .case_name = "lookup-hash-vs-linear", .variant = "hash", .fit = scaling_unknown(), .text = "Amdahl"};
    scaling.fit.points = 2;
    scaling.fit.most_threads = 8;
    scaling.fit.serial = (struct interval){-0.125, NAN, NAN};
    return run_add_growth(run, &growth) || run_add_scaling(run, &scaling);
}

/* Simulated at a smaller point; the invalid arm and the placebo were left out. */
static int fill_simulation(struct measurement *measurement) {
    struct simulation *simulation = &measurement->simulation;
    *simulation = (struct simulation){.tool = "valgrind-3.19.0",
                                      .caches = "D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines",
                                      .seed = UINT64_MAX,
                                      .scaled = true,
                                      .items = 64,
                                      .duration_s = 0.5};
    fill_point(&simulation->point);
    simulation->point.values[0].value = 4096;
    simulation->arms = calloc(measurement->arm_count, sizeof *simulation->arms);
    if (!simulation->arms)
        return -1;
    for (size_t arm = 0; arm < measurement->arm_count; arm++) {
        struct simulated_arm *to = &simulation->arms[arm];
        *to = (struct simulated_arm){.cycles = NAN, .cycles_p5 = NAN, .cycles_p95 = NAN};
        for (int event = 0; event < COUNTER_EVENTS; event++)
            to->counts[event] = NAN;
        to->cause = arm == 1   ? SIMULATION_INVALID_ARM
                    : arm == 2 ? SIMULATION_BASELINE_AGAIN
                               : SIMULATION_COUNTED;
        if (arm > 0)
            snprintf(to->reason, sizeof to->reason, "%s", arm == 1 ? "invalid" : "the baseline again");
    }
    simulation->arms[0].counts[COUNTER_INSTRUCTIONS] = 4096.5;
    simulation->arms[0].cycles = 1024;
    simulation->arms[0].cycles_p5 = 1000;
    simulation->arms[0].cycles_p95 = 1100;
    return 0;
}

/* Returns 0, or non-zero when memory ran out; run_clear in either case. */
static int fill_sample_run(struct run *run) {
    struct measurement measurement;
    struct comparison comparison;
    struct skipped skipped = {.case_name = "two-level-cache", .reason = "redis-server is not installed"};
    *run = (struct run){.id = "20261120T112310Z-4f2a",
                        .started = "2026-11-20T11:23:10Z",
                        .duration_s = 12.5,
                        .version = "0.1.0"};
    run->command = strdup("countersign run 'caf\xc3\xa9' \xff");
    fill_host(&run->host);
    fill_plan(&run->counter_plan);
    struct case_plan own = {.case_name = "two-level-cache", .plan = run->counter_plan};
    strcpy(own.plan.native_events[1], "perf::MAJOR-FAULTS");
    if (run_add_case_plan(run, &own))
        return -1;
    run->settings = (struct run_settings){.points = "quick",
                                          .budget_s = 2,
                                          .delta = 0.01,
                                          .confidence = 0.95,
                                          .design = "sequential",
                                          .replicates = 8,
                                          .looks = 1,
                                          .seed = UINT64_MAX,
                                          .state = "warm",
                                          .layout = "random",
                                          .build = "native",
                                          .cpu_reason = "one per core",
                                          .counters = true};
    int error = fill_measurement(&measurement, 3) || fill_simulation(&measurement) ||
                run_add_measurement(run, &measurement);
    error = error || fill_measurement(&measurement, 0) || run_add_measurement(run, &measurement);
    error = error || fill_comparison(&comparison) || run_add_comparison(run, &comparison);
    error = error || fill_comparison(&comparison);
    if (error)
        return error;
    comparison.measurement = 1;
    comparison.verified = VERIFIED_CHECKED;
    comparison.verdict = VERDICT_FASTER;
    comparison.speedup = (struct interval){1.5, 1.4, 1.6};
    comparison.target_met = true;
    error = run_add_comparison(run, &comparison) || add_crossover(run) || add_fits(run) ||
            run_add_skipped(run, &skipped);
    fill_point(&skipped.point);
    strcpy(skipped.variant, "hash");
    return error || run_add_skipped(run, &skipped);
}

#endif
