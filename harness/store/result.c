#include "store/result.h"

#include "base/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *verified_name(enum verified verified) {
    static const char *const names[] = {"no", "yes", "checked", "wrong"};
    return names[verified];
}

const char *mechanism_name(enum mechanism mechanism) {
    static const char *const names[] = {"none", "explained", "unexplained", "unmeasured", "held"};
    return names[mechanism];
}

const char *claim_outcome_name(enum claim_outcome outcome) {
    static const char *const names[CLAIM_OUTCOMES] = {"holds", "fails", "open"};
    return names[outcome];
}

const char *claim_basis_name(enum claim_basis basis) {
    static const char *const names[CLAIM_BASES] = {"verdict",   "number",   "evidence",
                                                   "no-source", "no-ratio", "elsewhere"};
    return names[basis];
}

const char *limit_kind_name(enum limit_kind kind) {
    static const char *const names[LIMITS] = {[LIMIT_NONE] = "none",
                                              [LIMIT_INVALID_ARM] = "invalid-arm",
                                              [LIMIT_NO_SAMPLE] = "no-sample",
                                              [LIMIT_SHARED_LINKS] = "shared-links",
                                              [LIMIT_FEW_PROCESSES] = "few-processes",
                                              [LIMIT_OUT_OF_REACH] = "out-of-reach",
                                              [LIMIT_SAME_BUDGET] = "same-budget",
                                              [LIMIT_MORE_BUDGET] = "more-budget"};
    return names[kind];
}

enum arm_fault arm_fault(const struct arm *arm) {
    return arm->invalid && arm->fault == FAULT_NONE ? arm_fault_of_words(arm->reason) : arm->fault;
}

static bool is_of_point(const struct simulation *simulation) {
    return simulation->reason[0] || !simulation->arms;
}

enum simulation_cause simulation_cause(const struct simulation *simulation, size_t arm) {
    enum simulation_cause cause = is_of_point(simulation) ? simulation->cause : simulation->arms[arm].cause;
    return cause == SIMULATION_COUNTED ? simulation_cause_of_words(simulation_reason(simulation, arm))
                                       : cause;
}

const char *simulation_reason(const struct simulation *simulation, size_t arm) {
    return is_of_point(simulation) ? simulation->reason : simulation->arms[arm].reason;
}

bool digest_is_sound(const struct file_digest *digest) {
    return digest->state != DIGEST_BROKEN && digest->state != DIGEST_REMOVED;
}

void replicate_clear(struct replicate *replicate, size_t arm_count) {
    for (size_t i = 0; replicate->ticks && i < arm_count; i++)
        free(replicate->ticks[i]);
    free(replicate->threads);
    free(replicate->ticks);
    free(replicate->runs);
    free(replicate->preempted);
    free(replicate->counters);
    free(replicate->app);
    free(replicate->thread_counts);
    free(replicate->resources);
    free(replicate->latency);
    free(replicate->services);
    memset(replicate, 0, sizeof *replicate);
}

void measurement_clear(struct measurement *measurement) {
    for (size_t i = 0; i < measurement->replicate_count; i++)
        replicate_clear(&measurement->replicates[i], measurement->arm_count);
    free(measurement->replicates);
    free(measurement->arms);
    free(measurement->services);
    free(measurement->simulation.arms);
    memset(measurement, 0, sizeof *measurement);
}

/* Lowest byte first, on every machine. */
static uint64_t digest_word(uint64_t digest, uint64_t word) {
    uint8_t bytes[8];
    for (int byte = 0; byte < 8; byte++)
        bytes[byte] = (uint8_t)(word >> (8 * byte));
    return hash_bytes(digest, bytes, sizeof bytes);
}

void measurement_digest(const struct measurement *measurement, char text[17]) {
    uint64_t digest = HASH_START;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        digest = digest_word(digest, replicate->seed);
        for (size_t arm = 0; arm < measurement->arm_count; arm++) {
            digest = digest_word(digest, replicate->ticks[arm] ? replicate->runs[arm] : 0);
            for (size_t round = 0; replicate->ticks[arm] && round < replicate->rounds; round++)
                digest = digest_word(digest, replicate->ticks[arm][round]);
        }
    }
    snprintf(text, 17, "%016" PRIx64, digest);
}

void comparison_clear(struct comparison *comparison) {
    free(comparison->counters);
    free(comparison->claims);
    memset(comparison, 0, sizeof *comparison);
}

void run_clear(struct run *run) {
    for (size_t i = 0; i < run->measurement_count; i++)
        measurement_clear(&run->measurements[i]);
    for (size_t i = 0; i < run->comparison_count; i++)
        comparison_clear(&run->comparisons[i]);
    free(run->measurements);
    free(run->comparisons);
    free(run->crossovers);
    free(run->growth);
    free(run->scaling);
    free(run->case_plans);
    free(run->skipped);
    free(run->command);
    memset(run, 0, sizeof *run);
}

