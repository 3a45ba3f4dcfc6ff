/* Counter rounds and resources: after the timing rounds, never among them. */
#include "base/option_name.h"
#include "counters/app_events.h"
#include "counters/call_trace.h"
#include "store/thread_counts.h"
#include "worker/worker_context.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNTED_NS 5e5

static double process_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/*
 * Runs of a counted stretch: long enough that starting and stopping the counters, some microseconds of system
 * calls, is below a hundredth of it; never fewer than a sample has.
 */
static uint64_t counted_runs(const struct worker *worker, size_t arm) {
    const struct worker_job *job = worker->job;
    uint64_t runs = worker->report->arms[arm].runs;
    uint64_t sample = worker->report->rounds ? worker->ticks[arm * job->max_rounds] : 0;
    double wanted = COUNTED_NS * job->clock.ticks_per_ns;
    return sample && (double)sample < wanted ? (uint64_t)((double)runs * wanted / (double)sample) + 1 : runs;
}

/* As many as job->counter_rounds of COUNTED_NS take together; fewer where runs are longer than that anyway. */
static unsigned count_rounds(const struct worker *worker) {
    const struct worker_job *job = worker->job;
    double ticks = 0, wanted = job->counter_rounds * COUNTED_NS * job->clock.ticks_per_ns;
    for (size_t i = 0; i < worker->live_count && worker->report->rounds; i++)
        ticks += (double)worker->ticks[worker->live[i] * job->max_rounds];
    double rounds = ticks > 0 ? ceil(wanted * (double)worker->live_count / ticks) : job->counter_rounds;
    return rounds < job->counter_rounds ? (unsigned)rounds : job->counter_rounds;
}

/* Adds to a sum of rounds. A round that could not be counted makes the sum NAN, and so it stays. */
static void add_round(double *sum, unsigned round, double value) {
    *sum = round == 0 ? value : *sum + value;
}

/* The same of each thread, where a source tells them apart. */
static void count_threads(struct worker *worker, const struct counter_session *session,
                          const struct counter_plan *plan, unsigned set, unsigned round, size_t arm,
                          double rounds_runs) {
    for (size_t i = 0; i < RESULT_THREAD_EVENTS; i++) {
        const struct counter_plan_entry *entry = &plan->entries[thread_events[i]];
        if (entry->source == SOURCE_NONE || entry->set != set)
            continue;
        for (size_t thread = 0; thread < worker->report->counted_threads; thread++)
            add_round(&worker->report->thread_counts[arm][thread][i], round,
                      counter_session_thread_value(session, thread, thread_events[i]) / rounds_runs);
    }
}

/* Adds one counted stretch of an arm to its sums. */
static int count_once(struct worker *worker, struct counter_session *session, const struct counter_plan *plan,
                      unsigned set, unsigned round, unsigned rounds, size_t arm) {
    uint64_t runs = counted_runs(worker, arm);
    struct counter_reading reading;
    worker_announce(worker, PHASE_COUNT, (int)arm);
    worker_prepare(worker, arm, runs);
    int status = counter_session_start(session, set);
    if (status)
        return status;
    worker_stretch(worker, arm, runs);
    status = counter_session_stop(session, &reading);
    if (status)
        return status;
    double rounds_runs = (double)runs * rounds;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (plan->entries[event].source != SOURCE_NONE && plan->entries[event].set == set)
            add_round(&worker->report->arms[arm].counters[event], round, reading.total[event] / rounds_runs);
    count_threads(worker, session, plan, set, round, arm, rounds_runs);
    return 0;
}

static int count_sets(struct worker *worker, struct counter_session *session,
                      const struct counter_plan *plan) {
    struct schedule schedule;
    unsigned rounds = count_rounds(worker);
    schedule_start(&schedule, worker->job->seed + 1, worker->live_count);
    for (unsigned set = 0; set < plan->sets; set++)
        for (unsigned round = 0; round < rounds; round++) {
            const uint32_t *order = schedule_next(&schedule);
            for (size_t i = 0; i < worker->live_count; i++) {
                int status = count_once(worker, session, plan, set, round, rounds, worker->live[order[i]]);
                if (status)
                    return status;
            }
        }
    return 0;
}

