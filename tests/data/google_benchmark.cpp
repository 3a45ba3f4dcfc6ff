// Benchmarks whose times are given, not measured, and that go wrong: which ones depends on the program's name, so that one
// compilation makes both sides.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

static void takes(benchmark::State &state, double seconds) {
    for (auto _ : state)
        state.SetIterationTime(seconds);
    state.counters["probes"] = seconds * 1e9;
    state.counters["endless"] = 1.0 / 0.0;
}

static void add(const std::string &name, double seconds) {
    benchmark::RegisterBenchmark(name.c_str(), takes, seconds)->UseManualTime();
}

int main(int argc, char **argv) {
    bool is_new = std::string(argv[0]).substr(std::string(argv[0]).size() - 3) == "new";
    add("halved", is_new ? 1e-6 : 2e-6);
    add("same", 1e-6);
    add("same/longer", 1e-6); // "same" must not run it
    add("odd.name(*)[1]{2}+a|b?^$", 1e-6);
    add(std::string(70, 'x') + "1", 1e-6);
    add(std::string(70, 'x') + "2", 1e-6);
    add(is_new ? "added" : "dropped", 1e-6);
    add("twice", 1e-6);
    add("twice", 1e-6);
    benchmark::RegisterBenchmark("repeated", takes, 3e-3)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->Repetitions(2)
        ->ReportAggregatesOnly();
    benchmark::RegisterBenchmark("prints", [](benchmark::State &state) {
        std::puts("{\"benchmarks\": [");
        takes(state, 1e-6);
    })->UseManualTime();
    benchmark::RegisterBenchmark("crashes", [is_new](benchmark::State &state) {
        takes(state, 1e-6);
        if (is_new)
            std::abort();
    })->UseManualTime();
    benchmark::RegisterBenchmark("fails", [is_new](benchmark::State &state) {
        if (is_new)
            state.SkipWithError("no such table");
        takes(state, 1e-6);
    })->UseManualTime();
    benchmark::RegisterBenchmark("hangs", [is_new](benchmark::State &state) {
        takes(state, 1e-6);
        while (is_new)
            pause();
    })->UseManualTime();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
}
