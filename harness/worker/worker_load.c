/*
 * The worker of `load`: requests that arrive when a schedule says, whatever the variant does (an open loop). A client that
 * sends the next request once the last one was answered measures the server least where it is slowest; here the time of
 * a request runs from when it should have started. Whichever client is free takes the next request, first come first served, so
 * nobody has to make the arrivals: a request starts at its intended start, or once a client is free after that.
 */
#include "stats/quantile.h"
#include "worker/load_clients.h"
#include "worker/verify.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BLOCKS 4          /* of an arm at one rate, beside those of the others */
#define GIVE_UP 3         /* times its length a block may take; what is not begun then is unserved */
#define ASKED_SHARE 0.05  /* of a request that asking whether it failed may take, to be asked after each */
#define LEAST_REQUESTS 16 /* of a block */
#define WAKE_NS 60000     /* before a request, after a sleep: timers are not exact */
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

/* Of this client: one request after the other. */
static void run_back_to_back(struct worker *worker, const struct load_task *task, struct load_client *own) {
    bool by_block = worker->clients->errors_by_block[task->arm];
    struct rusage first, last;
    uint64_t start = monotonic_ns(), end = start + (uint64_t)task->most_ns;
    getrusage(RUSAGE_SELF, &first);
    do {
        worker_announce(worker, PHASE_TIME, (int)task->arm);
        worker_run_once(worker, task->arm);
        own->requests++;
        own->errors += !by_block && has_failed(worker, task->arm);
    } while (monotonic_ns() < end);
    getrusage(RUSAGE_SELF, &last);
    own->wall_s = (double)(monotonic_ns() - start) / 1e9;
    own->cpu_s = seconds_of(&last) - seconds_of(&first);
}

/* Where clients share a CPU, who waits leaves it to those that do not. */
static uint64_t wait_until(const struct worker *worker, uint64_t intended) {
    const struct sample_clock *clock = &worker->job->clock;
    uint64_t now;
    while ((now = sample_clock_now(clock)) < intended) {
        double left_ns = (double)(intended - now) / clock->ticks_per_ns;
        if (!worker->clients->share_cpus)
            RELAX();
        else if (left_ns > 2 * WAKE_NS)
            nanosleep(
                &(struct timespec){(time_t)((left_ns - WAKE_NS) / 1e9), (long)fmod(left_ns - WAKE_NS, 1e9)},
                NULL);
        else
            sched_yield();
    }
    return now;
}

/* Of this client: takes the next request, waits for its intended start, and does not if that is over. */
static void run_schedule(struct worker *worker, const struct load_task *task, struct load_client *own) {
    struct load_clients *clients = worker->clients;
    const struct sample_clock *clock = &worker->job->clock;
    double ticks_per_ns = clock->ticks_per_ns;
    bool by_block = clients->errors_by_block[task->arm];
    uint64_t zero = clients->zero, end = zero;
    while ((double)(end - zero) < task->most_ns * ticks_per_ns) {
        size_t request = atomic_fetch_add(&clients->next, 1);
        if (request >= task->count)
            break;
        uint64_t intended = zero + (uint64_t)(clients->starts[request] * ticks_per_ns);
        worker_announce(worker, PHASE_TIME, (int)task->arm);
        uint64_t begin = wait_until(worker, intended);
        worker->run[task->arm](worker->state);
        end = sample_clock_now(clock);
        clients->latency[request] = (double)(end - intended) / ticks_per_ns;
        clients->service[request] = (double)(end - begin) / ticks_per_ns;
        own->errors += !by_block && has_failed(worker, task->arm);
    }
    own->end = end;
}

/* What each client does of a task. */
static void work(struct worker *worker) {
    const struct load_task task = worker->clients->task;
    struct load_client *own = &worker->clients->clients[worker->client];
    own->requests = own->errors = 0;
    if (task.kind == LOAD_TASK_BACK_TO_BACK)
        run_back_to_back(worker, &task, own);
    else
        run_schedule(worker, &task, own);
    if (worker->clients->errors_by_block[task.arm])
        own->errors += has_failed(worker, task.arm);
}

/* Of the time, all clients' mean; cpu_share is seconds of CPU time until it is divided. */
static int saturate(struct worker *worker, size_t arm, struct load_reading *reading, double *wall_s) {
    const struct load_clients *clients = worker->clients;
    double length_ns = fmin(worker->job->load.seconds, SATURATION_S) / BLOCKS * 1e9;
    struct load_task task = {.kind = LOAD_TASK_BACK_TO_BACK, .arm = arm, .most_ns = length_ns};
    if (load_clients_run(worker, &task, work))
        return 1;
    for (size_t i = 0; i < clients->count; i++) {
        const struct load_client *client = &clients->clients[i];
        reading->requests += client->requests;
        reading->errors += client->errors;
        reading->cpu_share += client->cpu_s;
        *wall_s += client->wall_s / (double)clients->count;
    }
    return 0;
}

static int saturate_all(struct worker *worker) {
    struct schedule schedule;
    double wall_s[SCHEDULE_MAX_ARMS] = {0};
    schedule_start(&schedule, worker->job->seed + 11, worker->live_count);
    for (size_t i = 0; i < worker->live_count; i++)
        worker->report->load[worker->live[i]][0].cpu_share = 0;
    for (unsigned block = 0; block < BLOCKS; block++) {
        const uint32_t *order = schedule_next(&schedule);
        for (size_t i = 0; i < worker->live_count; i++) {
            size_t arm = worker->live[order[i]];
            if (saturate(worker, arm, &worker->report->load[arm][0], &wall_s[arm]))
                return 1;
        }
    }
    for (size_t i = 0; i < worker->live_count; i++) {
        struct load_reading *reading = &worker->report->load[worker->live[i]][0];
        reading->served = (double)reading->requests / wall_s[worker->live[i]];
        reading->cpu_share /= wall_s[worker->live[i]];
    }
    return 0;
}

