/*
 * Simulation: a worker of the portable module under Valgrind's Callgrind. One process a point simulates every
 * arm: setup uncounted, a warm-up run uncounted, one run counted.
 */
#ifndef SIMULATE_SIMULATE_H
#define SIMULATE_SIMULATE_H

#include "run/plan.h"
#include "run/seats.h"
#include "run/supervisor.h"

/** What to simulate. */
struct simulation_request {
    const char *module; /**< path of the native or portable module; its portable sibling is taken */
    const struct module_description *description;
    const struct plan_point *plan_point;
    size_t arm_count;                 /**< variants of plan_point to simulate, the baseline first */
    bool left_out[SCHEDULE_MAX_ARMS]; /**< an arm that is invalid and not simulated */
    double run_ns[SCHEDULE_MAX_ARMS]; /**< time of one run, as measured; 0: not known. For scaling down */
    double budget_s;                  /**< scaled down where it would take longer */
    const struct topology *topology;  /**< for the caches' geometry and for binding */
    const char *cpus;                 /**< --cpus; NULL: the program's choice */
    const struct sample_clock *clock; /**< times each arm's portable build at the simulated point, for
                                         simulated_arm.cycles; NULL: not wanted */
    /** NULL, or a folder that receives Callgrind's file of each arm, VARIANT.callgrind */
    const char *profiles;
    const struct seat *seat; /**< where it is simulated, side by side with others; NULL: alone */
};

/** What was simulated of a point, for simulation_time to time it. */
struct simulated_runs {
    struct plan_point point;        /**< as it was simulated: as planned, or smaller */
    size_t arms[SCHEDULE_MAX_ARMS]; /**< of the request, those that were simulated to the end */
    size_t arm_count;
};

/**
 * Simulates, and fills *simulation (freed by simulation_clear). What cannot be simulated is a reason in it,
 * not an error: no valgrind, an instruction that it lacks, a crash under it, too large a point; arms with
 * more than one thread. Returns 0; -EINTR where the program was interrupted; -errno of the harness itself,
 * with the problem.
 */
int simulate_point(struct supervisor *supervisor, const struct simulation_request *request,
                   struct simulation *simulation, struct problem *problem);

/** The part of simulate_point that times nothing, and may be done beside others of its kind: the counts, and *runs for
 * the other part. Returns as simulate_point. */
int simulate_counts(struct supervisor *supervisor, const struct simulation_request *request,
                    struct simulation *simulation, struct simulated_runs *runs, struct problem *problem);

/** The other part: times the runs by request->clock, when nothing else runs, and takes back counts that cannot be
 * theirs. Returns as simulate_point, with the simulation as far as it came. */
int simulation_time(struct supervisor *supervisor, const struct simulation_request *request,
                    const struct simulated_runs *runs, struct simulation *simulation,
                    struct problem *problem);

void simulation_clear(struct simulation *simulation);

/** Notes that the run was interrupted before it, where there is none. */
void simulation_leave_out(struct simulation *simulation);

/** A point that was measured, and receives its simulation. */
struct simulated_point {
    const struct plan_case *plan_case;
    const struct plan_point *plan_point;
    struct measurement *measurement;
};

/**
 * Seconds that simulating the point will take at the most, once one replicate of it was measured: within its budget, as a
 * larger one is scaled down; beside some seconds of Valgrind's own. 0 where nothing will be simulated.
 */
double simulation_forecast(const struct simulated_point *point, const struct run_settings *settings,
                           const struct sample_clock *clock);

/**
 * Simulates points that were measured, side by side on seats (run/seats.h), within the budget that the settings give
 * each, those that are foretold to take longest first; and fills measurement->simulation for all arms: the valid
 * variants, and none of the placebo, which is the baseline again. What is timed (simulated_arm.cycles) is timed one
 * point after the other when no simulation runs any more. Leaves out points without a pair of valid variants, and does
 * nothing where simulation is switched off. `done` (NULL: nobody) hears of each point that was simulated, by its index.
 * Returns as simulate_point; points that were timed by then keep what they have, and the others have nothing.
 */
int simulate_measurements(struct supervisor *supervisor, const struct simulated_point *points, size_t count,
                          const struct run_settings *settings, const struct sample_clock *clock,
                          void (*done)(void *context, size_t index), void *context, struct problem *problem);

/** Inputs of every simulation are made from this seed, so that two runs simulate the same. */
#define SIMULATION_SEED 20150301u

/**
 * How many times longer than on the processor a run is taken to be under Callgrind, when a time is foretold.
 */
#define SIMULATION_SLOWDOWN 100.0

/**
 * Halves the items of a point once more: the parameter that cs_kernel.scale names, or else the largest number
 * that stays within its limits; never a choice, a percentage or the threads. Returns false where there is
 * nothing left to halve; then the point is as it was.
 */
bool simulation_halve(const struct module_description *description, struct plan_point *point);

/**
 * Of a simulation of a smaller point, `simulated`: simulates a quarter of that too, and takes counts back
 * whose value an item is another there (simulation_check_scale). Returns as simulate_point.
 */
int simulation_verify_scale(struct supervisor *supervisor, const struct simulation_request *whole,
                            const struct plan_point *simulated, double whole_s, struct simulation *simulation,
                            struct problem *problem);

/** Seconds that a point of `arm_count` arms with these times of one run is foretold to take. */
double simulation_seconds(const double *run_ns, size_t arm_count);

#endif
