/* Runs made by hand, for the tests of the reports. */
#ifndef TEST_SAMPLE_RUN_H
#define TEST_SAMPLE_RUN_H

#include "store/result.h"
#include "store/thread_counts.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY(field, ...) snprintf((field), sizeof(field), __VA_ARGS__)

static inline struct interval sample_interval(double estimate, double relative_half) {
    return (struct interval){estimate, estimate * (1 - relative_half), estimate * (1 + relative_half)};
}

static inline void sample_number(struct point *point, const char *name, int64_t value, const char *unit) {
    struct point_value *entry = &point->values[point->count++];
    COPY(entry->name, "%s", name);
    COPY(entry->unit, "%s", unit);
    entry->value = value;
}

static inline void sample_choice(struct point *point, const char *name, int64_t index, const char *choice) {
    struct point_value *entry = &point->values[point->count++];
    COPY(entry->name, "%s", name);
    COPY(entry->choice, "%s", choice);
    entry->value = index;
}

/* A valid comparison of the given speedup and relative half-width, judged as the program does. */
static inline struct comparison sample_comparison(const char *case_name, const char *candidate,
                                                  double baseline_ns, double speedup, double relative_half) {
    struct comparison comparison = {
        .verified = VERIFIED_CHECKED,
        .speedup = sample_interval(speedup, relative_half),
        .confidence = 0.95,
        .placebo = {1.0001, 0.9991, 1.0011},
        .target = 1.25,
        .within_half = relative_half / 2,
        .between_half = relative_half,
        .baseline_time = {baseline_ns, baseline_ns * 0.97, baseline_ns * 1.2, baseline_ns * 0.95},
        .baseline_resources = {NAN, NAN},
        .candidate_resources = {NAN, NAN},
        .baseline_latency = {NAN, NAN, NAN, NAN},
        .candidate_latency = {NAN, NAN, NAN, NAN},
    };
    double candidate_ns = baseline_ns / speedup;
    comparison.candidate_time =
        (struct time_summary){candidate_ns, candidate_ns * 0.97, candidate_ns * 1.2, candidate_ns * 0.95};
    COPY(comparison.case_name, "%s", case_name);
    COPY(comparison.kernel, "%s", case_name);
    COPY(comparison.item, "item");
    COPY(comparison.baseline, "base");
    COPY(comparison.candidate, "%s", candidate);
    comparison.verdict = verdict_of(comparison.speedup, comparison.placebo, 0.01);
    comparison.target_met = target_met(comparison.speedup, comparison.target);
    return comparison;
}

static inline void sample_invalid(struct comparison *comparison, enum verified verified, const char *reason) {
    const struct time_summary none = {NAN, NAN, NAN, NAN};
    comparison->verdict = VERDICT_INVALID;
    comparison->verified = verified;
    comparison->speedup = (struct interval){NAN, NAN, NAN};
    comparison->baseline_time = comparison->candidate_time = none;
    comparison->target_met = false;
    COPY(comparison->reason, "%s", reason);
}

static inline struct counter_result *sample_counter(struct comparison *comparison, const char *name,
                                                    enum counter_source source, double baseline,
                                                    double candidate) {
    comparison->counters =
        realloc(comparison->counters, (comparison->counter_count + 1) * sizeof *comparison->counters);
    assert(comparison->counters);
    struct counter_result *counter = &comparison->counters[comparison->counter_count++];
    *counter = (struct counter_result){
        .source = source, .trust = TRUST_TRUSTED, .baseline = baseline, .candidate = candidate};
    COPY(counter->name, "%s", name);
    COPY(counter->unit, "count");
    counter->baseline_interval = sample_interval(baseline, 0.002);
    counter->candidate_interval = sample_interval(candidate, 0.003);
    counter->ratio = baseline > 0 ? sample_interval(candidate / baseline, 0.001) : sample_interval(NAN, NAN);
    return counter;
}

