/* The simulation of points that were measured. */
#include "simulate/simulate.h"
#include "simulate/simulation_check.h"

#include "counters/callgrind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fastest run of an arm that was timed, ns; 0 for one that was not. */
static double fastest_run_ns(const struct measurement *measurement, size_t arm,
                             const struct sample_clock *clock) {
    double fastest = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        for (size_t round = 0; replicate->ticks[arm] && round < replicate->rounds; round++) {
            double ns =
                (double)replicate->ticks[arm][round] / (double)replicate->runs[arm] / clock->ticks_per_ns;
            fastest = fastest == 0 || ns < fastest ? ns : fastest;
        }
    }
    return fastest;
}

/* By default as long as the point was timed: the whole run takes twice its time at most. */
static double choose_budget(const struct run_settings *settings, size_t variants) {
    double timing = settings->budget_s * (double)(variants - 1);
    return settings->simulation_budget_s > 0 ? settings->simulation_budget_s : fmax(2, timing);
}

/* One for each arm of the measurement: the placebo is the baseline, and so is what is simulated of it. */
static int extend_simulation(struct measurement *measurement, size_t simulated) {
    struct simulated_arm *arms = reallocarray(measurement->simulation.arms, measurement->arm_count,
                                              sizeof *measurement->simulation.arms);
    if (!arms)
        return -ENOMEM;
    measurement->simulation.arms = arms;
    for (size_t arm = simulated; arm < measurement->arm_count; arm++) {
        arms[arm] = (struct simulated_arm){.cycles = NAN, .cycles_p5 = NAN, .cycles_p95 = NAN};
        simulated_arm_refuse(&arms[arm], &(struct simulation_why){.cause = SIMULATION_BASELINE_AGAIN});
    }
    return 0;
}

static bool has_pair(const struct measurement *measurement) {
    size_t valid = 0;
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        valid += !measurement->arms[arm].invalid && measurement->arms[arm].role != ARM_PLACEBO;
    return valid > 1 && !measurement->arms[0].invalid;
}

double simulation_forecast(const struct simulated_point *point, const struct run_settings *settings,
                           const struct sample_clock *clock) {
    const struct measurement *measurement = point->measurement;
    size_t variants = point->plan_point->variant_count, count = 0;
    double run_ns[SCHEDULE_MAX_ARMS];
    struct callgrind_tool tool;
    if (!settings->simulate || !has_pair(measurement) || callgrind_find(&tool) != 0)
        return 0;
    for (size_t arm = 0; arm < variants; arm++)
        if (!measurement->arms[arm].invalid)
            run_ns[count++] = fastest_run_ns(measurement, arm, clock);
    return fmin(simulation_seconds(run_ns, count), choose_budget(settings, variants));
}

static struct simulation_request make_request(const struct supervisor *supervisor,
                                              const struct simulated_point *point,
                                              const struct run_settings *settings,
                                              const struct sample_clock *clock) {
    const struct measurement *measurement = point->measurement;
    struct simulation_request request = {.module = point->plan_case->module.path,
                                         .description = &point->plan_case->module,
                                         .plan_point = point->plan_point,
                                         .arm_count = point->plan_point->variant_count,
                                         .budget_s =
                                             choose_budget(settings, point->plan_point->variant_count),
                                         .topology = supervisor->topology,
                                         .cpus = settings->cpus[0] ? settings->cpus : NULL,
                                         .clock = clock};
    for (size_t arm = 0; arm < request.arm_count; arm++) {
        request.left_out[arm] = measurement->arms[arm].invalid;
        request.run_ns[arm] = fastest_run_ns(measurement, arm, clock);
    }
    return request;
}

/* What a seat leaves of a point. */
struct seat_answer {
    struct simulation simulation; /* whose arms are below */
    struct simulated_runs runs;
    struct simulated_arm arms[SCHEDULE_MAX_ARMS];
};

/* One point in the queue. */
struct queued_point {
    size_t index; /* of the caller's */
    struct simulation_request request;
    struct measurement *measurement;
    struct simulated_runs runs;
    double foretold_s;
};

