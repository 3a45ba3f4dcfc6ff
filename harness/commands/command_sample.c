#include "commands/command_sample.h"

#include <math.h>
#include <string.h>

uint64_t sample_ticks(const struct command_sample *sample, struct sample_sums *sums, double ticks_per_ns) {
    if (sums->items == 0)
        sums->items = sample->items;
    return (uint64_t)fmax(1, round(sample->time_ns * (double)sums->items * ticks_per_ns));
}

/* Its place among the measurement's; RESULT_APP_COUNTERS: there is no room. */
static size_t place_of(struct measurement *measurement, const char *name) {
    size_t i = 0;
    while (i < RESULT_APP_COUNTERS && measurement->app_counters[i][0] &&
           strcmp(measurement->app_counters[i], name))
        i++;
    if (i < RESULT_APP_COUNTERS)
        snprintf(measurement->app_counters[i], RESULT_NAME, "%s", name);
    return i;
}

void sample_add(const struct command_sample *sample, struct measurement *measurement,
                struct sample_sums *sums) {
    for (size_t i = 0; i < sample->count; i++) {
        size_t place = place_of(measurement, sample->names[i]);
        if (place == RESULT_APP_COUNTERS || isnan(sample->values[i]))
            continue;
        sums->app[place] += sample->values[i];
        sums->app_count[place]++;
    }
    if (isnan(sample->latency.p50))
        return;
    sums->latency.p50 += sample->latency.p50;
    sums->latency.p95 += sample->latency.p95;
    sums->latency.p99 += sample->latency.p99;
    sums->latency.max += sample->latency.max;
    sums->latency_count++;
}

void sample_finish(const struct sample_sums *sums, struct replicate *replicate, size_t arm) {
    double count = sums->latency_count;
    if (sums->items)
        replicate->runs[arm] = sums->items;
    for (size_t i = 0; i < RESULT_APP_COUNTERS; i++)
        replicate->app[arm][i] = sums->app_count[i] > 0 ? sums->app[i] / sums->app_count[i] : NAN;
    if (count > 0)
        replicate->latency[arm] = (struct arm_latency){.p50 = sums->latency.p50 / count,
                                                       .p95 = sums->latency.p95 / count,
                                                       .p99 = sums->latency.p99 / count,
                                                       .max = sums->latency.max / count};
}
