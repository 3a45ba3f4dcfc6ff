/*
 * The worker of `load`: requests that arrive when a schedule says, whatever the variant does (an open loop). A client that
 * sends the next request once the last one was answered measures the server least where it is slowest; here the time of
 * a request runs from when it should have started. One thread serves, first come first served, so no thread has to make
 * the arrivals: the start of request k is the later of its intended start and the end of request k - 1.
 */
#include "stats/quantile.h"
#include "worker/verify.h"
#include "worker/worker_context.h"

#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>

#define BLOCKS 4          /* of an arm at one rate, beside those of the others */
#define GIVE_UP 3         /* times its length a block may take; what is not begun then is unserved */
#define LEAD_NS 20000     /* before the first request */
#define ASKED_SHARE 0.05  /* of a request that asking whether it failed may take, to be asked after each */
#define LEAST_REQUESTS 16 /* of a block */
#define SATURATION_S 0.25 /* back to back, at the most: the processes have the variance */

/* One arm at one rate: what requests took, in ns. */
struct tape {
    double *latency, *service;
    size_t count, served; /* of latency, and of service, which the unserved have none of */
    size_t errors;
    double busy_ns; /* from the first intended starts to the last ends of its blocks */
};

#if defined(__x86_64__)
#define RELAX() __builtin_ia32_pause()
#else
#define RELAX() __asm__ volatile("" ::: "memory")
#endif

/* Whether the run that was made last failed, as the kernel's outputs tell; the error is forgotten. */
static bool has_failed(struct worker *worker, size_t arm) {
    const struct cs_kernel *kernel = worker->module.kernel;
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t count = 0;
    bool failed = kernel_host_outputs(&worker->host, kernel, worker->state, worker->job->arms[arm].variant,
                                      outputs, &count) != 0;
    worker_end_child(worker);
    if (failed)
        kernel_host_reset(&worker->host, kernel, worker->state);
    return failed;
}

/* Some outputs read a table back: what that takes would be most of the load. */
static void choose_asking(struct worker *worker, size_t arm) {
    const struct sample_clock *clock = &worker->job->clock;
    double asking = INFINITY, running = INFINITY;
    for (int i = 0; i < 3; i++) {
        worker_announce(worker, PHASE_SIZE, (int)arm);
        running = fmin(running, (double)worker_run_once(worker, arm));
        uint64_t start = sample_clock_now(clock);
        has_failed(worker, arm);
        asking = fmin(asking, (double)(sample_clock_now(clock) - start));
    }
    worker->report->errors_by_block[arm] = asking > ASKED_SHARE * running;
}

static double seconds_of(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
}

/* Back to back for a part of job.load.seconds. Adds to the reading; cpu_share is seconds of CPU time until it is divided. */
static void saturate(struct worker *worker, size_t arm, struct load_reading *reading, double *wall_s) {
    bool by_block = worker->report->errors_by_block[arm];
    struct rusage first, last;
    worker_prepare(worker, arm, 2);
    uint64_t start = monotonic_ns(),
             end = start + (uint64_t)(fmin(worker->job->load.seconds, SATURATION_S) / BLOCKS * 1e9);
    getrusage(RUSAGE_SELF, &first);
    do {
        worker_announce(worker, PHASE_TIME, (int)arm);
        worker_run_once(worker, arm);
        reading->requests++;
        reading->errors += !by_block && has_failed(worker, arm);
    } while (monotonic_ns() < end);
    getrusage(RUSAGE_SELF, &last);
    *wall_s += (double)(monotonic_ns() - start) / 1e9;
    reading->cpu_share += seconds_of(&last) - seconds_of(&first);
    reading->errors += by_block && has_failed(worker, arm);
}

static void saturate_all(struct worker *worker) {
    struct schedule schedule;
    double wall_s[SCHEDULE_MAX_ARMS] = {0};
    schedule_start(&schedule, worker->job->seed + 11, worker->live_count);
    for (size_t i = 0; i < worker->live_count; i++)
        worker->report->load[worker->live[i]][0].cpu_share = 0;
    for (unsigned block = 0; block < BLOCKS; block++) {
        const uint32_t *order = schedule_next(&schedule);
        for (size_t i = 0; i < worker->live_count; i++) {
            size_t arm = worker->live[order[i]];
            saturate(worker, arm, &worker->report->load[arm][0], &wall_s[arm]);
        }
    }
    for (size_t i = 0; i < worker->live_count; i++) {
        struct load_reading *reading = &worker->report->load[worker->live[i]][0];
        reading->served = (double)reading->requests / wall_s[worker->live[i]];
        reading->cpu_share /= wall_s[worker->live[i]];
    }
}

/* Intended starts of a block in ns after its own. */
static void make_schedule(double *starts, size_t count, double rate, bool poisson, struct cs_random *random) {
    double at = 0;
    for (size_t i = 0; i < count; i++) {
        starts[i] = at;
        at += poisson ? -log1p(-cs_random_unit(random)) / rate * 1e9 : 1e9 / rate;
    }
}

