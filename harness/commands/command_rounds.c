#include "commands/command_rounds.h"

#include "base/numbers.h"
#include "base/option_name.h"
#include "commands/command_job.h"
#include "conclude/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Beyond it, copying the caller's memory and throwing it away again is no part of the time worth a word. */
#define SLOW_NS 50e6
/* Names of the folders of what is no replicate. */
#define WARM_UP_FOLDER 1000000
#define SETUP_FOLDER 2000000
#define WARM_UP_MOST 8
#define SLOW_TRACED 3 /* replicates that slow commands are traced in: an execution more of each */

static bool is_interrupted(const struct command_job *job) {
    return job->supervisor->interrupted && *job->supervisor->interrupted;
}

/* SplitMix64's finalizer: one seed a point and replicate, all from the run's. */
static uint64_t derive_seed(uint64_t seed, uint64_t point, uint64_t replicate) {
    struct cs_random random = cs_random_seed(seed ^ (point * 0x9e3779b97f4a7c15u) ^ (replicate << 48));
    return cs_random_u64(&random);
}

static size_t list_live(const struct command_job *job, size_t *live) {
    size_t count = 0;
    for (size_t arm = 0; arm < job->measurement.arm_count; arm++)
        if (!job->measurement.arms[arm].invalid)
            live[count++] = arm;
    return count;
}

/* Whether there is still something to compare, or to measure alone. */
static bool goes_on(const struct command_job *job) {
    const struct measurement *measurement = &job->measurement;
    size_t candidates = 0;
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        candidates += measurement->arms[arm].role == ARM_CANDIDATE && !measurement->arms[arm].invalid;
    return !measurement->arms[0].invalid && (candidates > 0 || job->point->arm_count == 1);
}

static void clear_sums(struct command_job *job) {
    for (size_t arm = 0; arm < job->measurement.arm_count; arm++) {
        job->sums[arm] = (struct arm_sums){.peak_rss = NAN};
        for (int event = 0; event < COUNTER_EVENTS; event++)
            job->sums[arm].counters[event] = job->sums[arm].counted[event] = 0;
    }
}

/* What the kernel tells comes from timed executions, a PMU's events from those that were counted. */
static void add_round(struct command_job *job, const size_t *live, size_t count, bool timed) {
    for (size_t i = 0; i < count; i++) {
        const struct execution *execution = &job->last[live[i]];
        struct arm_sums *sums = &job->sums[live[i]];
        for (int event = 0; event < COUNTER_EVENTS; event++) {
            enum counter_source source = job->run->counter_plan.entries[event].source;
            bool wanted = timed ? source == SOURCE_SW : source == SOURCE_HW_GENERIC;
            if (!wanted || isnan(execution->counters[event]))
                continue;
            sums->counters[event] += execution->counters[event];
            sums->counted[event]++;
        }
        sums->peak_rss = fmax(sums->peak_rss, execution->peak_rss_bytes);
        if (timed && job->options->sampler) {
            const struct command_sample *told = &job->samples[live[i]];
            sample_add(told, &job->measurement, &sums->told);
            sums->wall_ns += told->time_ns;
            sums->cpu_ns += told->cpu_ns;
        } else if (timed) {
            sums->wall_ns += (double)execution->ticks / job->run->host.clock.ticks_per_ns;
            sums->cpu_ns += execution->counters[COUNTER_TASK_CLOCK];
        }
    }
}

/* Commands are the nursery's children: their CPU time is ours. */
static void read_noise(const struct command_job *job, struct noise_reading *reading) {
    noise_read(reading, job->cpus, job->cpu_count);
    reading->own_cpu_ns += nursery_cpu_ns(&job->nursery);
}

