/*
 * Refuses arms whose runs leave the work to somebody else: answers that are right because outputs or reset
 * computed them, or an earlier run did. Verification cannot see that; the clock can.
 */
#include "worker/verify.h"
#include "worker/worker_context.h"

#include <math.h>
#include <string.h>

#define IDLE_RUNS 200  /* runs of a stretch that is compared with empty calls */
#define PAIRS 3        /* readings, of which the fastest counts */
#define MOST_PAIRS 25  /* before an arm is refused: a burst of other load is shorter */
#define MOST_LONGER 20 /* of MOST_PAIRS: 1 in 500 where longer and shorter are as likely */
#define REMEMBERED 1.5 /* times as long a run may take where its answer was overwritten */
#define UNTOLD_NS 100  /* differences of one run that tell nothing */
#define GROWTH 4       /* more runs, which must take at least half as much more time */
#define CLOCKS 20      /* readings of the clock that a stretch must exceed to be judged */
#define LONGEST_NS 1e6 /* a run that takes longer is not timed again: it is not empty */

/*
 * No core moves more: two loads and two stores of 64 bytes a cycle at 8 GHz, 2048 bytes a nanosecond. Cores
 * of 2025 do two loads and one store of 64 bytes at up to 6 GHz.
 */
#define MOST_BYTES_A_NS 2048.0

/* Called through a pointer as every arm is; the barrier keeps the call. */
__attribute__((noinline)) static void run_nothing(void *state) {
    __asm__ volatile("" ::"r"(state) : "memory");
}

static double stretch_ns(struct worker *worker, size_t arm, void (*run)(void *), uint64_t runs) {
    worker_announce(worker, PHASE_SIZE, (int)arm);
    return (double)worker_stretch_of(worker, run, runs) / worker->job->clock.ticks_per_ns;
}

static double faster(double before, double now) {
    return now < before ? now : before;
}

/* Below this a run cannot have handled its items, by however many threads; 0 where nothing is known. */
static double least_run_ns(const struct worker *worker) {
    const struct cs_work *work = &worker->report->work;
    double bytes = fmax(work->bytes, work->items * worker->item_bytes);
    return bytes / MOST_BYTES_A_NS / fmax(1, worker->job->threads);
}

/* A run as long as a whole sample is not empty, and timing it again may take seconds. */
static bool is_long(const struct worker *worker, size_t arm) {
    return worker->job->state != STATE_COLD && worker->report->arms[arm].runs == 1;
}

/* An arm that was not timed has no samples. */
static void forget_runs(struct worker *worker, size_t arm) {
    if (worker->report->rounds == 0)
        worker->report->arms[arm].runs = 0;
}

static void refuse_idle(struct worker *worker, size_t arm, double run_ns, double empty_ns) {
    forget_runs(worker, arm);
    worker_invalidate(worker, arm,
                      &(struct arm_why){.cause = CAUSE_IDLE,
                                        .run_ns = run_ns,
                                        .other_ns = empty_ns,
                                        .items = worker->report->work.items});
}

/*
 * A run that takes no longer than an empty call, though its items alone would take longer on any core. Both
 * are needed: a run of one lookup is as short as that and right, and a good algorithm may do without most of
 * its items.
 */
static bool is_idle(struct worker *worker, size_t arm, double *run_ns, double *empty_ns) {
    double least = least_run_ns(worker);
    *run_ns = *empty_ns = INFINITY;
    if (is_long(worker, arm))
        return false;
    for (int i = 0; i < PAIRS; i++) {
        double single = stretch_ns(worker, arm, worker->run[arm], 1);
        if (single > LONGEST_NS)
            return false;
        *run_ns = faster(*run_ns, single);
        *empty_ns = faster(*empty_ns, stretch_ns(worker, arm, run_nothing, 1));
    }
    if (*run_ns > 10 * *empty_ns)
        return false;
    *run_ns = *empty_ns = INFINITY;
    for (int i = 0; i < 2 * PAIRS; i++) {
        *run_ns = faster(*run_ns, stretch_ns(worker, arm, worker->run[arm], IDLE_RUNS) / IDLE_RUNS);
        *empty_ns = faster(*empty_ns, stretch_ns(worker, arm, run_nothing, IDLE_RUNS) / IDLE_RUNS);
    }
    return *run_ns < least && *run_ns - *empty_ns < fmax(*empty_ns, 1);
}

void worker_refuse_idle(struct worker *worker) {
    size_t arms[SCHEDULE_MAX_ARMS], count = worker_draw_order(worker, PHASE_TIME, arms);
    for (size_t i = 0; i < count; i++) {
        double run_ns, empty_ns;
        if (is_idle(worker, arms[i], &run_ns, &empty_ns))
            refuse_idle(worker, arms[i], run_ns, empty_ns);
    }
}

