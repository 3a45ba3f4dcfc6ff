// What an empty sample costs: by the harness's own code, by bare clock reads, and by Google Benchmark, all in
// one process, in random order, many times. Prints JSON: nanoseconds of each repeat.
//
// A stretch is what lies between starting and stopping a timer once. "reads" is what the timer says of an
// empty stretch: a bias of every sample. "takes" is the time until the next stretch can start, by the sample
// clock.
#include "harness_sample.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <sched.h>
#include <string>
#include <time.h>
#include <vector>

namespace {

constexpr int64_t stretches = 256; // a repeat's figure is the mean over so many
constexpr int64_t iterations = 1 << 16;

double ticks_per_ns;
double pause_resume_ticks; // left by the benchmark that ran last

double elapsed_ns(uint64_t start) {
    return static_cast<double>(harness_clock_now() - start) / ticks_per_ns;
}

uint64_t monotonic_ns() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

void pause_resume(benchmark::State &state) {
    for (auto _ : state) {
        uint64_t start = harness_clock_now();
        for (int64_t i = 0; i < stretches; i++) {
            state.PauseTiming();
            state.ResumeTiming();
        }
        pause_resume_ticks = static_cast<double>(harness_clock_now() - start);
    }
}

void empty_loop(benchmark::State &state) {
    for (auto _ : state)
        benchmark::ClobberMemory(); // no instruction, but the compiler may not drop the loop
}

void empty_call(benchmark::State &state) {
    void (*run)(void *) = harness_empty_run;
    for (auto _ : state)
        run(nullptr);
}

// Keeps the accumulated time of the one benchmark that was run, and prints nothing.
class Keeper : public benchmark::BenchmarkReporter {
  public:
    double seconds = 0;
    bool ReportContext(const Context &) override {
        return true;
    }
    void ReportRuns(const std::vector<Run> &runs) override {
        if (runs.size() == 1 && !runs[0].error_occurred)
            seconds = runs[0].real_accumulated_time;
    }
};

double run_benchmark_ns(const std::string &name) {
    Keeper keeper;
    if (benchmark::RunSpecifiedBenchmarks(&keeper, "^" + name + "/") != 1 || keeper.seconds <= 0) {
        std::fprintf(stderr, "empty_sample: Google Benchmark did not run '%s'\n", name.c_str());
        std::exit(1);
    }
    return keeper.seconds * 1e9;
}

struct Reading {
    double reads, takes;
};

struct Series {
    const char *name;
    std::function<Reading()> measure;
    std::vector<Reading> readings;
};

Reading measure_samples() {
    uint64_t start = harness_clock_now(), ticks = 0;
    for (int64_t i = 0; i < stretches; i++)
        ticks += harness_sample(1);
    double takes = elapsed_ns(start) / stretches;
    return {static_cast<double>(ticks) / ticks_per_ns / stretches, takes};
}

Reading measure_clock_pairs() {
    uint64_t start = harness_clock_now(), ticks = harness_clock_pairs(stretches);
    double takes = elapsed_ns(start) / stretches;
    return {static_cast<double>(ticks) / ticks_per_ns / stretches, takes};
}

Reading measure_gettime_pairs() {
    uint64_t start = harness_clock_now(), sum = 0;
    for (int64_t i = 0; i < stretches; i++) {
        uint64_t first = monotonic_ns();
        sum += monotonic_ns() - first;
    }
    double takes = elapsed_ns(start) / stretches;
    return {static_cast<double>(sum) / stretches, takes};
}

// The timed part of the loop is in one stretch more than there are pairs: before the first and after the
// last.
Reading measure_pause_resume() {
    double reads = run_benchmark_ns("pause_resume") / (stretches + 1);
    return {reads, pause_resume_ticks / ticks_per_ns / stretches};
}

// One stretch of many runs: what a run adds.
Reading measure_harness_runs() {
    double ns = static_cast<double>(harness_sample(iterations)) / ticks_per_ns / iterations;
    return {ns, ns};
}

Reading measure_iterations(const std::string &name) {
    double ns = run_benchmark_ns(name) / iterations;
    return {ns, ns};
}

// The highest allowed CPU: interrupts tend to be served by the lowest.
int bind_to_one_cpu() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return -1;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
        if (CPU_ISSET(cpu, &set)) {
            CPU_ZERO(&set);
            CPU_SET(cpu, &set);
            return sched_setaffinity(0, sizeof set, &set) == 0 ? cpu : -1;
        }
    return -1;
}

void print(const std::vector<Series> &all, int cpu) {
    std::printf("{\"clock\": \"%s\", \"cpu\": %d, \"stretches\": %d, \"iterations\": %d, \"series\": {",
                harness_clock_name(), cpu, static_cast<int>(stretches), static_cast<int>(iterations));
    const char *between = "";
    for (const Series &series : all) {
        std::printf("%s\n \"%s\": [", between, series.name);
        between = ",";
        for (size_t i = 0; i < series.readings.size(); i++)
            std::printf("%s[%.4f, %.4f]", i ? ", " : "", series.readings[i].reads, series.readings[i].takes);
        std::printf("]");
    }
    std::printf("}}\n");
}

} // namespace

int main(int argc, char **argv) {
    int repeats = argc == 2 ? std::atoi(argv[1]) : 0;
    if (repeats < 1 || repeats > 1000000) {
        std::fprintf(stderr, "usage: empty_sample REPEATS\n");
        return 2;
    }
    int cpu = bind_to_one_cpu();
    ticks_per_ns = harness_sample_open();
    benchmark::RegisterBenchmark("pause_resume", pause_resume)->Iterations(1)->UseRealTime();
    benchmark::RegisterBenchmark("empty_loop", empty_loop)->Iterations(iterations)->UseRealTime();
    benchmark::RegisterBenchmark("empty_call", empty_call)->Iterations(iterations)->UseRealTime();

    std::vector<Series> all = {
        {"sample", measure_samples, {}},
        {"clock_pair", measure_clock_pairs, {}},
        {"gettime_pair", measure_gettime_pairs, {}},
        {"pause_resume", measure_pause_resume, {}},
        {"sample_run", measure_harness_runs, {}},
        {"loop_call", [] { return measure_iterations("empty_call"); }, {}},
        {"loop", [] { return measure_iterations("empty_loop"); }, {}},
    };
    std::mt19937 random(1);
    std::vector<size_t> order(all.size());
    for (size_t i = 0; i < order.size(); i++)
        order[i] = i;
    for (int repeat = 0; repeat < repeats; repeat++) {
        std::shuffle(order.begin(), order.end(), random);
        for (size_t i : order) {
            all[i].measure(); // warm: caches and predictors hold this code and not another's
            all[i].readings.push_back(all[i].measure());
        }
    }
    print(all, cpu);
    return 0;
}