static void finish_replicate(struct command_job *job, struct replicate *replicate, const size_t *live,
                             size_t count) {
    for (size_t arm = 0; arm < job->measurement.arm_count; arm++) {
        bool is_live = false;
        for (size_t i = 0; i < count; i++)
            is_live |= live[i] == arm;
        if (!is_live) {
            free(replicate->ticks[arm]);
            replicate->ticks[arm] = NULL;
            continue;
        }
        const struct arm_sums *sums = &job->sums[arm];
        replicate->runs[arm] = 1;
        sample_finish(&sums->told, replicate, arm);
        for (int event = 0; event < COUNTER_EVENTS; event++)
            replicate->counters[arm][event] =
                sums->counted[event] > 0 ? sums->counters[event] / sums->counted[event] : NAN;
        replicate->resources[arm] = (struct arm_resources){.cpu_share = sums->cpu_ns / sums->wall_ns,
                                                           .peak_rss_bytes = sums->peak_rss};
    }
    noise_describe(&replicate->noise, replicate->noise_text, sizeof replicate->noise_text);
}

/* Of the round under way: what the command tells, or what was timed from outside. */
static uint64_t ticks_of(struct command_job *job, size_t arm) {
    const struct command_sample *told = &job->samples[arm];
    return job->options->sampler && !isnan(told->time_ns)
               ? sample_ticks(told, &job->sums[arm].told, job->run->host.clock.ticks_per_ns)
               : job->last[arm].ticks;
}

/* Rounds whose samples count. The replicate keeps those that were complete. As execute. */
static int run_timed_rounds(struct command_job *job, struct replicate *replicate, size_t rounds,
                            const size_t *live, size_t count, struct problem *problem) {
    struct schedule schedule;
    struct noise_reading first, last;
    const struct round timed = {.own_memory = job->slow};
    int status = 0;
    schedule_start(&schedule, replicate->seed, count);
    read_noise(job, &first);
    for (replicate->rounds = 0; replicate->rounds < rounds && status == 0;) {
        status = is_interrupted(job)
                     ? -EINTR
                     : command_round(job, &timed, schedule_next(&schedule), live, count, problem);
        if (status)
            break;
        for (size_t i = 0; i < count; i++)
            replicate->ticks[live[i]][replicate->rounds] = ticks_of(job, live[i]);
        replicate->rounds++;
        add_round(job, live, count, true);
    }
    read_noise(job, &last);
    noise_between(&first, &last, job->cpu_count, &replicate->noise);
    return status;
}

/* A PMU's events, set by set, in executions of their own; one without any set gives the peak memory. */
static int run_counted_rounds(struct command_job *job, const size_t *live, size_t count,
                              struct problem *problem) {
    const struct counter_plan *plan = &job->run->counter_plan;
    bool fast = !job->slow;
    int status = 0;
    for (unsigned set = 0; set < (plan->sets ? plan->sets : 1) && status == 0; set++) {
        bool counts = false;
        for (int event = 0; event < COUNTER_EVENTS; event++)
            counts |= plan->entries[event].source == SOURCE_HW_GENERIC && plan->entries[event].set == set;
        if (!counts && !(set == 0 && fast))
            continue;
        const struct round round = {.own_memory = true, .counted = counts, .set = set};
        status = command_round(job, &round, NULL, live, count, problem);
        if (status == 0)
            add_round(job, live, count, false);
    }
    return status;
}

static bool is_traced(const struct command_job *job, size_t arm) {
    return job->run->counter_plan.entries[COUNTER_SYSTEM_CALLS].source != SOURCE_NONE &&
           job->measurement.arms[arm].role != ARM_PLACEBO && !job->untraced[arm];
}

/* System calls, in executions of their own: each call takes a hundred times as long. As execute. */
static int run_traced_round(struct command_job *job, const size_t *live, size_t count,
                            struct problem *problem) {
    const struct round round = {.own_memory = true, .traced = true};
    size_t arms[SCHEDULE_MAX_ARMS], traced = 0;
    if (job->slow && job->measurement.replicate_count >= SLOW_TRACED)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (is_traced(job, live[i]))
            arms[traced++] = live[i];
    int status = command_round(job, &round, NULL, arms, traced, problem);
    for (size_t i = 0; i < traced && status == 0; i++) {
        double calls = job->last[arms[i]].counters[COUNTER_SYSTEM_CALLS];
        if (isnan(calls))
            continue;
        job->sums[arms[i]].counters[COUNTER_SYSTEM_CALLS] += calls;
        job->sums[arms[i]].counted[COUNTER_SYSTEM_CALLS]++;
    }
    return status;
}

