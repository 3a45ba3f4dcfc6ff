/* Sizing and timing samples: the inner loop of everything. */
#include "worker/worker_context.h"

#include <math.h>
#include <sys/resource.h>

/* Of a sample that was preempted; after so many it is kept as it is, as runs as long as a time slice always
 * are. */
#define MOST_TRIES 3

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
            kernel_host_reset_each(&worker->host, worker->module.kernel, worker->state);
        worker->run[arm](worker->state);
    }
}

/*
 * Two clock reads around k calls and nothing else; not inlined, so that every arm is timed by the same code.
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
        kernel_host_reset_each(&worker->host, kernel, worker->state);
        ticks += time_runs(clock, run, worker->state, 1);
    }
    return ticks;
}

uint64_t worker_stretch(struct worker *worker, size_t arm, uint64_t runs) {
    return worker_stretch_of(worker, worker->run[arm], runs);
}

uint64_t worker_run_once(struct worker *worker, size_t arm) {
    return time_runs(&worker->job->clock, worker->run[arm], worker->state, 1);
}

uint64_t worker_sample(struct worker *worker, size_t arm, uint64_t runs) {
    worker_prepare(worker, arm, runs);
    return worker_stretch(worker, arm, runs);
}

/* Up to so many times as fast or slow as the baseline, an arm takes as many runs a sample as it does. */
#define SIMILAR 4.0

/* Ticks of one run, the fastest of several trials of a stretch that is long enough to tell. */
static double measure_run(struct worker *worker, size_t arm, double target) {
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
            return fmax(1, (double)fastest) / (double)runs;
        runs *= 2;
    }
}

/*
 * A sample of two runs is not two samples of one: an out-of-order core begins the second run before the first
 * is through, and what a sample costs beside its runs is shared by two. The same chase through DRAM, 15 us a
 * run, is 1.3 times as fast by two runs a sample as by one. Arms that a verdict could mistake for each other
 * therefore take equally many, as many as the fastest of them needs; the placebo does always.
 */
static void match_runs(struct worker *worker, const double *run_ticks) {
    struct worker_report *report = worker->report;
    bool similar[SCHEDULE_MAX_ARMS] = {false};
    uint64_t most = report->arms[0].runs;
    for (size_t i = 0; i < worker->live_count; i++) {
        size_t arm = worker->live[i];
        double ratio = run_ticks[arm] / run_ticks[0];
        bool placebo = worker->job->arms[arm].placebo;
        similar[arm] = placebo || (ratio < SIMILAR && ratio > 1 / SIMILAR);
        if (similar[arm] && !placebo && report->arms[arm].runs > most)
            most = report->arms[arm].runs;
    }
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++)
        if (similar[arm])
            report->arms[arm].runs = most;
}

void worker_size(struct worker *worker) {
    const struct worker_job *job = worker->job;
    double target = job->sample_ns * job->clock.ticks_per_ns, run_ticks[SCHEDULE_MAX_ARMS] = {0};
    bool given = false;
    size_t arms[SCHEDULE_MAX_ARMS], count = worker_draw_order(worker, PHASE_SIZE, arms);
    for (size_t i = 0; i < count; i++) {
        size_t arm = arms[i];
        struct worker_holding before;
        if (job->runs[arm] > 0) {
            worker->report->arms[arm].runs = job->runs[arm];
            given = true;
            continue;
        }
        worker_conduct_sizing(worker, &before);
        /* A cold sample is one run: a second one would find what the first left in the caches. */
        run_ticks[arm] = job->state == STATE_COLD ? target : measure_run(worker, arm, target);
        worker->report->arms[arm].runs = (uint64_t)fmax(1, ceil(target / run_ticks[arm]));
        if (worker_conduct_judge(worker, arm))
            worker_refuse_leaks(worker, arm, &before);
        if (worker->report->repeat)
            return;
    }
    if (!given)
        match_runs(worker, run_ticks);
}

/*
 * How often the scheduler has taken the processor from a thread of this process that wanted to run on: told
 * by the system whatever the clock says, so that taking a sample again does not look at its outcome.
 */