static void forget_counters(struct worker *worker) {
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++)
        for (int event = 0; event < COUNTER_EVENTS; event++)
            if (worker->job->plan.entries[event].source != SOURCE_HARNESS)
                worker->report->arms[arm].counters[event] = NAN;
    worker->report->counted_threads = 0;
}

/* Room for each thread's counts, where there are several and they are those that were bound. */
static void tell_threads_apart(struct worker *worker, size_t count) {
    if (count < 2 || count != worker->report->thread_count)
        return;
    worker->report->counted_threads = count;
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++)
        for (size_t thread = 0; thread < count; thread++)
            for (size_t event = 0; event < RESULT_THREAD_EVENTS; event++)
                worker->report->thread_counts[arm][thread][event] = NAN;
}

/*
 * On a hybrid CPU the hardware events are those of one kind of core. A thread on another kind would count
 * nothing, and the sum would pass for all of them: so none is counted.
 */
static void leave_out_uncovered(const struct worker *worker, struct counter_plan *plan) {
    const struct cpu_choice *cpus = &worker->job->cpus;
    size_t i = 0;
    while (i < cpus->count && counter_plan_covers(plan, cpus->cpus[i]))
        i++;
    if (i == cpus->count)
        return;
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        struct counter_plan_entry *entry = &plan->entries[event];
        if (entry->source == SOURCE_HW || entry->source == SOURCE_HW_GENERIC)
            entry->source = SOURCE_NONE;
    }
    snprintf(
        worker->report->counter_problem, sizeof worker->report->counter_problem,
        "hardware events: CPU %u is another kind of core than CPUs %s, whose PMU was tested; choose CPUs of "
        "one kind with %s",
        cpus->cpus[i], plan->pmu_cpus, option_name(SETTING_CPUS));
}

static void count_events(struct worker *worker) {
    pid_t threads[WORKER_THREADS];
    int count = counter_list_threads(threads, WORKER_THREADS);
    struct problem problem = {""};
    struct counter_session *session = NULL;
    struct counter_plan plan = worker->job->plan;
    leave_out_uncovered(worker, &plan);
    int status = count < 0                ? count
                 : count > WORKER_THREADS ? -E2BIG
                                          : counter_session_open(&plan, &worker->job->clock, threads,
                                                                 (size_t)count, &session, &problem);
    if (status == 0) {
        tell_threads_apart(worker, (size_t)count);
        status = count_sets(worker, session, &plan);
    }
    if (status) {
        /* Half of the rounds is not an estimate of all of them. */
        forget_counters(worker);
        snprintf(worker->report->counter_problem, sizeof worker->report->counter_problem, "%.191s",
                 problem.text[0] ? problem.text : strerror(-status));
    }
    counter_session_close(session);
}

/* Run by run, so that what lies between runs is not counted: resets. */
static int trace_runs(struct worker *worker, size_t arm, uint64_t runs, uint64_t *calls,
                      struct problem *problem) {
    const struct cs_kernel *kernel = worker->module.kernel;
    struct call_trace *trace;
    int status = call_trace_start(&trace, problem);
    if (status)
        return status;
    for (uint64_t i = 0; i < runs; i++) {
        if (kernel->reset_each_run)
            kernel_host_reset_each(&worker->host, kernel, worker->state);
        if (i == 0 || kernel->reset_each_run)
            call_trace_resume(trace);
        worker->run[arm](worker->state);
        if (kernel->reset_each_run)
            call_trace_pause(trace);
    }
    if (!kernel->reset_each_run)
        call_trace_pause(trace);
    return call_trace_stop(trace, calls, problem);
}

/*
 * System calls, where a tracer counts them: each stops the process, so in rounds of their own, and a sample is enough
 * where nothing is estimated. After all that the fork of the tracer would disturb.
 */