static int take_replicate(struct command_job *job, struct replicate *replicate, size_t rounds,
                          const size_t *live, size_t count, struct problem *problem) {
    clear_sums(job);
    int status = run_counted_rounds(job, live, count, problem);
    if (status == 0)
        status = run_traced_round(job, live, count, problem);
    if (status == 0)
        status = run_timed_rounds(job, replicate, rounds, live, count, problem);
    else
        replicate->rounds = 0;
    if (replicate->rounds > 0)
        finish_replicate(job, replicate, live, count);
    return status;
}

/* One replicate, repeated without the guilty command when one fails. 0, -EINTR or -errno. */
static int measure_replicate(struct command_job *job, size_t index, size_t rounds, struct problem *problem) {
    size_t live[SCHEDULE_MAX_ARMS];
    while (goes_on(job)) {
        size_t count = list_live(job, live);
        struct replicate *replicate = &job->measurement.replicates[job->measurement.replicate_count];
        uint64_t seed = derive_seed(job->options->settings.seed, job->run->measurement_count + 1, index);
        *replicate = (struct replicate){.memory_node = -1};
        if (replicate_allocate(replicate, job->measurement.arm_count, rounds, 0))
            return problem_set(problem, ENOMEM, "no memory for samples");
        replicate->seed = seed;
        replicate->memory_node = -1;
        int status = command_enter(job, index, seed, problem);
        if (status == 0)
            status = take_replicate(job, replicate, rounds, live, count, problem);
        command_leave(job);
        if (status == -ESTALE || replicate->rounds == 0)
            replicate_clear(replicate, job->measurement.arm_count);
        else
            job->measurement.replicate_count++;
        if (status != -ESTALE)
            return status;
    }
    return 0;
}

static int warm_up_once(struct command_job *job, size_t index, double *round_ns, struct problem *problem) {
    size_t live[SCHEDULE_MAX_ARMS], count = list_live(job, live);
    const struct round round = {.own_memory = index == 0 || job->slow};
    int status = command_enter(job, WARM_UP_FOLDER + index, job->options->settings.seed, problem);
    uint64_t start = monotonic_ns();
    if (status == 0)
        status = command_round(job, &round, NULL, live, count, problem);
    *round_ns = (double)(monotonic_ns() - start);
    command_leave(job);
    for (size_t i = 0; i < count && status == 0; i++)
        job->slow |= (double)job->last[live[i]].ticks / job->run->host.clock.ticks_per_ns > SLOW_NS;
    return status == -ESTALE ? 0 : status;
}

/*
 * Untimed rounds, of which the shortest tells how long one takes. The first finds files on the disk and
 * programs not yet loaded; where rounds are short against the budget, more of them are a better guide.
 */
static int warm_up(struct command_job *job, double budget_ns, double *round_ns, struct problem *problem) {
    size_t wanted = job->options->warmup ? job->options->warmup : 1;
    double latest = 0;
    int status = 0;
    *round_ns = INFINITY;
    for (size_t i = 0; i < wanted && status == 0 && goes_on(job); i++) {
        job->slow = false;
        status = warm_up_once(job, i, &latest, problem);
        *round_ns = fmin(*round_ns, latest);
        if (i + 1 == wanted && wanted < WARM_UP_MOST && latest < 0.01 * budget_ns)
            wanted++;
    }
    return status;
}

struct round_plan {
    size_t replicates, each, longer; /* the first `longer` of them have one round more */
};