static long count_preemptions(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_nivcsw : 0;
}

/* Before and after, outside of the stretch: a system call among its runs would be timed with them. */
static uint64_t take_sample(struct worker *worker, size_t arm) {
    uint64_t ticks = 0;
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        long before = count_preemptions();
        ticks = worker_sample(worker, arm, worker->report->arms[arm].runs);
        if (count_preemptions() == before)
            break;
        worker->report->arms[arm].preempted++;
    }
    return ticks;
}

/* When, nobody knows who knows the job. What it takes does not count as time of the rounds. */
static int check_on_the_way(struct worker *worker, uint64_t *start) {
    uint64_t before = monotonic_ns();
    int status = worker_spot_check(worker);
    *start += monotonic_ns() - before;
    return status;
}

/*
 * The placebo runs on what the baseline prepared, so that those data are used twice in a round; what a candidate prepared
 * would be used once. What is used more often stays in the caches: the same code on arrays of its own, 4 MiB each, read
 * 0.87x, the same in every replicate. By code of the placebo's module, as the placebo is: the candidate's own would teach
 * the branch predictor twice what the baseline's teaches it once (1.5x for the same branchy loop).
 */
static void run_second(struct worker *worker, size_t arm) {
    uint64_t runs = worker->report->arms[arm].runs;
    worker_announce(worker, PHASE_TIME, (int)arm);
    worker_stretch_of(worker, worker->second[arm],
                      worker->job->state == STATE_WARM ? warm_runs(runs) + runs : runs);
}

/* By position in a round, the arm whose second runs before it, or -1: each once, at a place drawn anew. */
static void draw_seconds(const struct worker *worker, struct cs_random *random, int *second) {
    uint32_t places[SCHEDULE_MAX_ARMS];
    for (size_t i = 0; i < worker->live_count; i++) {
        places[i] = (uint32_t)i;
        second[i] = -1;
    }
    if (worker->job->state == STATE_COLD)
        return; /* every sample evicts */
    cs_random_shuffle(random, places, worker->live_count);
    for (size_t i = 0; i < worker->live_count; i++)
        if (worker->second[worker->live[i]])
            second[places[i]] = (int)worker->live[i];
}

void worker_take_round(struct worker *worker, const uint32_t *order, struct cs_random *random, size_t round) {
    int second[SCHEDULE_MAX_ARMS];
    draw_seconds(worker, random, second);
    for (size_t position = 0; position < worker->live_count; position++) {
        size_t arm = worker->live[order[position]];
        if (second[position] >= 0)
            run_second(worker, (size_t)second[position]);
        worker_announce(worker, PHASE_TIME, (int)arm);
        worker->ticks[arm * worker->job->max_rounds + round] = take_sample(worker, arm);
    }
}

int worker_time(struct worker *worker) {
    const struct worker_job *job = worker->job;
    struct schedule schedule;
    struct cs_random random = cs_random_seed(job->seed + 6);
    schedule_start(&schedule, job->seed, worker->live_count);
    uint64_t start = monotonic_ns(), limit = (uint64_t)(job->seconds * 1e9);
    uint64_t check = (uint64_t)((double)limit * cs_random_unit(&worker->hidden));
    worker->report->startup_ms = (double)(start - job->spawned_ns) / 1e6;
    int status = 0;
    bool checked = false;
    size_t round = 0;
    for (; round < job->max_rounds && !worker->report->repeat && status == 0; round++) {
        bool block_ends = round % worker->live_count == 0;
        uint64_t passed = block_ends ? monotonic_ns() - start : 0;
        if (block_ends && round >= job->min_rounds && passed >= limit)
            break;
        if (block_ends && round && !checked && passed >= check) {
            status = check_on_the_way(worker, &start);
            checked = true;
            if (status || worker->report->repeat)
                break;
        }
        worker_take_round(worker, schedule_next(&schedule), &random, round);
    }
    if (!checked && status == 0)
        status = check_on_the_way(worker, &start);
    worker->report->timing_s = (double)(monotonic_ns() - start) / 1e9;
    worker->report->rounds = worker->report->repeat || status ? 0 : round;
    return status;
}
