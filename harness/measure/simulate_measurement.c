/* The simulation of a point that was measured. */
#include "measure/simulate.h"

#include <math.h>
#include <stdlib.h>

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
        snprintf(arms[arm].reason, sizeof arms[arm].reason, "the baseline again");
        for (int event = 0; event < COUNTER_EVENTS; event++)
            arms[arm].counts[event] = NAN;
    }
    return 0;
}

static bool has_pair(const struct measurement *measurement) {
    size_t valid = 0;
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        valid += !measurement->arms[arm].invalid && measurement->arms[arm].role != ARM_PLACEBO;
    return valid > 1 && !measurement->arms[0].invalid;
}

int simulate_measurement(struct supervisor *supervisor, const struct plan_case *plan_case,
                         const struct plan_point *plan_point, const struct run_settings *settings,
                         const struct sample_clock *clock, struct measurement *measurement,
                         struct problem *problem) {
    struct simulation_request request = {.module = plan_case->module.path,
                                         .description = &plan_case->module,
                                         .plan_point = plan_point,
                                         .arm_count = plan_point->variant_count,
                                         .budget_s = choose_budget(settings, plan_point->variant_count),
                                         .topology = supervisor->topology,
                                         .cpus = settings->cpus[0] ? settings->cpus : NULL,
                                         .clock = clock};
    if (!settings->simulate || !has_pair(measurement))
        return 0;
    for (size_t arm = 0; arm < request.arm_count; arm++) {
        request.left_out[arm] = measurement->arms[arm].invalid ? "invalid" : NULL;
        request.run_ns[arm] = fastest_run_ns(measurement, arm, clock);
    }
    int status = simulate_point(supervisor, &request, &measurement->simulation, problem);
    if (status == 0 && extend_simulation(measurement, request.arm_count))
        status = problem_set(problem, ENOMEM, "no memory for a simulation");
    return status;
}
