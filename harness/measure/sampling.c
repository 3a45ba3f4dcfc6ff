/* Sizing and timing samples: the inner loop of everything. */
#include "measure/worker_context.h"

#include <math.h>

/* Half as many untimed runs as timed ones, at least one: a whole pass touches all the data of the point. */
static uint64_t warm_runs(uint64_t runs) {
    return runs / 2 ? runs / 2 : 1;
}

static void evict_caches(struct worker *worker) {
    for (uint64_t i = 0; i < worker->job->evict_bytes; i += 64)
        ((volatile unsigned char *)worker->evict)[i]++;
}

void worker_prepare(struct worker *worker, size_t arm, uint64_t runs) {
    if (worker->job->state == STATE_COLD && worker->evict)
        evict_caches(worker);
    if (worker->job->state != STATE_WARM)
        return;
    for (uint64_t i = warm_runs(runs); i > 0; i--) {
        if (worker->module.kernel->reset_each_run)
            worker->module.kernel->reset(worker->state);
        worker->run[arm](worker->state);
    }
}

/* Two clock reads around k calls and nothing else; not inlined, so that every arm is timed by the same code.
 */
__attribute__((noinline)) static uint64_t time_runs(const struct sample_clock *clock, void (*run)(void *),
                                                    void *state, uint64_t runs) {
    uint64_t start = sample_clock_now(clock);
    for (uint64_t i = 0; i < runs; i++)
        run(state);
    return sample_clock_now(clock) - start;
}

uint64_t worker_stretch_of(struct worker *worker, void (*run)(void *state), uint64_t runs) {
    const struct cs_kernel *kernel = worker->module.kernel;
    const struct sample_clock *clock = &worker->job->clock;
    if (!kernel->reset_each_run)
        return time_runs(clock, run, worker->state, runs);
    uint64_t ticks = 0;
    for (uint64_t i = 0; i < runs; i++) {
        kernel->reset(worker->state);
        ticks += time_runs(clock, run, worker->state, 1);
    }
    return ticks;
}

uint64_t worker_stretch(struct worker *worker, size_t arm, uint64_t runs) {
    return worker_stretch_of(worker, worker->run[arm], runs);
}

uint64_t worker_sample(struct worker *worker, size_t arm, uint64_t runs) {
    worker_prepare(worker, arm, runs);
    return worker_stretch(worker, arm, runs);
}

/* A cold sample is one run: a second one would find what the first left in the caches. */
static uint64_t size_arm(struct worker *worker, size_t arm) {
    if (worker->job->state == STATE_COLD)
        return 1;
    double target = worker->job->sample_ns * worker->job->clock.ticks_per_ns;
    uint64_t runs = 1;
    for (;;) {
        uint64_t fastest = UINT64_MAX;
        for (int repeat = 0; repeat < 5; repeat++) {
            worker_announce(worker, PHASE_SIZE, (int)arm);
            uint64_t ticks = worker_sample(worker, arm, runs);
            fastest = ticks < fastest ? ticks : fastest;
            /* A slow kernel need not be timed five times, but one reading alone may have met a preemption. */
            if (repeat >= 2 && (double)fastest > 20 * target)
                break;
        }
        if ((double)fastest >= target / 2 || runs >= (uint64_t)1 << 30)
            return (uint64_t)fmax(1, ceil(target / fmax(1, (double)fastest) * (double)runs));
        runs *= 2;
    }
}

/*
 * Arms about as fast as the baseline take as many runs as it does, the placebo always: what a sample costs
 * beside its runs is then the same in both, to the last cycle.
 */
static uint64_t match_baseline(const struct worker *worker, size_t arm, uint64_t runs) {
    uint64_t baseline = worker->report->arms[0].runs;
    bool near = (double)runs < 1.25 * (double)baseline && (double)baseline < 1.25 * (double)runs;
    return worker->job->arms[arm].placebo || near ? baseline : runs;
}

void worker_size(struct worker *worker) {
    for (size_t i = 0; i < worker->live_count; i++) {
        size_t arm = worker->live[i];
        bool given = worker->job->runs[arm] > 0;
        struct worker_holding before;
        worker_conduct_sizing(worker, &before);
        uint64_t runs = given ? worker->job->runs[arm] : size_arm(worker, arm);
        worker->report->arms[arm].runs = arm == 0 ? runs : match_baseline(worker, arm, runs);
        if (given)
            continue;
        if (worker_conduct_judge(worker, arm))
            worker_refuse_leaks(worker, arm, &before);
        if (worker->report->repeat)
            return;
    }
}

void worker_time(struct worker *worker) {
    const struct worker_job *job = worker->job;
    struct schedule schedule;
    schedule_start(&schedule, job->seed, worker->live_count);
    uint64_t start = monotonic_ns(), limit = (uint64_t)(job->seconds * 1e9);
    worker->report->startup_ms = (double)(start - job->spawned_ns) / 1e6;
    size_t round = 0;
    for (; round < job->max_rounds; round++) {
        bool block_ends = round % worker->live_count == 0;
        if (block_ends && round >= job->min_rounds && monotonic_ns() - start >= limit)
            break;
        const uint32_t *order = schedule_next(&schedule);
        for (size_t position = 0; position < worker->live_count; position++) {
            size_t arm = worker->live[order[position]];
            worker_announce(worker, PHASE_TIME, (int)arm);
            worker->page->ticks[arm * job->max_rounds + round] =
                worker_sample(worker, arm, worker->report->arms[arm].runs);
        }
    }
    worker->report->rounds = round;
}