/* calloc whose NULL always means that memory ran out. */
static void *allocate(size_t count, size_t size) {
    return calloc(count ? count : 1, size);
}

static int allocate_rows(struct replicate *replicate, size_t arms, size_t rounds) {
    for (size_t arm = 0; arm < arms; arm++) {
        replicate->ticks[arm] = allocate(rounds, sizeof **replicate->ticks);
        if (!replicate->ticks[arm])
            return -ENOMEM;
        for (int event = 0; event < COUNTER_EVENTS; event++)
            replicate->counters[arm][event] = NAN;
        for (int counter = 0; counter < RESULT_APP_COUNTERS; counter++)
            replicate->app[arm][counter] = NAN;
        replicate->resources[arm] = (struct arm_resources){NAN, NAN};
        replicate->latency[arm] = (struct arm_latency){NAN, NAN, NAN, NAN};
    }
    return 0;
}

int replicate_allocate(struct replicate *replicate, size_t arms, size_t rounds, size_t threads) {
    *replicate = (struct replicate){
        .threads = allocate(threads, sizeof *replicate->threads),
        .thread_count = threads,
        .memory_node = -1,
        .rounds = rounds,
        .ticks = allocate(arms, sizeof *replicate->ticks),
        .runs = allocate(arms, sizeof *replicate->runs),
        .preempted = allocate(arms, sizeof *replicate->preempted),
        .counters = allocate(arms, sizeof *replicate->counters),
        .app = allocate(arms, sizeof *replicate->app),
        .thread_counts = allocate(arms * threads * RESULT_THREAD_EVENTS, sizeof *replicate->thread_counts),
        .resources = allocate(arms, sizeof *replicate->resources),
        .latency = allocate(arms, sizeof *replicate->latency),
    };
    bool complete = replicate->threads && replicate->ticks && replicate->runs && replicate->preempted &&
                    replicate->counters && replicate->app && replicate->thread_counts &&
                    replicate->resources && replicate->latency;
    for (size_t i = 0; complete && i < arms * threads * RESULT_THREAD_EVENTS; i++)
        replicate->thread_counts[i] = NAN;
    for (size_t i = 0; complete && i < arms; i++)
        replicate->preempted[i] = NAN;
    int error = complete ? allocate_rows(replicate, arms, rounds) : -ENOMEM;
    if (error)
        replicate_clear(replicate, arms);
    return error;
}

/* Room for one element more at the end of *array. */
static void *append_room(void **array, size_t count, size_t size) {
    void *grown = reallocarray(*array, count + 1, size);
    if (!grown)
        return NULL;
    *array = grown;
    return (char *)grown + count * size;
}

bool run_is_sequential(const struct run_settings *settings) {
    return strcmp(settings->design, "sequential") == 0;
}

int run_add_measurement(struct run *run, struct measurement *measurement) {
    void *array = run->measurements;
    struct measurement *place = append_room(&array, run->measurement_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->measurements = array;
    run->measurement_count++;
    *place = *measurement;
    memset(measurement, 0, sizeof *measurement);
    return 0;
}

int run_add_comparison(struct run *run, struct comparison *comparison) {
    void *array = run->comparisons;
    struct comparison *place = append_room(&array, run->comparison_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->comparisons = array;
    run->comparison_count++;
    *place = *comparison;
    memset(comparison, 0, sizeof *comparison);
    return 0;
}

int run_add_skipped(struct run *run, const struct skipped *skipped) {
    void *array = run->skipped;
    struct skipped *place = append_room(&array, run->skipped_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->skipped = array;
    run->skipped_count++;
    *place = *skipped;
    return 0;
}

int run_add_case_plan(struct run *run, const struct case_plan *plan) {
    void *array = run->case_plans;
    struct case_plan *place = append_room(&array, run->case_plan_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->case_plans = array;
    run->case_plan_count++;
    *place = *plan;
    return 0;
}

const struct counter_plan *run_plan_of(const struct run *run, const char *case_name) {
    for (size_t i = 0; i < run->case_plan_count; i++)
        if (strcmp(run->case_plans[i].case_name, case_name) == 0)
            return &run->case_plans[i].plan;
    return &run->counter_plan;
}

int run_add_crossover(struct run *run, const struct crossover_prediction *crossover) {
    void *array = run->crossovers;
    struct crossover_prediction *place = append_room(&array, run->crossover_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->crossovers = array;
    run->crossover_count++;
    *place = *crossover;
    return 0;
}

int run_add_growth(struct run *run, const struct growth_fit *growth) {
    void *array = run->growth;
    struct growth_fit *place = append_room(&array, run->growth_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->growth = array;
    run->growth_count++;
    *place = *growth;
    return 0;
}

int run_add_scaling(struct run *run, const struct scaling_fit *scaling) {
    void *array = run->scaling;
    struct scaling_fit *place = append_room(&array, run->scaling_count, sizeof *place);
    if (!place)
        return -ENOMEM;
    run->scaling = array;
    run->scaling_count++;
    *place = *scaling;
    return 0;
}