struct queue {
    struct queued_point *points;
    size_t count;
    void (*done)(void *context, size_t index);
    void *context;
};

static int simulate_at(void *context, size_t job, const struct seat *seat, struct problem *problem) {
    const struct queue *queue = context;
    struct seat_answer *answer = seat->answer;
    struct simulation_request request = queue->points[job].request;
    request.seat = seat;
    int status = simulate_counts(seat->supervisor, &request, &answer->simulation, &answer->runs, problem);
    if (status == 0)
        memcpy(answer->arms, answer->simulation.arms, request.arm_count * sizeof *answer->arms);
    return status;
}

static int take_simulation(void *context, size_t job, const void *shared, struct problem *problem) {
    const struct queue *queue = context;
    const struct seat_answer *answer = shared;
    struct queued_point *point = &queue->points[job];
    struct simulation *simulation = &point->measurement->simulation;
    size_t arms = point->request.arm_count;
    struct simulated_arm *kept = calloc(arms ? arms : 1, sizeof *kept);
    if (!kept)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    memcpy(kept, answer->arms, arms * sizeof *kept);
    *simulation = answer->simulation;
    simulation->arms = kept;
    point->runs = answer->runs;
    if (queue->done)
        queue->done(queue->context, point->index);
    return 0;
}

/* The longest first, so that no seat waits for one that began last. */
static int compare_foretold(const void *a, const void *b) {
    const struct queued_point *first = a, *second = b;
    return first->foretold_s < second->foretold_s   ? 1
           : first->foretold_s > second->foretold_s ? -1
           : first->index < second->index           ? -1
                                                    : 1;
}

static int compare_index(const void *a, const void *b) {
    const struct queued_point *first = a, *second = b;
    return first->index < second->index ? -1 : first->index > second->index;
}

/* One after the other, as the points were measured. Counts that were not judged by their times are none. */
static int time_points(struct supervisor *supervisor, const struct queue *queue, int status,
                       struct problem *problem) {
    for (size_t i = 0; i < queue->count; i++) {
        struct queued_point *point = &queue->points[i];
        struct simulation *simulation = &point->measurement->simulation;
        if (status == 0)
            status = simulation_time(supervisor, &point->request, &point->runs, simulation, problem);
        if (status == 0 && extend_simulation(point->measurement, point->request.arm_count))
            status = problem_set(problem, ENOMEM, "no memory for a simulation");
        if (status)
            simulation_clear(simulation);
    }
    return status;
}

static size_t queue_points(const struct supervisor *supervisor, const struct simulated_point *points,
                           size_t count, const struct run_settings *settings,
                           const struct sample_clock *clock, struct queued_point *queued) {
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        if (has_pair(points[i].measurement))
            queued[wanted++] =
                (struct queued_point){.index = i,
                                      .request = make_request(supervisor, &points[i], settings, clock),
                                      .measurement = points[i].measurement,
                                      .foretold_s = simulation_forecast(&points[i], settings, clock)};
    return wanted;
}

int simulate_measurements(struct supervisor *supervisor, const struct simulated_point *points, size_t count,
                          const struct run_settings *settings, const struct sample_clock *clock,
                          void (*done)(void *context, size_t index), void *context, struct problem *problem) {
    if (!settings->simulate || count == 0)
        return 0;
    struct queue queue = {.points = calloc(count, sizeof *queue.points), .done = done, .context = context};
    if (!queue.points)
        return problem_set(problem, ENOMEM, "no memory for simulations");
    queue.count = queue_points(supervisor, points, count, settings, clock, queue.points);
    qsort(queue.points, queue.count, sizeof *queue.points, compare_foretold);
    const struct seated_work work = {.count = queue.count,
                                     .answer_bytes = sizeof(struct seat_answer),
                                     .context = &queue,
                                     .work = simulate_at,
                                     .take = take_simulation};
    int status = seats_work(supervisor, settings->cpus[0] ? settings->cpus : NULL, &work, problem);
    qsort(queue.points, queue.count, sizeof *queue.points, compare_index);
    status = time_points(supervisor, &queue, status, problem);
    free(queue.points);
    return status;
}
