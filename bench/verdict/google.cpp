// The kernel's variants under Google Benchmark: one benchmark each, by the variant's name.
#include "chain.h"

#include <benchmark/benchmark.h>
#include <countersign.h>

static void measure(benchmark::State &state, void (*run)(void *)) {
    chain chain = {};
    chain.start = CHAIN_BASE;
    for (auto _ : state) {
        run(&chain);
        benchmark::ClobberMemory();
    }
    if (chain.product != chain.start)
        state.SkipWithError("wrong answer");
}

int main(int argc, char **argv) {
    for (const cs_variant *variant = cs_kernel.variants; variant->name; variant++)
        benchmark::RegisterBenchmark(variant->name, measure, variant->run);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