/* Fixed before the first sample: no look at results decides how many there are. */
static struct round_plan plan_rounds(const struct command_job *job, double budget_ns, double round_ns) {
    size_t wanted = job->options->settings.replicates, rounds = job->options->rounds, arms;
    size_t live[SCHEDULE_MAX_ARMS];
    struct round_plan plan;
    if (rounds) {
        plan.replicates = wanted < rounds ? wanted : rounds;
        plan.each = rounds / plan.replicates;
        plan.longer = rounds % plan.replicates;
        return plan;
    }
    double most = (double)RUNNER_MAX_ROUNDS * (double)wanted;
    rounds = (size_t)fmin(fmax(budget_ns / round_ns, COMMAND_LEAST_ROUNDS), most);
    arms = list_live(job, live);
    plan.replicates = wanted < rounds ? wanted : rounds;
    plan.each = rounds / plan.replicates;
    plan.longer = rounds % plan.replicates;
    size_t whole = arms > 0 ? plan.each - plan.each % arms : 0;
    if (whole * plan.replicates >= COMMAND_LEAST_ROUNDS) { /* whole blocks of the schedule are balanced */
        plan.each = whole;
        plan.longer = 0;
    }
    return plan;
}

static void tell_progress(const struct command_job *job, size_t points, size_t replicate,
                          const struct round_plan *plan, double round_ns, uint64_t start) {
    const struct runner_listener *listener = job->options->listener;
    if (!listener || !listener->progress)
        return;
    double left = (double)(plan->replicates - replicate) * (double)plan->each * round_ns * 1e-9;
    struct runner_progress progress = {.point = job->run->measurement_count + 1,
                                       .points = points,
                                       .case_number = 1,
                                       .cases = 1,
                                       .replicate = replicate,
                                       .replicates = plan->replicates,
                                       .case_name = job->options->case_name,
                                       .where = &job->point->point,
                                       .elapsed_s = (double)(monotonic_ns() - start) * 1e-9,
                                       .remaining_s = left};
    listener->progress(listener->context, &progress);
}

/* Where there are as few rounds as there can be, and they take longer than the budget. */
static void tell_forecast(const struct command_job *job, const struct round_plan *plan, double round_ns,
                          double budget_ns) {
    const struct runner_listener *listener = job->options->listener;
    size_t rounds = plan->replicates * plan->each + plan->longer;
    struct runner_forecast forecast = {.expected_s = (double)rounds * round_ns * 1e-9,
                                       .budget_s = budget_ns * 1e-9};
    if (!listener || !listener->forecast || job->options->rounds || !runner_forecast_matters(&forecast))
        return;
    snprintf(forecast.cause, sizeof forecast.cause,
             "a round of all commands takes %s s, and there are at least %d (%s)", BRIEF(round_ns * 1e-9, 2),
             COMMAND_LEAST_ROUNDS, option_name(SETTING_ROUNDS));
    listener->forecast(listener->context, &forecast);
}

/* Rounds of all replicates. 0, -EINTR or -errno. */
static int measure_rounds(struct command_job *job, size_t points, struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    size_t candidates = job->point->arm_count > 1 ? job->point->arm_count - 1 : 1;
    double budget_ns = settings->budget_s * 1e9 * (double)candidates, round_ns = 0;
    uint64_t start = monotonic_ns();
    int status = warm_up(job, budget_ns, &round_ns, problem);
    struct round_plan plan = plan_rounds(job, budget_ns, round_ns);
    job->measurement.replicates = calloc(plan.replicates, sizeof *job->measurement.replicates);
    if (!job->measurement.replicates)
        return problem_set(problem, ENOMEM, "no memory for a measurement");
    if (status == 0)
        tell_forecast(job, &plan, round_ns, budget_ns);
    for (size_t r = 0; r < plan.replicates && status == 0; r++) {
        tell_progress(job, points, r, &plan, round_ns, start);
        status = measure_replicate(job, r, plan.each + (r < plan.longer), problem);
        if (status == 0 && is_interrupted(job))
            status = -EINTR;
    }
    return status;
}

static const char *kernel_of(const struct command_options *options) {
    return options->kernel ? options->kernel : COMMAND_KERNEL;
}