/* Intended starts of a block in ns after its own. */
static void make_schedule(double *starts, size_t count, double rate, bool poisson, struct cs_random *random) {
    double at = 0;
    for (size_t i = 0; i < count; i++) {
        starts[i] = at;
        at += poisson ? -log1p(-cs_random_unit(random)) / rate * 1e9 : 1e9 / rate;
    }
}

/* One block of an arm, onto its tape. What was not begun took until the last client was done, at the least. */
static int run_block(struct worker *worker, size_t arm, size_t count, struct tape *tape) {
    struct load_clients *clients = worker->clients;
    double most_ns = GIVE_UP * fmax(clients->starts[count - 1], 1e6);
    struct load_task task = {.kind = LOAD_TASK_SCHEDULE, .arm = arm, .count = count, .most_ns = most_ns};
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++)
        clients->latency[i] = NAN;
    if (load_clients_run(worker, &task, work))
        return 1;
    for (size_t i = 0; i < clients->count; i++) {
        end = clients->clients[i].end > end ? clients->clients[i].end : end;
        tape->errors += clients->clients[i].errors;
    }
    double busy_ns = (double)(end - clients->zero) / worker->job->clock.ticks_per_ns;
    tape->busy_ns += busy_ns;
    for (size_t i = 0; i < count; i++) {
        bool begun = !isnan(clients->latency[i]);
        tape->latency[tape->count++] = begun ? clients->latency[i] : fmax(0, busy_ns - clients->starts[i]);
        if (begun)
            tape->service[tape->served++] = clients->service[i];
    }
    return 0;
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
static size_t requests_of(const struct worker_job *job, double rate) {
    double wanted = fmin(rate * job->load.seconds, LOAD_REQUESTS) / BLOCKS;
    return (size_t)fmax(LEAST_REQUESTS, round(wanted));
}

/* Every arm has the same arrivals in the same block, so that what their bursts do is in both. */
static int run_rate(struct worker *worker, size_t index, struct tape *tapes) {
    double rate = worker->job->load.rate[index];
    size_t count = requests_of(worker->job, rate);
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
        make_schedule(worker->clients->starts, count, rate, worker->job->load.poisson, &random);
        for (size_t i = 0; i < worker->live_count; i++)
            if (run_block(worker, worker->live[order[i]], count, &tapes[worker->live[order[i]]]))
                return 1;
    }
    for (size_t i = 0; i < worker->live_count; i++)
        summarize(&tapes[worker->live[i]], rate, &worker->report->load[worker->live[i]][1 + index]);
    return 0;
}

static size_t most_requests(const struct worker_job *job) {
    size_t most = LEAST_REQUESTS;
    for (size_t i = 0; i < job->load.rate_count; i++) {
        size_t count = requests_of(job, job->load.rate[i]);
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

/* 0; 1 after a client was lost; -errno. */
static int run_rates(struct worker *worker) {
    struct tape tapes[SCHEDULE_MAX_ARMS] = {0};
    size_t most = worker->clients->most;
    bool there = true;
    int status = 0;
    for (size_t i = 0; i < worker->live_count; i++) {
        struct tape *tape = &tapes[worker->live[i]];
        tape->latency = make_room(most * BLOCKS);
        tape->service = make_room(most * BLOCKS);
        there &= tape->latency && tape->service;
    }
    for (size_t i = 0; i < worker->job->load.rate_count && there && status == 0; i++)
        status = run_rate(worker, i, tapes);
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++) {
        free(tapes[arm].latency);
        free(tapes[arm].service);
    }
    return there ? status : worker_fail(worker, FAILURE_HARNESS, ENOMEM, "no memory for latencies");
}

int worker_load_fork(struct worker *worker) {
    return load_clients_fork(worker, most_requests(worker->job));
}

/* 0; 1: what is wrong is in the report; -errno. */
static int put_under_load(struct worker *worker) {
    int status = worker_get_ready(worker, 1);
    if (status <= 0)
        return status ? status : 1;
    worker_refuse_constant(worker);
    worker_refuse_idle(worker);
    if (worker->report->repeat || worker->report->arms[0].invalid)
        return 1;
    for (size_t i = 0; i < worker->live_count; i++)
        choose_asking(worker, worker->live[i]);
    memcpy(worker->clients->errors_by_block, worker->report->errors_by_block,
           sizeof worker->clients->errors_by_block);
    if (load_clients_ready(worker) || saturate_all(worker))
        return 1;
    return run_rates(worker);
}

/* One whose answers are wrong serves nobody; the worker hears of it by its end. */
static int serve(struct worker *worker) {
    size_t all = worker->live_count;
    int status = worker_verify(worker, PHASE_VERIFY);
    if (status == 0)
        status = worker_bind_threads(worker);
    if (status || worker->live_count < all)
        return status;
    load_clients_serve(worker, work);
    return worker_verify(worker, PHASE_VERIFY_AGAIN);
}

int worker_load(struct worker *worker) {
    if (worker->client)
        return serve(worker);
    int status = put_under_load(worker);
    if (status == 0)
        status = worker_verify(worker, PHASE_VERIFY_AGAIN);
    load_clients_end(worker);
    return status < 0 ? status : 0;
}