static void count_calls(struct worker *worker) {
    const struct counter_plan_entry *entry = &worker->job->plan.entries[COUNTER_SYSTEM_CALLS];
    size_t arms[SCHEDULE_MAX_ARMS], count = worker_draw_order(worker, PHASE_COUNT, arms);
    if (!worker->job->trace_calls || entry->source == SOURCE_NONE || entry->set != COUNTER_NO_SET)
        return;
    for (size_t i = 0; i < count; i++) {
        struct worker_report *report = worker->report;
        struct problem problem = {""};
        uint64_t calls, runs = report->arms[arms[i]].runs;
        worker_announce(worker, PHASE_COUNT, (int)arms[i]);
        worker_prepare(worker, arms[i], runs);
        if (trace_runs(worker, arms[i], runs, &calls, &problem) == 0)
            report->arms[arms[i]].counters[COUNTER_SYSTEM_CALLS] = (double)calls / (double)runs;
        else if (!report->counter_problem[0])
            snprintf(report->counter_problem, sizeof report->counter_problem, "system-calls: %.170s",
                     problem.text);
    }
}

static void count_app(struct worker *worker, size_t arm) {
    const struct cs_kernel *kernel = worker->module.kernel;
    uint64_t before[CS_MAX_COUNTERS] = {0}, after[CS_MAX_COUNTERS] = {0};
    if (!kernel_host_counts(&worker->host, kernel))
        return;
    uint64_t runs = worker->report->arms[arm].runs;
    kernel_host_count(&worker->host, kernel, worker->state, before);
    worker_stretch(worker, arm, runs);
    kernel_host_count(&worker->host, kernel, worker->state, after);
    for (size_t i = 0; i < CS_MAX_COUNTERS && kernel->counters[i].name; i++)
        worker->report->arms[arm].app[i] = (double)(after[i] - before[i]) / (double)runs;
}

/* No more than there are CPUs to be busy on: of threads that run, the kernel counts in ticks of some ms. */
static double possible_share(const struct worker *worker, double share) {
    return share <= worker->job->threads + 0.05 ? share : NAN;
}

static void measure_resources(struct worker *worker, size_t arm) {
    uint64_t enough = worker->job->threads > 1 ? 10000000 : 2000000; /* against the tick of the CPU clock */
    struct arm_resources *resources = &worker->report->arms[arm].resources;
    uint64_t start = monotonic_ns(), elapsed = 0;
    double cpu = process_cpu_ns();
    do {
        worker_announce(worker, PHASE_COUNT, (int)arm);
        worker_stretch(worker, arm, worker->report->arms[arm].runs);
        elapsed = monotonic_ns() - start;
    } while (elapsed < enough);
    resources->cpu_share = possible_share(worker, (process_cpu_ns() - cpu) / (double)elapsed);
}

static long long read_app_counter(void *context, size_t index) {
    const struct worker *worker = context;
    uint64_t values[CS_MAX_COUNTERS] = {0};
    kernel_host_count(&worker->host, worker->module.kernel, worker->state, values);
    return (long long)values[index];
}

/* For whoever uses PAPI in this process. NULL where the kernel has no counters, or libsde is not there. */
static struct app_events *offer_app_counters(struct worker *worker) {
    const struct cs_kernel *kernel = worker->module.kernel;
    const char *names[CS_MAX_COUNTERS];
    struct app_events *events = NULL;
    struct app_events_source source = {
        .kernel = kernel->name, .names = names, .read = read_app_counter, .context = worker};
    for (size_t i = 0; i < CS_MAX_COUNTERS && kernel->counters[i].name; i++)
        names[source.count++] = kernel->counters[i].name;
    if (kernel_host_counts(&worker->host, kernel) && source.count && source.count <= APP_EVENTS)
        app_events_open(&source, &events);
    return events;
}

/* The placebo, the last arm, is left out: nothing is concluded of its counters. */
void worker_count(struct worker *worker) {
    size_t last = worker->live_count ? worker->live[worker->live_count - 1] : 0;
    bool placebo = worker->live_count && worker->job->arms[last].placebo;
    worker->live_count -= placebo;
    struct app_events *offered = offer_app_counters(worker);
    if (worker->job->counters && worker->job->plan.sets)
        count_events(worker);
    for (size_t i = 0; i < worker->live_count; i++) {
        size_t arm = worker->live[i];
        worker_announce(worker, PHASE_COUNT, (int)arm);
        count_app(worker, arm);
        measure_resources(worker, arm);
    }
    app_events_close(offered);
    worker_record_latencies(worker);
    count_calls(worker);
    worker_announce(worker, PHASE_COUNT, -1);
    if (placebo)
        worker->live[worker->live_count++] = last;
}
