/* Latencies of items, as variants record them: in rounds of their own, the only ones with recorders switched on. */
#include "stats/quantile.h"
#include "worker/worker_context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WANTED_ITEMS 20000 /* of each arm and process: 200 of them lie beyond p99 */
#define MOST_NS 2e8        /* of recorded runs of each arm and process */
#define VISITS 8           /* in which each arm's runs are taken, in turns */
#define EMPTY_PAIRS 101

/* What an arm has recorded. */
struct latencies {
    double *ns;
    size_t count, capacity;
};

/* The least that an item without anything in it takes. */
static double measure_empty_pair(const struct sample_clock *clock) {
    uint64_t ticks[EMPTY_PAIRS], least = UINT64_MAX;
    struct kernel_recorder alone = {.recorder = {.ticks = ticks, .capacity = EMPTY_PAIRS}};
    struct kernel_host host = {.recorders = &alone};
    kernel_host_record(&host, clock);
    for (size_t i = 0; i < EMPTY_PAIRS; i++) {
        cs_end(&alone.recorder, cs_begin(&alone.recorder));
        least = ticks[i] < least ? ticks[i] : least;
    }
    return (double)least;
}

static bool make_room(struct latencies *latencies, size_t more) {
    if (latencies->count + more <= latencies->capacity)
        return true;
    size_t capacity = 2 * (latencies->count + more);
    double *ns = realloc(latencies->ns, capacity * sizeof *ns);
    if (!ns)
        return false;
    latencies->ns = ns;
    latencies->capacity = capacity;
    return true;
}

/* Of one recorder and a run that took `whole` ticks. An arm that recorded wrongly becomes invalid. */
static bool take_recorded(struct worker *worker, size_t arm, const struct cs_recorder *recorder,
                          uint64_t whole, double empty, struct latencies *latencies) {
    const double count = (double)recorder->count, room = (double)recorder->capacity;
    if (recorder->count > recorder->capacity)
        worker_invalidate(worker, arm,
                          &(struct arm_why){.cause = CAUSE_LATENCIES_MANY, .count = count, .most = room});
    else if (!make_room(latencies, recorder->count))
        worker_invalidate(worker, arm, &(struct arm_why){.cause = CAUSE_LATENCIES_MEMORY, .count = count});
    for (size_t i = 0; i < recorder->count && !worker->report->arms[arm].invalid; i++) {
        if (recorder->ticks[i] > whole)
            worker_invalidate(worker, arm, &(struct arm_why){.cause = CAUSE_LATENCY_LONG});
        else
            latencies->ns[latencies->count++] =
                fmax(0, (double)recorder->ticks[i] - empty) / worker->job->clock.ticks_per_ns;
    }
    return !worker->report->arms[arm].invalid;
}

/* One run with recorders on. Ticks that it took; 0: the arm is invalid now. */
static uint64_t record_run(struct worker *worker, size_t arm, double empty, struct latencies *latencies) {
    if (worker->module.kernel->reset_each_run)
        kernel_host_reset_each(&worker->host, worker->module.kernel, worker->state);
    kernel_host_record(&worker->host, &worker->job->clock);
    uint64_t ticks = worker_run_once(worker, arm) + 1;
    for (struct kernel_recorder *each = worker->host.recorders; each; each = each->next)
        each->recorder.on = 0;
    for (struct kernel_recorder *each = worker->host.recorders; each; each = each->next)
        if (!take_recorded(worker, arm, &each->recorder, ticks, empty, latencies))
            return 0;
    return ticks;
}

/* `runs` of an arm, as a sample of so many begins. */
static uint64_t record_runs(struct worker *worker, size_t arm, uint64_t runs, double empty,
                            struct latencies *latencies) {
    uint64_t slowest = 0;
    worker_announce(worker, PHASE_COUNT, (int)arm);
    worker_prepare(worker, arm, runs);
    for (uint64_t i = 0; i < runs; i++) {
        uint64_t ticks = record_run(worker, arm, empty, latencies);
        if (!ticks)
            return 0;
        slowest = ticks > slowest ? ticks : slowest;
    }
    return slowest;
}

/* By one run of each, which is not kept. As many of all arms, since the longest of more is longer. 0: none records. */
static uint64_t choose_runs(struct worker *worker, double empty) {
    uint64_t slowest = 1;
    size_t arms[SCHEDULE_MAX_ARMS], most = 0, count = worker_draw_order(worker, PHASE_COUNT, arms);
    struct latencies first = {0};
    for (size_t i = 0; i < count; i++) {
        first.count = 0;
        uint64_t ticks = record_runs(worker, arms[i], 1, empty, &first);
        slowest = ticks > slowest ? ticks : slowest;
        most = first.count > most ? first.count : most;
    }
    free(first.ns);
    if (!most)
        return 0;
    double wanted = ceil(WANTED_ITEMS / (double)most);
    double possible = MOST_NS * worker->job->clock.ticks_per_ns / (double)slowest;
    return (uint64_t)fmax(1, fmin(wanted, possible));
}

/* A cold run follows an eviction, so it stands alone. */
static uint64_t runs_a_visit(const struct worker *worker, uint64_t runs) {
    return worker->job->state == STATE_COLD || runs < VISITS ? 1 : runs / VISITS;
}

struct arm_latency worker_summarize_latencies(double *ns, size_t count) {
    struct arm_latency latency = {NAN, NAN, NAN, NAN};
    if (!count)
        return latency;
    sort_values(ns, count);
    latency.p50 = quantile_sorted(ns, count, 0.5);
    if (count >= 20)
        latency.p95 = quantile_sorted(ns, count, 0.95);
    if (count >= 100)
        latency.p99 = quantile_sorted(ns, count, 0.99);
    latency.max = ns[count - 1];
    return latency;
}

void worker_record_latencies(struct worker *worker) {
    if (!worker->host.recorders)
        return;
    struct latencies latencies[SCHEDULE_MAX_ARMS] = {0};
    struct schedule schedule;
    double empty = measure_empty_pair(&worker->job->clock);
    uint64_t runs = choose_runs(worker, empty), each = runs_a_visit(worker, runs);
    size_t arms[SCHEDULE_MAX_ARMS], count = worker->live_count;
    memcpy(arms, worker->live, sizeof arms);
    schedule_start(&schedule, worker->job->seed + 5, count);
    for (uint64_t done = 0; done < runs && count; done += each) {
        const uint32_t *order = schedule_next(&schedule);
        for (size_t i = 0; i < count; i++)
            if (!worker->report->arms[arms[order[i]]].invalid)
                record_runs(worker, arms[order[i]], each, empty, &latencies[arms[order[i]]]);
    }
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++) {
        if (!worker->report->arms[arm].invalid)
            worker->report->arms[arm].latency =
                worker_summarize_latencies(latencies[arm].ns, latencies[arm].count);
        free(latencies[arm].ns);
    }
}