/* Exact: its intervals have no width. */
static inline struct counter_result *sample_simulated(struct comparison *comparison, const char *name,
                                                      double baseline, double candidate) {
    struct counter_result *counter = sample_counter(comparison, name, SOURCE_SIM, baseline, candidate);
    counter->baseline_interval = sample_interval(baseline, 0);
    counter->candidate_interval = sample_interval(candidate, 0);
    counter->ratio = sample_interval(baseline > 0 ? candidate / baseline : NAN, 0);
    return counter;
}

static inline void sample_absent(struct comparison *comparison, const char *name, const char *reason) {
    struct counter_result *counter = sample_counter(comparison, name, SOURCE_NONE, NAN, NAN);
    counter->trust = TRUST_NONE;
    COPY(counter->reason, "%s", reason);
}

static inline void sample_add(struct run *run, struct comparison *comparison) {
    int error = run_add_comparison(run, comparison);
    assert(error == 0);
    (void)error;
}

/* A run without comparisons: a virtual machine with no PMU. */
static inline void sample_open(struct run *run) {
    *run = (struct run){.complete = true, .duration_s = 93.4};
    COPY(run->id, "20260301T120000Z-0a1b");
    COPY(run->host.cpu_model, "AMD EPYC 9B45");
    COPY(run->host.hypervisor, "kvm");
    run->settings = (struct run_settings){.points = "sweep",
                                          .budget_s = 2,
                                          .delta = 0.01,
                                          .confidence = 0.95,
                                          .replicates = 8,
                                          .seed = 42,
                                          .state = "warm",
                                          .layout = "fixed",
                                          .build = "native",
                                          .cpu_reason = "one per physical core, one NUMA node",
                                          .counters = true,
                                          .placebo = true};
    for (size_t event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &run->counter_plan.entries[event];
        if (counter_event_info[event].hardware) {
            COPY(entry->reason, "no PMU: this virtual machine exposes none");
            COPY(entry->remedy, "a machine type with a virtual PMU, or bare metal");
        } else {
            entry->source = SOURCE_SW;
            entry->trust = TRUST_TRUSTED;
        }
    }
}

static inline void sample_bind(struct run *run, const int *cpus, size_t count) {
    struct measurement measurement = {0};
    struct arm *arms = calloc(1, sizeof *arms);
    struct replicate *replicates = calloc(1, sizeof *replicates);
    assert(arms && replicates);
    COPY(measurement.case_name, "bound");
    measurement.arms = arms;
    measurement.arm_count = 1;
    measurement.replicates = replicates;
    measurement.replicate_count = 1;
    int error = replicate_allocate(replicates, 1, 1, count);
    assert(error == 0);
    for (size_t i = 0; i < count; i++)
        replicates->threads[i] = (struct thread_binding){.thread = (int)i, .cpu = cpus[i]};
    error = run_add_measurement(run, &measurement);
    assert(error == 0);
    (void)error;
}

/* One candidate along n, loses below 32; counters of a PMU. */
static inline void sample_add_lookup(struct run *run) {
    static const struct {
        int64_t n;
        double baseline_ns, speedup, half, instructions, misses;
    } points[] = {{4, 1.82, 0.571, 0.004, 1.31, 1},        {8, 2.9, 0.72, 0.004, 1.1, 1},
                  {16, 5.2, 1.0004, 0.003, 0.8, 0.9},      {32, 10.4, 1.62, 0.006, 0.42, 0.5},
                  {64, 20.1, 3.121, 0.0064, 0.21, 0.05},   {4096, 1310, 142.4, 0.01, 0.0083, 0.012},
                  {65536, 21400, 1890, 0.02, 0.00052, 0.3}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct comparison comparison = sample_comparison(
            "lookup-hash-vs-linear", "hash", points[i].baseline_ns, points[i].speedup, points[i].half);
        COPY(comparison.case_title, "Hash table against linear search");
        COPY(comparison.item, "lookup");
        COPY(comparison.baseline, "linear");
        sample_number(&comparison.point, "n", points[i].n, "ids");
        sample_number(&comparison.point, "hit", 50, "%");
        sample_counter(&comparison, "instructions", SOURCE_HW, 10.0 * (double)points[i].n,
                       10.0 * (double)points[i].n * points[i].instructions);
        sample_counter(&comparison, "branch-misses", SOURCE_HW_GENERIC, 0.9, 0.9 * points[i].misses);
        sample_absent(&comparison, "llc-misses", "event not known to this PAPI");
        comparison.mechanism = points[i].n >= 1024 ? MECHANISM_EXPLAINED : MECHANISM_NONE;
        if (points[i].n == 65536) {
            comparison.mechanism = MECHANISM_UNEXPLAINED;
            COPY(comparison.mechanism_text, "branches 0.4×, predicted below 0.1×");
        }
        sample_add(run, &comparison);
    }
}