static int start_measurement(struct command_job *job) {
    struct measurement *measurement = &job->measurement;
    size_t commands = job->point->arm_count;
    measurement->point = job->point->point;
    snprintf(measurement->case_name, RESULT_NAME, "%s", job->options->case_name);
    snprintf(measurement->kernel, RESULT_NAME, "%s", kernel_of(job->options));
    memcpy(measurement->build, job->options->settings.build, sizeof measurement->build);
    memcpy(measurement->scratch_filesystem, job->supervisor->scratch_filesystem,
           sizeof measurement->scratch_filesystem);
    measurement->scratch_sync_ns = NAN;
    measurement->items = 1;
    measurement->arm_count = commands + 1;
    measurement->arms = calloc(measurement->arm_count, sizeof *measurement->arms);
    if (!measurement->arms)
        return -ENOMEM;
    for (size_t i = 0; i < measurement->arm_count; i++) {
        struct arm *arm = &measurement->arms[i];
        arm->role = i == commands ? ARM_PLACEBO : i == 0 ? ARM_BASELINE : ARM_CANDIDATE;
        snprintf(arm->variant, sizeof arm->variant, "%s", command_of(job, i)->label);
        snprintf(arm->command, sizeof arm->command, "%s", command_of(job, i)->text);
    }
    job->output = memfd_create("countersign-output", MFD_CLOEXEC);
    job->errors = memfd_create("countersign-errors", MFD_CLOEXEC);
    job->help = memfd_create("countersign-errors", MFD_CLOEXEC);
    job->server.output = memfd_create("countersign-server", MFD_CLOEXEC);
    if (job->output < 0 || job->errors < 0 || job->help < 0 || job->server.output < 0)
        return -errno;
    strcpy(job->port_variable, "COUNTERSIGN_PORT=0");
    return nursery_open(&job->nursery); /* last: it sees what there is now */
}

/* What every comparison of the point is called: the commands, as far as there is room. */
static void make_title(const struct command_job *job, char *title, size_t size) {
    size_t length = 0;
    if (job->options->case_title && job->options->case_title[0]) {
        snprintf(title, size, "%s", job->options->case_title);
        return;
    }
    for (size_t i = 0; i < job->point->arm_count && length + 1 < size; i++) {
        const struct command_arm *arm = &job->point->arms[i];
        length +=
            (size_t)snprintf(title + length, size - length, "%s%s: %s", i ? "; " : "", arm->label, arm->text);
    }
}

static int conclude_arm(struct command_job *job, size_t arm, size_t index) {
    const struct command_options *options = job->options;
    struct comparison comparison = {.measurement = index, .target = options->target};
    snprintf(comparison.case_name, RESULT_NAME, "%s", options->case_name);
    make_title(job, comparison.case_title, sizeof comparison.case_title);
    snprintf(comparison.kernel, RESULT_NAME, "%s", kernel_of(options));
    snprintf(comparison.item, RESULT_NAME, "%s", options->item ? options->item : "run");
    comparison.verified = options->keep_output && options->compare_output ? VERIFIED_YES : VERIFIED_NO;
    int status = comparison_conclude(&job->run->measurements[index], arm, &options->settings,
                                     &job->run->counter_plan, &job->run->host.clock, &comparison);
    if (status == 0)
        status = run_add_comparison(job->run, &comparison);
    if (status)
        comparison_clear(&comparison);
    return status;
}

static int conclude_point(struct command_job *job, struct problem *problem) {
    size_t index = job->run->measurement_count, rounds = 0;
    for (size_t r = 0; r < job->measurement.replicate_count; r++)
        rounds += job->measurement.replicates[r].rounds;
    if (rounds < 2 && is_interrupted(job))
        return 0;
    measurement_digest(&job->measurement, job->measurement.digest);
    int status = run_add_measurement(job->run, &job->measurement);
    if (status == 0)
        job->measurement = (struct measurement){0};
    for (size_t arm = 1; status == 0 && arm < job->point->arm_count; arm++)
        status = conclude_arm(job, arm, index);
    return status ? problem_set(problem, -status, "no memory to conclude a comparison") : 0;
}