/* Waits for each intended start, and does not if that is over. */
static void run_block(struct worker *worker, size_t arm, const double *starts, size_t count, double most_ns,
                      struct tape *tape) {
    const struct sample_clock *clock = &worker->job->clock;
    double ticks_per_ns = clock->ticks_per_ns;
    bool by_block = worker->report->errors_by_block[arm];
    size_t done = 0;
    worker_prepare(worker, arm, 2);
    uint64_t zero = sample_clock_now(clock) + (uint64_t)(LEAD_NS * ticks_per_ns), begin, end = zero;
    for (; done < count && (double)(end - zero) < most_ns * ticks_per_ns; done++) {
        uint64_t intended = zero + (uint64_t)(starts[done] * ticks_per_ns);
        worker_announce(worker, PHASE_TIME, (int)arm);
        while ((begin = sample_clock_now(clock)) < intended)
            RELAX();
        worker->run[arm](worker->state);
        end = sample_clock_now(clock);
        tape->latency[tape->count++] = (double)(end - intended) / ticks_per_ns;
        tape->service[tape->served++] = (double)(end - begin) / ticks_per_ns;
        tape->errors += !by_block && has_failed(worker, arm);
    }
    tape->busy_ns += (double)(end - zero) / ticks_per_ns;
    tape->errors += by_block && has_failed(worker, arm);
    for (; done < count; done++) /* their time is this at the least */
        tape->latency[tape->count++] = fmax(0, (double)(end - zero) / ticks_per_ns - starts[done]);
}

/* NAN of fewer requests than a quantile takes. */
static double quantile_of_enough(const double *sorted, size_t count, double p, size_t least) {
    return count >= least ? quantile_sorted(sorted, count, p) : NAN;
}

static void summarize(struct tape *tape, double rate, struct load_reading *reading) {
    double *latency = tape->latency, *service = tape->service;
    sort_values(latency, tape->count);
    sort_values(service, tape->served);
    *reading = LOAD_NOTHING;
    reading->offered = rate;
    reading->served = (double)tape->served / tape->busy_ns * 1e9;
    reading->requests = tape->count;
    reading->errors = tape->errors;
    reading->unserved = tape->count - tape->served;
    reading->p50 = quantile_sorted(latency, tape->count, 0.5);
    reading->p99 = quantile_of_enough(latency, tape->count, 0.99, LOAD_P99_REQUESTS);
    reading->p999 = quantile_of_enough(latency, tape->count, 0.999, LOAD_TAIL_REQUESTS);
    reading->max = latency[tape->count - 1];
    reading->service_p50 = quantile_sorted(service, tape->served, 0.5);
    reading->service_p99 = quantile_of_enough(service, tape->served, 0.99, LOAD_P99_REQUESTS);
    reading->service_p999 = quantile_of_enough(service, tape->served, 0.999, LOAD_TAIL_REQUESTS);
    reading->service_max = service[tape->served - 1];
}

/* What a block has. */
static size_t requests_of(const struct worker *worker, double rate) {
    double wanted = fmin(rate * worker->job->load.seconds, LOAD_REQUESTS) / BLOCKS;
    return (size_t)fmax(LEAST_REQUESTS, round(wanted));
}

/* Every arm has the same arrivals in the same block, so that what their bursts do is in both. */
static void run_rate(struct worker *worker, size_t index, struct tape *tapes, double *starts) {
    double rate = worker->job->load.rate[index];
    size_t count = requests_of(worker, rate);
    struct cs_random random = cs_random_seed(worker->job->seed ^ (index + 1) * 0x9e3779b97f4a7c15u);
    struct schedule schedule;
    schedule_start(&schedule, worker->job->seed + 12 + index, worker->live_count);
    for (size_t i = 0; i < worker->live_count; i++) {
        struct tape *tape = &tapes[worker->live[i]];
        tape->count = tape->served = tape->errors = 0;
        tape->busy_ns = 0;
    }
    for (unsigned block = 0; block < BLOCKS; block++) {
        const uint32_t *order = schedule_next(&schedule);
        make_schedule(starts, count, rate, worker->job->load.poisson, &random);
        for (size_t i = 0; i < worker->live_count; i++)
            run_block(worker, worker->live[order[i]], starts, count, GIVE_UP * fmax(starts[count - 1], 1e6),
                      &tapes[worker->live[order[i]]]);
    }
    for (size_t i = 0; i < worker->live_count; i++)
        summarize(&tapes[worker->live[i]], rate, &worker->report->load[worker->live[i]][1 + index]);
}

static size_t most_requests(const struct worker *worker) {
    size_t most = LEAST_REQUESTS;
    for (size_t i = 0; i < worker->job->load.rate_count; i++) {
        size_t count = requests_of(worker, worker->job->load.rate[i]);
        most = count > most ? count : most;
    }
    return most;
}

/* Room for all, touched now, so that no request pays for a fault. */
static double *make_room(size_t count) {
    double *values = malloc(count * sizeof *values);
    for (size_t i = 0; values && i < count; i++)
        values[i] = NAN;
    return values;
}

static int run_rates(struct worker *worker) {
    struct tape tapes[SCHEDULE_MAX_ARMS] = {0};
    size_t most = most_requests(worker);
    double *starts = make_room(most);
    bool there = starts;
    for (size_t i = 0; i < worker->live_count; i++) {
        struct tape *tape = &tapes[worker->live[i]];
        tape->latency = make_room(most * BLOCKS);
        tape->service = make_room(most * BLOCKS);
        there &= tape->latency && tape->service;
    }
    for (size_t i = 0; i < worker->job->load.rate_count && there; i++)
        run_rate(worker, i, tapes, starts);
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++) {
        free(tapes[arm].latency);
        free(tapes[arm].service);
    }
    free(starts);
    return there ? 0 : worker_fail(worker, FAILURE_HARNESS, ENOMEM, "no memory for latencies");
}

int worker_load(struct worker *worker) {
    int status = worker_get_ready(worker, 1);
    if (status <= 0)
        return status;
    worker_refuse_constant(worker);
    worker_refuse_idle(worker);
    if (worker->report->repeat || worker->report->arms[0].invalid)
        return 0;
    for (size_t i = 0; i < worker->live_count; i++)
        choose_asking(worker, worker->live[i]);
    saturate_all(worker);
    status = run_rates(worker);
    return status ? status : worker_verify(worker, PHASE_VERIFY_AGAIN);
}