/* Two candidates over two parameters and a choice that is constant; simulated counters, memory. */
static inline void sample_add_layout(struct run *run) {
    static const char *const candidates[] = {"soa", "aosoa-of-eight-lanes"};
    static const int64_t fields[] = {1, 8}, sizes[] = {1024, 1048576, 8388608};
    for (size_t c = 0; c < 2; c++)
        for (size_t f = 0; f < 2; f++)
            for (size_t s = 0; s < 3; s++) {
                double speedup = f ? 0.999 + 0.001 * (double)s : 1.8 + 2.1 * (double)s - 0.4 * (double)c;
                struct comparison comparison =
                    sample_comparison("aos-vs-soa", candidates[c], 0.81 * (double)(s + 1), speedup, 0.002);
                COPY(comparison.case_title, "Array of structs against struct of arrays");
                COPY(comparison.item, "record");
                COPY(comparison.baseline, "aos");
                sample_number(&comparison.point, "n", sizes[s], "records");
                sample_number(&comparison.point, "fields", fields[f], "fields");
                sample_choice(&comparison.point, "order", 1, "random");
                comparison.verified = VERIFIED_YES;
                if (s == 2)
                    COPY(comparison.noise_text, "steal 4.1 %%, 212 involuntary switches");
                comparison.baseline_resources.peak_rss_bytes = 64.0 * (double)sizes[s];
                comparison.candidate_resources.peak_rss_bytes = (c ? 64.0 : 16.0) * (double)sizes[s];
                sample_counter(&comparison, "l1d-misses", SOURCE_SIM, 1, f ? 1 : 0.125)->trust =
                    TRUST_DEGRADED;
                sample_counter(&comparison, "task-clock", SOURCE_SW, 10, 10 / speedup);
                sample_add(run, &comparison);
            }
}

/* System calls, bytes as a parameter, latencies; a crash, a wrong answer and an undecided point. */
static inline void sample_add_io(struct run *run) {
    static const char *const reasons[] = {"batched: killed by signal 11 (segmentation fault)",
                                          "batched: output \"sum\", index 3: got 7, expected 8"};
    for (size_t i = 0; i < 4; i++) {
        struct comparison comparison =
            sample_comparison("io-batched", "batched", 812000, i == 1 ? 1.013 : 11.2, i == 1 ? 0.03 : 0.03);
        COPY(comparison.case_title, "One call a record against one a block");
        COPY(comparison.item, "record");
        COPY(comparison.baseline, "per-record-write");
        sample_number(&comparison.point, "record", 16 << (4 * i), "bytes");
        sample_counter(&comparison, "write-calls", SOURCE_SW, 1, 1.0 / 512);
        sample_counter(&comparison, "page-faults", SOURCE_SW, 0, 0);
        sample_counter(&comparison, "flushes", SOURCE_APP, 4, 2);
        if (i == 1)
            COPY(comparison.reason, "about 40 s a comparison would tell 1 %% apart");
        if (i >= 2)
            sample_invalid(&comparison, i == 2 ? VERIFIED_NO : VERIFIED_WRONG, reasons[i - 2]);
        if (!i) {
            comparison.baseline_latency = (struct arm_latency){780e3, 1.2e6, 4.1e6, 9e6};
            comparison.candidate_latency = (struct arm_latency){41e3, 90e3, 8.8e6, 1e7};
            COPY(comparison.carry_over_text, "batched ran 2.1 %% slower right after the baseline");
        }
        sample_add(run, &comparison);
    }
}

