/* A run as JSON of Google Benchmark's form, which its compare.py reads. */
#include "report/case_view.h"
#include "report/report.h"
#include "stats/quantile.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

/* Midmean over the rounds of a replicate, ns an item; NAN without samples. `times` has room for all rounds. */
static double replicate_time(const struct run *run, const struct measurement *measurement,
                             size_t replicate_index, size_t arm, double *times) {
    const struct replicate *replicate = &measurement->replicates[replicate_index];
    if (!replicate->ticks[arm] || !replicate->runs[arm])
        return NAN;
    for (size_t round = 0; round < replicate->rounds; round++)
        times[round] = (double)replicate->ticks[arm][round] / run->host.clock.ticks_per_ns /
                       (double)replicate->runs[arm] / measurement->items;
    return midmean(times, replicate->rounds);
}

/* "case/variant/n:64/order:random", as Google Benchmark names arguments. */
static void print_name(const struct measurement *measurement, size_t arm, struct text *name) {
    text_printf(name, "%s/%s", measurement->case_name, measurement->arms[arm].variant);
    for (size_t i = 0; i < measurement->point.count; i++) {
        const struct point_value *value = &measurement->point.values[i];
        if (value->choice[0])
            text_printf(name, "/%s:%s", value->name, value->choice);
        else
            text_printf(name, "/%s:%lld", value->name, (long long)value->value);
    }
}

static double total_runs(const struct replicate *replicate, size_t arm) {
    return (double)replicate->runs[arm] * (double)replicate->rounds;
}

/* One replicate of a variant is a repetition. An unknown CPU time is left out, and compare.py leaves the benchmark out
 * then. */
static int add_repetition(const struct run *run, const struct measurement *measurement, size_t r, size_t arm,
                          double *times, json_t *benchmarks) {
    double time = replicate_time(run, measurement, r, arm, times);
    double share =
        measurement->replicates[r].resources ? measurement->replicates[r].resources[arm].cpu_share : NAN;
    struct text name = {0};
    if (!isfinite(time))
        return 0;
    print_name(measurement, arm, &name);
    json_t *benchmark = json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:f, s:s}", "name", text_string(&name), "run_name",
        text_string(&name), "run_type", "iteration", "repetitions", (int)measurement->replicate_count,
        "repetition_index", (int)r, "threads", (int)measurement->replicates[r].thread_count, "iterations",
        (json_int_t)total_runs(&measurement->replicates[r], arm), "real_time", time, "time_unit", "ns");
    int status = !benchmark || name.failed ? -ENOMEM : 0;
    if (status == 0 && isfinite(share) && json_object_set_new(benchmark, "cpu_time", json_real(time * share)))
        status = -ENOMEM;
    if (json_array_append_new(benchmarks, benchmark) && status == 0)
        status = -ENOMEM;
    text_clear(&name);
    return status;
}

static int add_measurement(const struct run *run, const struct measurement *measurement, json_t *benchmarks) {
    size_t rounds = 1;
    int status = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        rounds = measurement->replicates[r].rounds > rounds ? measurement->replicates[r].rounds : rounds;
    double *times = malloc(rounds * sizeof *times);
    if (!times)
        return -ENOMEM;
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        for (size_t r = 0; r < measurement->replicate_count && status == 0; r++)
            if (!measurement->arms[arm].invalid && measurement->arms[arm].role != ARM_PLACEBO)
                status = add_repetition(run, measurement, r, arm, times, benchmarks);
    free(times);
    return status;
}

int report_google_benchmark(const struct run *run, FILE *stream) {
    json_t *benchmarks = json_array();
    int status = benchmarks ? 0 : -ENOMEM;
    for (size_t i = 0; i < run->measurement_count && status == 0; i++)
        status = add_measurement(run, &run->measurements[i], benchmarks);
    json_t *document =
        json_pack("{s:{s:s, s:s, s:i, s:s, s:s}, s:O}", "context", "date", run->started, "executable",
                  "countersign", "num_cpus", (int)run->host.topology.cpus, "countersign_run", run->id,
                  "cpu_model", run->host.cpu_model, "benchmarks", benchmarks);
    json_decref(benchmarks);
    if (!document)
        status = -ENOMEM;
    if (status == 0 && (json_dumpf(document, stream, JSON_INDENT(1) | JSON_ENSURE_ASCII) ||
                        fputc('\n', stream) == EOF || fflush(stream)))
        status = errno ? -errno : -EIO;
    json_decref(document);
    return status;
}