/* Whether more runs take more time. True too where that cannot be told. */
static bool grows(struct worker *worker, size_t arm, double *few_ns, double *many_ns) {
    uint64_t runs = worker->report->arms[arm].runs;
    double clock_ns = INFINITY;
    *few_ns = *many_ns = INFINITY;
    for (int i = 0; i < MOST_PAIRS; i++) {
        clock_ns = faster(clock_ns, stretch_ns(worker, arm, run_nothing, 0));
        *few_ns = faster(*few_ns, stretch_ns(worker, arm, worker->run[arm], runs));
        if (*few_ns < CLOCKS * clock_ns)
            return true;
        *many_ns = faster(*many_ns, stretch_ns(worker, arm, worker->run[arm], GROWTH * runs));
        if (i + 1 >= PAIRS && *many_ns > GROWTH / 2.0 * *few_ns)
            return true;
    }
    return false;
}

static void refuse_constant(struct worker *worker, size_t arm, double few_ns, double many_ns) {
    double runs = (double)worker->report->arms[arm].runs;
    forget_runs(worker, arm);
    worker_invalidate(worker, arm,
                      &(struct arm_why){.cause = CAUSE_CONSTANT,
                                        .runs = runs,
                                        .run_ns = few_ns,
                                        .other_runs = GROWTH * runs,
                                        .other_ns = many_ns});
}

void worker_refuse_constant(struct worker *worker) {
    size_t arms[SCHEDULE_MAX_ARMS];
    /*
     * One run a stretch is all that a cold sample times, and a clock of its own for each run grows with them.
     */
    if (worker->job->state == STATE_COLD || worker->module.kernel->reset_each_run)
        return;
    size_t count = worker_draw_order(worker, PHASE_TIME, arms);
    for (size_t i = 0; i < count; i++) {
        double few_ns, many_ns;
        if (!is_long(worker, arms[i]) && !grows(worker, arms[i], &few_ns, &many_ns))
            refuse_constant(worker, arms[i], few_ns, many_ns);
    }
}

/* One run after elements of the last answer were overwritten, or written as they were; -1: the arm became
 * invalid. */
static double spoilt_run_ns(struct worker *worker, size_t arm, uint64_t seed, bool touch) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t count;
    if (worker_outputs(worker, arm, outputs, &count))
        return -1;
    output_spoil(outputs, count, seed, touch);
    kernel_host_reset(&worker->host, worker->module.kernel, worker->state);
    worker_announce(worker, worker->phase, (int)arm);
    return (double)worker_run_once(worker, arm) / worker->job->clock.ticks_per_ns;
}

/*
 * Whether the run remembers its answer: each pair differs in nothing but what the elements hold. Where threads contend,
 * runs are short or long by luck, and a single short one is no sign: most pairs must differ.
 */
static bool remembers(struct worker *worker, size_t arm, double *kept_ns, double *spoilt_ns) {
    int longer = 0;
    *kept_ns = *spoilt_ns = INFINITY;
    for (int i = 0; i < MOST_PAIRS; i++) {
        uint64_t seed = worker_draw_secret(worker);
        double kept = spoilt_run_ns(worker, arm, seed, true);
        double spoilt = kept < 0 ? -1 : spoilt_run_ns(worker, arm, seed, false);
        if (spoilt < 0)
            return false;
        *kept_ns = faster(*kept_ns, kept);
        *spoilt_ns = faster(*spoilt_ns, spoilt);
        longer += spoilt >= REMEMBERED * kept + UNTOLD_NS;
        if (i + 1 >= PAIRS && *spoilt_ns < REMEMBERED * *kept_ns + UNTOLD_NS)
            return false;
    }
    return longer >= MOST_LONGER;
}

void worker_refuse_memory(struct worker *worker) {
    size_t arms[SCHEDULE_MAX_ARMS], count = worker_draw_order(worker, worker_draw_secret(worker), arms);
    for (size_t i = 0; i < count && !worker->module.kernel->poison; i++) {
        size_t arm = arms[i];
        double kept_ns, spoilt_ns, ticks_per_ns = worker->job->clock.ticks_per_ns;
        /* The verified run, with its answer spoilt, against the last sample: most arms need no more. */
        double usual = (double)worker->ticks[arm * worker->job->max_rounds] / ticks_per_ns /
                       (double)worker->report->arms[arm].runs;
        if ((double)worker->spot_ticks[arm] / ticks_per_ns < REMEMBERED * usual + UNTOLD_NS)
            continue;
        if (remembers(worker, arm, &kept_ns, &spoilt_ns))
            worker_invalidate(
                worker, arm,
                &(struct arm_why){.cause = CAUSE_REMEMBERS, .run_ns = kept_ns, .other_ns = spoilt_ns});
    }
}