/* A placebo case: one point, no parameters, identical code. */
static inline void sample_add_placebo(struct run *run) {
    struct comparison comparison = sample_comparison("placebo", "same", 4.2e6, 1.00002, 0.0004);
    COPY(comparison.case_title, "The same function twice");
    comparison.identical_code = true;
    comparison.verified = VERIFIED_YES;
    sample_counter(&comparison, "page-faults", SOURCE_SW, 0, 0);
    sample_add(run, &comparison);
}

static inline void sample_add_skipped(struct run *run) {
    struct skipped server = {.reason = "redis-server is not installed"};
    COPY(server.case_name, "request-pipelining");
    struct skipped threads = {.reason = "8 threads asked, 2 CPUs allowed"};
    COPY(threads.case_name, "parallel-vs-serial");
    COPY(threads.variant, "openmp");
    sample_number(&threads.point, "threads", 8, "");
    int error = run_add_skipped(run, &server) || run_add_skipped(run, &threads);
    assert(error == 0);
    (void)error;
}

/* Adds the measurement that the next comparison refers to: two arms, simulated unless there is a reason. */
static inline struct measurement *sample_measurement(struct run *run, const struct comparison *comparison,
                                                     const char *reason) {
    struct measurement measurement = {.arm_count = 2, .point = comparison->point};
    measurement.arms = calloc(2, sizeof *measurement.arms);
    assert(measurement.arms);
    COPY(measurement.case_name, "%s", comparison->case_name);
    COPY(measurement.arms[0].variant, "%s", comparison->baseline);
    COPY(measurement.arms[1].variant, "%s", comparison->candidate);
    measurement.arms[1].role = ARM_CANDIDATE;
    struct simulation *simulation = &measurement.simulation;
    COPY(simulation->tool, "valgrind-3.19.0");
    COPY(simulation->caches, "D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines");
    COPY(simulation->reason, "%s", reason);
    if (!reason[0]) {
        simulation->arms = calloc(2, sizeof *simulation->arms);
        assert(simulation->arms);
        simulation->point = measurement.point;
    }
    int error = run_add_measurement(run, &measurement);
    assert(error == 0);
    (void)error;
    return &run->measurements[run->measurement_count - 1];
}

static inline void sample_estimated_ipc(struct comparison *comparison, double baseline, double candidate) {
    struct counter_result *counter = sample_counter(comparison, "ipc", SOURCE_SIM, baseline, candidate);
    counter->trust = TRUST_DEGRADED;
    COPY(counter->unit, "instruction/cycle");
    COPY(counter->reason, "simulated instructions over calibrated cycles of the same binary");
}

/* No PMU: two points of one case, the larger simulated at a smaller one; predictions name two counters. */
static inline void sample_add_simulated_lookup(struct run *run) {
    for (int i = 0; i < 2; i++) {
        struct comparison comparison =
            sample_comparison("lookup-hash-vs-linear", "hash", i ? 21400 : 20.1, i ? 1890 : 3.12, 0.02);
        COPY(comparison.item, "lookup");
        COPY(comparison.baseline, "linear");
        sample_number(&comparison.point, "n", i ? 65536 : 64, "ids");
        comparison.measurement = run->measurement_count;
        comparison.candidate_arm = 1;
        struct measurement *measurement = sample_measurement(run, &comparison, "");
        measurement->simulation.scaled = i;
        if (i)
            measurement->simulation.point.values[0].value = 4096;
        struct counter_result *cycles = sample_counter(&comparison, "cycles", SOURCE_CLOCK, 60, 20);
        cycles->trust = TRUST_DEGRADED;
        COPY(cycles->reason, "estimated from a clock calibrated between the samples");
        sample_counter(&comparison, "task-clock", SOURCE_SW, 20.1, 6.44);
        COPY(comparison.counters[1].unit, "ns");
        sample_absent(&comparison, "instructions", "no PMU: this virtual machine exposes none");
        sample_absent(&comparison, "l2-misses", "no PMU: this virtual machine exposes none");
        sample_simulated(&comparison, "instructions", i ? 12000 : 200, i ? 31 : 30);
        sample_simulated(&comparison, "branches", i ? 4096 : 64, 3)->predicted = true;
        sample_simulated(&comparison, "branch-misses", 1, 0.02)->predicted = i;
        sample_simulated(&comparison, "llc-misses", 0, 0);
        for (size_t k = 4; i && k < comparison.counter_count; k++) {
            comparison.counters[k].trust = TRUST_DEGRADED;
            COPY(comparison.counters[k].reason, "simulated at n = 4096");
        }
        sample_estimated_ipc(&comparison, 3.4, 1.5);
        comparison.spread_round = 0.001;
        comparison.spread_process = 0.003;
        comparison.spread_layout = i ? 0.02 : 0.001;
        comparison.mechanism = i ? MECHANISM_UNEXPLAINED : MECHANISM_EXPLAINED;
        COPY(comparison.mechanism_text,
             i ? "predicted branches < 0.0001×, simulated 0.00073× at n = 4096 (sim)"
               : "all 2 predictions held");
        sample_add(run, &comparison);
    }
}