/* Processing units that noise is looked for on, and that commands are bound to if --cpus was given. */
static int choose_cpus(struct command_job *job, struct problem *problem) {
    const char *listed = job->options->settings.cpus[0] ? job->options->settings.cpus : NULL;
    struct cpu_choice choice;
    unsigned count = job->run->host.topology.allowed_cpus;
    while (count > 1 && topology_choose(job->supervisor->topology, count, listed, &choice, NULL) != 0)
        count--;
    int status = topology_choose(job->supervisor->topology, count ? count : 1, listed, &choice, problem);
    if (status)
        return status;
    CPU_ZERO(&job->binding);
    job->cpu_count = choice.count;
    if (job->point->arms[0].server)
        return command_server_bind(job, listed, problem);
    for (size_t i = 0; i < choice.count; i++) {
        job->cpus[i] = choice.cpus[i];
        CPU_SET(choice.cpus[i], &job->binding);
    }
    return 0;
}

static int measure_point(struct command_job *job, size_t points, struct problem *problem) {
    struct problem later;
    int status = start_measurement(job);
    if (status)
        return problem_set(problem, -status, "cannot prepare a measurement: %s", strerror(-status));
    status = choose_cpus(job, problem);
    if (status == 0)
        status = command_enter(job, SETUP_FOLDER, 0, problem);
    if (status == 0)
        status = command_help(job, option_name(SETTING_SETUP), job->point->setup, NULL, problem);
    command_leave(job);
    if (status == 0)
        status = measure_rounds(job, points, problem);
    if (status == 0 || status == -EINTR) {
        int concluded = conclude_point(job, problem);
        status = concluded ? concluded : status;
    }
    if (command_enter(job, SETUP_FOLDER + 1, 0, &later) == 0) {
        int failed = command_help(job, option_name(SETTING_CLEANUP), job->point->cleanup, NULL, &later);
        if (failed && failed != -EINTR && status == 0)
            status = problem_set(problem, -failed, "%s", later.text);
    }
    command_leave(job);
    return status;
}

static void job_clear(struct command_job *job) {
    const int files[] = {job->output, job->errors, job->help, job->server.output};
    nursery_close(&job->nursery);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] >= 0)
            close(files[i]);
    for (size_t i = 0; i < SCHEDULE_MAX_ARMS; i++) {
        output_clear(&job->outputs[i]);
        output_clear(&job->said[i]);
    }
    measurement_clear(&job->measurement);
    nursery_unshare(job, sizeof *job);
}

static int run_point(struct supervisor *supervisor, const struct command_point *point, size_t points,
                     const struct command_options *options, struct run *run, struct problem *problem) {
    struct command_job *job = nursery_share(sizeof *job);
    if (!job)
        return problem_set(problem, ENOMEM, "no memory for a measurement");
    job->supervisor = supervisor;
    job->point = point;
    job->options = options;
    job->run = run;
    job->output = job->errors = job->help = job->server.output = -1;
    int status = measure_point(job, points, problem);
    job_clear(job);
    return status;
}

int commands_run(struct supervisor *supervisor, const struct command_point *points, size_t count,
                 const struct command_options *options, struct run *run, struct problem *problem) {
    uint64_t start = monotonic_ns();
    int status = 0, dumpable = prctl(PR_GET_DUMPABLE);
    /* No command of this user's reads memory, environment or open files of this program, where rivals'
     * answers are. The kernel makes some of its own files in /proc unreadable with it, so that it ends with
     * the measuring. */
    prctl(PR_SET_DUMPABLE, 0);
    run->complete = false;
    for (size_t i = 0; i < count && status == 0; i++)
        status = run_point(supervisor, &points[i], count, options, run, problem);
    run->duration_s += (double)(monotonic_ns() - start) / 1e9;
    run->complete = status == 0;
    prctl(PR_SET_DUMPABLE, dumpable == 1);
    return status == -EINTR ? 0 : status;
}
