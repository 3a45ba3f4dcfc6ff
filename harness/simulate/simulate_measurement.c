/* The simulation of points that were measured. */
#include "simulate/simulate.h"
#include "simulate/simulation_check.h"

#include "counters/callgrind.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
        simulated_arm_refuse(&arms[arm], SIMULATION_BASELINE_AGAIN, "the baseline again");
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
        request.left_out[arm] = measurement->arms[arm].invalid ? "invalid" : NULL;
        request.run_ns[arm] = fastest_run_ns(measurement, arm, clock);
    }
    return request;
}

/* What a process that simulates one of several points shares with the program. */
struct seat {
    atomic_int simulated, may_time; /* flags: it waits for quiet; it may go on */
    int status;
    struct problem problem;
    struct simulation simulation;
    struct simulated_arm arms[SCHEDULE_MAX_ARMS];
};

static void pause_briefly(void) {
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void wait_for_turn(void *context) {
    struct seat *seat = context;
    atomic_store(&seat->simulated, 1);
    while (!atomic_load(&seat->may_time))
        pause_briefly();
}

/* In a process of its own: a supervisor waits for one worker at a time. */
static void simulate_at(struct seat *seat, struct supervisor supervisor, struct simulation_request request) {
    char base[sizeof supervisor.scratch];
    memcpy(base, supervisor.scratch, sizeof base);
    int length =
        snprintf(supervisor.scratch, sizeof supervisor.scratch, "%.4000s/seat%u", base, request.seat);
    request.wait_for_quiet = wait_for_turn;
    request.quiet_context = seat;
    if (length >= (int)sizeof supervisor.scratch || (mkdir(supervisor.scratch, 0700) && errno != EEXIST))
        seat->status =
            problem_set(&seat->problem, errno, "cannot make %s: %s", supervisor.scratch, strerror(errno));
    else
        seat->status = simulate_point(&supervisor, &request, &seat->simulation, &seat->problem);
    if (seat->status == 0)
        memcpy(seat->arms, seat->simulation.arms, request.arm_count * sizeof *seat->arms);
}

static pid_t start_seat(struct seat *seat, const struct supervisor *supervisor,
                        const struct simulation_request *request) {
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    seat->status = -EINTR;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        simulate_at(seat, *supervisor, *request);
    _exit(0);
}

/*
 * Until the process waits to time something (if `until_timing`) or has ended. Returns whether it has ended.
 */
static bool wait_for_seat(struct seat *seat, pid_t pid, const struct supervisor *supervisor,
                          bool until_timing) {
    bool told = false;
    for (;;) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return true;
        if (until_timing && atomic_load(&seat->simulated))
            return false;
        if (!told && supervisor->interrupted && *supervisor->interrupted) {
            told = true; /* the handler that it inherited sets its own flag */
            kill(pid, SIGINT);
        }
        pause_briefly();
    }
}

static int take_simulation(const struct seat *seat, size_t arms, struct measurement *measurement) {
    measurement->simulation = seat->simulation;
    measurement->simulation.arms = calloc(arms, sizeof *seat->arms);
    if (!measurement->simulation.arms)
        return -ENOMEM;
    memcpy(measurement->simulation.arms, seat->arms, arms * sizeof *seat->arms);
    return extend_simulation(measurement, arms);
}

/* Each in a process of its own; then one after the other is timed. */
static int simulate_side_by_side(struct supervisor *supervisor, const struct simulation_request *requests,
                                 struct measurement *const *measurements, size_t count,
                                 struct problem *problem) {
    pid_t pids[SIMULATION_SEATS] = {0};
    int status = 0;
    size_t size = count * sizeof(struct seat);
    struct seat *seats = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seats == MAP_FAILED)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    for (size_t i = 0; i < count; i++)
        pids[i] = start_seat(&seats[i], supervisor, &requests[i]);
    for (size_t i = 0; i < count; i++)
        if (pids[i] > 0 && wait_for_seat(&seats[i], pids[i], supervisor, true))
            pids[i] = 0;
    for (size_t i = 0; i < count; i++) {
        atomic_store(&seats[i].may_time, 1);
        if (pids[i] > 0)
            wait_for_seat(&seats[i], pids[i], supervisor, false);
        int taken = pids[i] < 0       ? problem_set(problem, EAGAIN, "cannot start a process to simulate in")
                    : seats[i].status ? problem_set(problem, -seats[i].status, "%s", seats[i].problem.text)
                                      : take_simulation(&seats[i], requests[i].arm_count, measurements[i]);
        status = status ? status : taken;
    }
    munmap(seats, size);
    return status;
}

size_t simulation_seats(const struct supervisor *supervisor, const struct run_settings *settings) {
    struct cpu_choice choice;
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 2;
    double fit = memory / (double)supervisor->limits.memory_bytes;
    size_t seats = fit < 1 ? 1 : fit > SIMULATION_SEATS ? SIMULATION_SEATS : (size_t)fit;
    while (seats > 1 && (topology_choose(supervisor->topology, (unsigned)seats,
                                         settings->cpus[0] ? settings->cpus : NULL, &choice, NULL) != 0 ||
                         choice.shared_core))
        seats--;
    return settings->simulate ? seats : 1;
}

int simulate_measurements(struct supervisor *supervisor, const struct simulated_point *points, size_t count,
                          const struct run_settings *settings, const struct sample_clock *clock,
                          struct problem *problem) {
    struct simulation_request requests[SIMULATION_SEATS];
    struct measurement *measurements[SIMULATION_SEATS];
    size_t wanted = 0;
    for (size_t i = 0; i < count && settings->simulate; i++)
        if (has_pair(points[i].measurement)) {
            requests[wanted] = make_request(supervisor, &points[i], settings, clock);
            measurements[wanted++] = points[i].measurement;
        }
    for (size_t i = 0; i < wanted; i++) {
        requests[i].seat = (unsigned)i;
        requests[i].seats = (unsigned)wanted;
    }
    if (wanted > 1)
        return simulate_side_by_side(supervisor, requests, measurements, wanted, problem);
    int status = wanted ? simulate_point(supervisor, &requests[0], &measurements[0]->simulation, problem) : 0;
    if (wanted && status == 0 && extend_simulation(measurements[0], requests[0].arm_count))
        status = problem_set(problem, ENOMEM, "no memory for a simulation");
    return status;
}