/* Counted as well as simulated: the count is told. */
static inline void sample_add_counted(struct run *run) {
    struct comparison comparison = sample_comparison("copy-words", "vector", 100, 4, 0.001);
    comparison.measurement = run->measurement_count;
    comparison.candidate_arm = 1;
    sample_measurement(run, &comparison, "");
    sample_counter(&comparison, "data-reads", SOURCE_HW, 8, 1);
    sample_simulated(&comparison, "data-reads", 8, 2);
    comparison.baseline_latency = (struct arm_latency){780, 1200, 4100, 9000};
    comparison.candidate_latency = (struct arm_latency){41, 90, 880, 1000};
    comparison.baseline_resources = comparison.candidate_resources =
        (struct arm_resources){.cpu_share = 0.99, .peak_rss_bytes = 4 << 20};
    COPY(comparison.carry_over_text, "order matters: the speedup is +2.1 %% where base ran first");
    sample_add(run, &comparison);
}

/* Two threads, which cannot be simulated. */
static inline void sample_add_parallel(struct run *run) {
    struct comparison comparison = sample_comparison("sum-parallel", "openmp", 4.2e6, 1.8, 0.01);
    comparison.measurement = run->measurement_count;
    comparison.candidate_arm = 1;
    struct measurement *measurement =
        sample_measurement(run, &comparison, "more than one thread would take turns under Callgrind");
    measurement->replicates = calloc(1, sizeof *measurement->replicates);
    assert(measurement->replicates);
    measurement->replicate_count = 1;
    int error = replicate_allocate(measurement->replicates, 2, 1, 2);
    assert(error == 0);
    (void)error;
    for (size_t thread = 0; thread < 2; thread++) {
        measurement->replicates->threads[thread] = (struct thread_binding){(int)thread, (int)thread};
        thread_counts(measurement->replicates, 1, thread)[thread_event_index(COUNTER_TASK_CLOCK)] =
            thread ? 480 : 520;
    }
    sample_counter(&comparison, "task-clock", SOURCE_SW, 4.2e6, 2.4e6);
    sample_add(run, &comparison);
}

/* Simulated counters of every kind. */
static inline void sample_simulation(struct run *run) {
    sample_open(run);
    run->counter_plan.entries[COUNTER_DATA_READS].source = SOURCE_HW;
    run->counter_plan.entries[COUNTER_DATA_READS].trust = TRUST_TRUSTED;
    sample_add_simulated_lookup(run);
    sample_add_counted(run);
    sample_add_parallel(run);
}

/* Everything above but sample_simulation. */
static inline void sample_rich(struct run *run) {
    static const int cpus[] = {1, 0};
    sample_open(run);
    sample_bind(run, cpus, 2);
    sample_add_lookup(run);
    sample_add_layout(run);
    sample_add_io(run);
    sample_add_placebo(run);
    sample_add_skipped(run);
}

#endif
