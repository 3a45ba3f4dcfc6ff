/* Does a result file follow from its own samples? */
#include "conclude/comparison.h"
#include "conclude/fits.h"
#include "conclude/mechanism.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers pass through text with 17 digits and the same arithmetic; what differs more was changed. */
#define TOLERANCE 1e-9

struct collector {
    struct disagreement *found;
    size_t capacity, count;
    size_t comparison, measurement; /**< what is being compared */
};

static void disagree(struct collector *collector, const char *what, const char *file, const char *samples) {
    if (collector->count < collector->capacity) {
        struct disagreement *to = &collector->found[collector->count];
        *to =
            (struct disagreement){.comparison = collector->comparison, .measurement = collector->measurement};
        snprintf(to->what, sizeof to->what, "%.63s", what);
        snprintf(to->file, sizeof to->file, "%.63s", file);
        snprintf(to->samples, sizeof to->samples, "%.63s", samples);
    }
    collector->count++;
}

static void print_number(double value, char text[32]) {
    if (isnan(value))
        snprintf(text, 32, "absent");
    else
        snprintf(text, 32, "%.12g", value);
}

static void compare_numbers(struct collector *collector, const char *what, double file, double samples) {
    char file_text[32], sample_text[32];
    if (!(fabs(samples) < 0x1p63))
        samples = NAN; /* as a file has it */
    if ((isnan(file) && isnan(samples)) || file == samples ||
        fabs(file - samples) <= TOLERANCE * fmax(fabs(file), fabs(samples)))
        return;
    print_number(file, file_text);
    print_number(samples, sample_text);
    disagree(collector, what, file_text, sample_text);
}

static void compare_words(struct collector *collector, const char *what, const char *file,
                          const char *samples) {
    if (strcmp(file, samples))
        disagree(collector, what, file, samples);
}

static void compare_times(struct collector *collector, const char *const names[4], struct time_summary file,
                          struct time_summary samples) {
    compare_numbers(collector, names[0], file.median, samples.median);
    compare_numbers(collector, names[1], file.p5, samples.p5);
    compare_numbers(collector, names[2], file.p95, samples.p95);
    compare_numbers(collector, names[3], file.min, samples.min);
}

/* A file from before these intervals has none, though it has the values. */
static void compare_own_interval(struct collector *collector, const char *name, const char *variant,
                                 struct interval file, struct interval samples) {
    char what[64];
    if (isnan(file.estimate))
        return;
    snprintf(what, sizeof what, "%.40s %s.low", name, variant);
    compare_numbers(collector, what, file.low, samples.low);
    snprintf(what, sizeof what, "%.40s %s.high", name, variant);
    compare_numbers(collector, what, file.high, samples.high);
}

static void compare_counter(struct collector *collector, const struct counter_result *file,
                            const struct counter_result *samples) {
    static const char *const parts[] = {"baseline", "candidate", "ratio", "ratio.low", "ratio.high"};
    const double pairs[][2] = {{file->baseline, samples->baseline},
                               {file->candidate, samples->candidate},
                               {file->ratio.estimate, samples->ratio.estimate},
                               {file->ratio.low, samples->ratio.low},
                               {file->ratio.high, samples->ratio.high}};
    char what[64];
    compare_words(collector, "name of a counter", file->name, samples->name);
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        snprintf(what, sizeof what, "%.40s %s", file->name, parts[part]);
        compare_numbers(collector, what, pairs[part][0], pairs[part][1]);
    }
    compare_own_interval(collector, file->name, "baseline", file->baseline_interval,
                         samples->baseline_interval);
    compare_own_interval(collector, file->name, "candidate", file->candidate_interval,
                         samples->candidate_interval);
}

static void compare_counters(struct collector *collector, const struct comparison *file,
                             const struct comparison *samples) {
    compare_numbers(collector, "number of counters", (double)file->counter_count,
                    (double)samples->counter_count);
    for (size_t i = 0; i < file->counter_count && i < samples->counter_count; i++)
        compare_counter(collector, &file->counters[i], &samples->counters[i]);
}

/* A file from before layouts were told apart has them in the spread of its processes. */
static void compare_spread(struct collector *collector, const struct comparison *file,
                           const struct comparison *samples) {
    bool together = isnan(file->spread_layout) && !isnan(samples->spread_layout);
    double process =
        together ? hypot(samples->spread_process, samples->spread_layout) : samples->spread_process;
    compare_numbers(collector, "spread of processes", file->spread_process, process);
    if (!together)
        compare_numbers(collector, "spread of layouts", file->spread_layout, samples->spread_layout);
}

static void compare_points(struct collector *collector, const struct point *file,
                           const struct point *samples) {
    char file_text[256], sample_text[256];
    point_text(file, file_text, sizeof file_text);
    point_text(samples, sample_text, sizeof sample_text);
    compare_words(collector, "point", file_text, sample_text);
}

/* A file from before these were kept has none. */
static void compare_resources(struct collector *collector, const char *variant,
                              const struct arm_resources *file, const struct arm_resources *samples) {
    char what[64];
    snprintf(what, sizeof what, "%s CPU share", variant);
    compare_numbers(collector, what, file->cpu_share, samples->cpu_share);
    snprintf(what, sizeof what, "%s memory", variant);
    compare_numbers(collector, what, file->peak_rss_bytes, samples->peak_rss_bytes);
}

static void compare_latencies(struct collector *collector, const char *const names[4],
                              const struct arm_latency *file, const struct arm_latency *samples) {
    compare_numbers(collector, names[0], file->p50, samples->p50);
    compare_numbers(collector, names[1], file->p95, samples->p95);
    compare_numbers(collector, names[2], file->p99, samples->p99);
    compare_numbers(collector, names[3], file->max, samples->max);
}

/* A file from before these were kept has no number of units. */
static void compare_units(struct collector *collector, const struct comparison *file,
                          const struct comparison *samples) {
    if (file->units == 0 && file->replicates == 0)
        return;
    compare_numbers(collector, "replicates", (double)file->replicates, (double)samples->replicates);
    compare_numbers(collector, "units", (double)file->units, (double)samples->units);
    compare_numbers(collector, "target p-value", file->target_p_value, samples->target_p_value);
    compare_numbers(collector, "neighbours p-value", file->serial.p_value, samples->serial.p_value);
    compare_numbers(collector, "neighbours correlation", file->serial.correlation,
                    samples->serial.correlation);
    compare_numbers(collector, "number of the lower kind", (double)file->kinds.low_count,
                    (double)samples->kinds.low_count);
    compare_numbers(collector, "number of the upper kind", (double)file->kinds.high_count,
                    (double)samples->kinds.high_count);
    compare_numbers(collector, "lower kind", file->kinds.low, samples->kinds.low);
    compare_numbers(collector, "upper kind", file->kinds.high, samples->kinds.high);
}

/* That the comparison speaks of the samples it refers to, and of their memory and latencies. */
static void compare_subject(struct collector *collector, const struct run *run, const struct comparison *file,
                            const struct comparison *samples) {
    static const char *const baseline[] = {"baseline latency p50", "baseline latency p95",
                                           "baseline latency p99", "baseline latency max"};
    static const char *const candidate[] = {"candidate latency p50", "candidate latency p95",
                                            "candidate latency p99", "candidate latency max"};
    const struct measurement *measurement = &run->measurements[file->measurement];
    compare_words(collector, "case", file->case_name, measurement->case_name);
    compare_words(collector, "kernel", file->kernel, measurement->kernel);
    compare_points(collector, &file->point, &measurement->point);
    compare_resources(collector, "baseline", &file->baseline_resources, &samples->baseline_resources);
    compare_resources(collector, "candidate", &file->candidate_resources, &samples->candidate_resources);
    compare_latencies(collector, baseline, &file->baseline_latency, &samples->baseline_latency);
    compare_latencies(collector, candidate, &file->candidate_latency, &samples->candidate_latency);
}

/* Of a valid arm how it was verified was seen while it ran, and is told by the file alone. */
static void compare_verification(struct collector *collector, const struct run *run,
                                 const struct comparison *file, const struct comparison *samples) {
    const struct arm *arms = run->measurements[file->measurement].arms;
    if (arms[0].invalid || arms[samples->candidate_arm].invalid)
        compare_words(collector, "verified", verified_name(file->verified), verified_name(samples->verified));
}

/* A file from before has its words alone. */
static void compare_limits(struct collector *collector, const struct verdict_limit *file,
                           const struct verdict_limit *samples) {
    if (file->kind == LIMIT_NONE)
        return;
    compare_words(collector, "limit", limit_kind_name(file->kind), limit_kind_name(samples->kind));
    compare_words(collector, "limit: fault", arm_fault_name(file->fault), arm_fault_name(samples->fault));
    compare_words(collector, "limit: alone", verdict_name(file->alone), verdict_name(samples->alone));
    compare_numbers(collector, "limit: comparisons", file->comparisons, samples->comparisons);
    compare_numbers(collector, "limit: replicates", file->replicates, samples->replicates);
    compare_numbers(collector, "limit: units", file->units, samples->units);
    compare_numbers(collector, "limit: half", file->half, samples->half);
    compare_numbers(collector, "limit: delta", file->delta, samples->delta);
    compare_numbers(collector, "limit: times", file->times, samples->times);
    compare_numbers(collector, "limit: budget", file->budget_s, samples->budget_s);
    compare_numbers(collector, "limit: needed", file->needed, samples->needed);
}

static void compare_conclusions(struct collector *collector, const struct comparison *file,
                                const struct comparison *samples) {
    static const char *const baseline[] = {"baseline median", "baseline p5", "baseline p95", "baseline min"};
    static const char *const candidate[] = {"candidate median", "candidate p5", "candidate p95",
                                            "candidate min"};
    compare_words(collector, "verdict", verdict_name(file->verdict), verdict_name(samples->verdict));
    compare_words(collector, "baseline", file->baseline, samples->baseline);
    compare_words(collector, "candidate", file->candidate, samples->candidate);
    compare_words(collector, "target met", file->target_met ? "yes" : "no",
                  samples->target_met ? "yes" : "no");
    compare_words(collector, "identical code", file->identical_code ? "yes" : "no",
                  samples->identical_code ? "yes" : "no");
    compare_numbers(collector, "speedup", file->speedup.estimate, samples->speedup.estimate);
    compare_numbers(collector, "speedup low", file->speedup.low, samples->speedup.low);
    compare_numbers(collector, "speedup high", file->speedup.high, samples->speedup.high);
    compare_numbers(collector, "confidence", file->confidence, samples->confidence);
    compare_numbers(collector, "half-width within processes", file->within_half, samples->within_half);
    compare_numbers(collector, "half-width between processes", file->between_half, samples->between_half);
    compare_numbers(collector, "p-value", file->p_value, samples->p_value);
    compare_numbers(collector, "placebo", file->placebo.estimate, samples->placebo.estimate);
    compare_numbers(collector, "placebo low", file->placebo.low, samples->placebo.low);
    compare_numbers(collector, "placebo high", file->placebo.high, samples->placebo.high);
    compare_numbers(collector, "spread of rounds", file->spread_round, samples->spread_round);
    compare_spread(collector, file, samples);
    compare_units(collector, file, samples);
    compare_times(collector, baseline, file->baseline_time, samples->baseline_time);
    compare_times(collector, candidate, file->candidate_time, samples->candidate_time);
    compare_counters(collector, file, samples);
    compare_words(collector, "carry-over", file->carry_over_text, samples->carry_over_text);
    compare_limits(collector, &file->limit, &samples->limit);
    compare_words(collector, "reason", file->reason, samples->reason);
}

/* Crossovers are judged by verdicts alone, so they follow from the file. */
static void verify_crossovers(const struct run *run, const struct run *fresh, struct collector *collector) {
    for (size_t i = 0; i < run->crossover_count; i++) {
        struct crossover_prediction judged = run->crossovers[i];
        crossover_judge(fresh, &judged);
        for (size_t c = 0; c < run->comparison_count; c++)
            if (strcmp(run->comparisons[c].case_name, judged.case_name) == 0 &&
                strcmp(run->comparisons[c].candidate, judged.candidate) == 0) {
                collector->comparison = c;
                collector->measurement = run->comparisons[c].measurement;
                break;
            }
        compare_words(collector, "outcome of a crossover", mechanism_name(run->crossovers[i].outcome),
                      mechanism_name(judged.outcome));
        compare_words(collector, "words of a crossover", run->crossovers[i].text, judged.text);
    }
}

/* The first comparison that a fit of a variant is drawn from, for messages. */
static void point_at(const struct run *run, const char *case_name, const char *variant,
                     struct collector *collector) {
    for (size_t c = 0; c < run->comparison_count; c++) {
        const struct comparison *comparison = &run->comparisons[c];
        if (strcmp(comparison->case_name, case_name) == 0 &&
            (strcmp(comparison->candidate, variant) == 0 || strcmp(comparison->baseline, variant) == 0)) {
            collector->comparison = c;
            collector->measurement = comparison->measurement;
            return;
        }
    }
}

static void compare_fitted(struct collector *collector, const char *what, struct interval file,
                           struct interval samples) {
    compare_numbers(collector, what, file.estimate, samples.estimate);
    compare_numbers(collector, what, file.low, samples.low);
    compare_numbers(collector, what, file.high, samples.high);
}

/* Growth follows from the times of comparisons, and so does what it says of a prediction. 0 or -ENOMEM. */
static int verify_growth(const struct run *run, const struct run *fresh, struct collector *collector) {
    for (size_t i = 0; i < run->growth_count; i++) {
        const struct growth_fit *file = &run->growth[i];
        struct growth_fit judged = *file;
        int error = growth_judge(fresh, &judged);
        if (error)
            return error;
        point_at(run, file->case_name, file->variant, collector);
        for (int kind = 0; kind < GROWTH_KINDS; kind++) {
            compare_numbers(collector, "misfit of growth", file->fit.misfit[kind], judged.fit.misfit[kind]);
            compare_words(collector, "growth possible", file->fit.possible[kind] ? "yes" : "no",
                          judged.fit.possible[kind] ? "yes" : "no");
        }
        compare_words(collector, "best growth", growth_name(file->fit.best), growth_name(judged.fit.best));
        compare_fitted(collector, "fixed part of growth", file->fit.fixed, judged.fit.fixed);
        compare_fitted(collector, "step of growth", file->fit.step, judged.fit.step);
        compare_fitted(collector, "exponent of growth", file->fit.exponent, judged.fit.exponent);
        compare_numbers(collector, "sizes of growth", (double)file->sizes, (double)judged.sizes);
        compare_words(collector, "outcome of growth", mechanism_name(file->outcome),
                      mechanism_name(judged.outcome));
        compare_words(collector, "words of growth", file->text, judged.text);
    }
    return 0;
}

static int verify_scaling(const struct run *run, const struct run *fresh, struct collector *collector) {
    for (size_t i = 0; i < run->scaling_count; i++) {
        const struct scaling_fit *file = &run->scaling[i];
        struct scaling_fit judged = *file;
        int error = scaling_judge(fresh, &judged);
        if (error)
            return error;
        point_at(run, file->case_name, file->variant, collector);
        compare_numbers(collector, "numbers of threads", (double)file->fit.points, (double)judged.fit.points);
        compare_fitted(collector, "serial share", file->fit.serial, judged.fit.serial);
        compare_fitted(collector, "contention", file->fit.contention, judged.fit.contention);
        compare_fitted(collector, "coherence", file->fit.coherence, judged.fit.coherence);
        compare_fitted(collector, "peak", file->fit.peak, judged.fit.peak);
        compare_numbers(collector, "misfit of Amdahl", file->fit.amdahl_misfit, judged.fit.amdahl_misfit);
        compare_numbers(collector, "misfit of USL", file->fit.usl_misfit, judged.fit.usl_misfit);
        compare_words(collector, "words of scaling", file->text, judged.text);
    }
    return 0;
}

static size_t count_comparisons(const struct run *run, size_t measurement, size_t arm) {
    size_t count = 0;
    for (size_t i = 0; i < run->comparison_count; i++)
        count += run->comparisons[i].measurement == measurement && run->comparisons[i].candidate_arm == arm;
    return count;
}

/* Every candidate that was sampled is compared, once: leaving out those that lost would be a claim too. */
static void verify_completeness(const struct run *run, struct collector *collector) {
    for (size_t i = 0; i < run->measurement_count; i++) {
        const struct measurement *measurement = &run->measurements[i];
        collector->comparison = SIZE_MAX;
        collector->measurement = i;
        for (size_t arm = 1; arm < measurement->arm_count; arm++) {
            char what[64], count[32];
            if (measurement->arms[arm].role != ARM_CANDIDATE)
                continue;
            snprintf(what, sizeof what, "comparisons of %.40s", measurement->arms[arm].variant);
            snprintf(count, sizeof count, "%zu", count_comparisons(run, i, arm));
            compare_words(collector, what, count, "1");
        }
    }
}

static void verify_digests(const struct run *run, struct collector *collector) {
    for (size_t i = 0; i < run->measurement_count; i++) {
        char digest[17];
        measurement_digest(&run->measurements[i], digest);
        collector->comparison = SIZE_MAX;
        collector->measurement = i;
        compare_words(collector, "digest of the samples", run->measurements[i].digest, digest);
    }
}

/* The comparisons of `run`, concluded anew; the rest of *fresh is borrowed from it. 0 or -ENOMEM. */
static int conclude_again(const struct run *run, struct run *fresh) {
    *fresh = *run;
    fresh->comparisons = calloc(run->comparison_count + 1, sizeof *fresh->comparisons);
    if (!fresh->comparisons)
        return -ENOMEM;
    int status = 0;
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        const struct comparison *file = &run->comparisons[i];
        fresh->comparisons[i].target = file->target;
        memcpy(fresh->comparisons[i].case_name, file->case_name, sizeof file->case_name);
        fresh->comparisons[i].measurement = file->measurement;
        status =
            comparison_conclude(&run->measurements[file->measurement], file->candidate_arm, &run->settings,
                                run_plan_of(run, file->case_name), &run->host.clock, &fresh->comparisons[i]);
    }
    return status ? status : comparisons_correct(fresh);
}

static void forget(struct run *fresh) {
    for (size_t i = 0; fresh->comparisons && i < fresh->comparison_count; i++)
        comparison_clear(&fresh->comparisons[i]);
    free(fresh->comparisons);
}

long run_verify(const struct run *run, struct disagreement *found, size_t capacity) {
    struct collector collector = {.found = found, .capacity = capacity};
    struct run fresh;
    int status = conclude_again(run, &fresh);
    verify_digests(run, &collector);
    verify_completeness(run, &collector);
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        collector.comparison = i;
        collector.measurement = run->comparisons[i].measurement;
        compare_subject(&collector, run, &run->comparisons[i], &fresh.comparisons[i]);
        compare_conclusions(&collector, &run->comparisons[i], &fresh.comparisons[i]);
        compare_verification(&collector, run, &run->comparisons[i], &fresh.comparisons[i]);
        if (run->digest.state != DIGEST_ABSENT) /* older versions had other words for it */
            compare_words(&collector, "noise", run->comparisons[i].noise_text,
                          fresh.comparisons[i].noise_text);
    }
    if (status == 0)
        verify_crossovers(run, &fresh, &collector);
    if (status == 0)
        status = verify_growth(run, &fresh, &collector);
    if (status == 0)
        status = verify_scaling(run, &fresh, &collector);
    forget(&fresh);
    return status ? status : (long)collector.count;
}

/* Takes the counters of `fresh`; which were predicted is known from the file alone. Whether one of those changed. */
static bool replace_counters(struct comparison *old, struct comparison *fresh) {
    bool changed = false;
    for (size_t i = 0; i < fresh->counter_count; i++) {
        struct collector differences = {0};
        bool predicted = false;
        for (size_t j = 0; j < old->counter_count; j++)
            if (strcmp(old->counters[j].name, fresh->counters[i].name) == 0 &&
                (i == j || old->counters[j].source == fresh->counters[i].source)) {
                predicted |= old->counters[j].predicted;
                compare_counter(&differences, &old->counters[j], &fresh->counters[i]);
            }
        fresh->counters[i].predicted = predicted;
        changed |= predicted && differences.count;
    }
    free(old->counters);
    old->counters = fresh->counters;
    old->counter_count = fresh->counter_count;
    fresh->counters = NULL;
    fresh->counter_count = 0;
    return changed;
}

static void replace_conclusion(struct comparison *old, struct comparison *fresh) {
    bool counters = replace_counters(old, fresh), verdict = old->verdict != fresh->verdict;
    if ((verdict || counters) && old->mechanism != MECHANISM_NONE) {
        old->mechanism = MECHANISM_UNMEASURED;
        free(old->claims);
        old->claims = NULL;
        old->claim_count = 0;
        snprintf(old->mechanism_text, sizeof old->mechanism_text,
                 "not judged again: %s changed, and the case is not in the file",
                 verdict ? "the verdict" : "a predicted counter");
    }
    old->verdict = fresh->verdict;
    old->baseline_time = fresh->baseline_time;
    old->candidate_time = fresh->candidate_time;
    old->limit = fresh->limit;
    memcpy(old->reason, fresh->reason, sizeof old->reason);
    old->speedup = fresh->speedup;
    old->placebo = fresh->placebo;
    old->target_met = fresh->target_met;
    old->p_value = fresh->p_value;
    old->target_p_value = fresh->target_p_value;
    old->confidence = fresh->confidence;
    old->replicates = fresh->replicates;
    old->units = fresh->units;
    old->serial = fresh->serial;
    old->kinds = fresh->kinds;
    old->spread_round = fresh->spread_round;
    old->spread_process = fresh->spread_process;
    old->spread_layout = fresh->spread_layout;
    old->within_half = fresh->within_half;
    old->between_half = fresh->between_half;
    memcpy(old->carry_over_text, fresh->carry_over_text, sizeof old->carry_over_text);
    memcpy(old->noise_text, fresh->noise_text, sizeof old->noise_text);
}

/* Fits of a file from before are added; predictions that it has are judged again. 0 or -ENOMEM. */
static int fit_again(struct run *run) {
    struct growth_fit *old = run->growth;
    size_t count = run->growth_count;
    run->growth = NULL;
    int status = fits_add(run);
    for (size_t i = 0; i < count && status == 0; i++)
        if (old[i].predicted[0])
            status = growth_predict(run, &old[i]);
    free(old);
    return status;
}

int run_conclude_again(struct run *run) {
    struct collector collector = {0};
    struct run fresh;
    verify_digests(run, &collector);
    if (collector.count || !digest_is_sound(&run->digest))
        return -EBADMSG;
    int status = conclude_again(run, &fresh);
    for (size_t i = 0; i < run->comparison_count && status == 0; i++)
        replace_conclusion(&run->comparisons[i], &fresh.comparisons[i]);
    for (size_t i = 0; i < run->crossover_count && status == 0; i++)
        crossover_judge(run, &run->crossovers[i]);
    if (status == 0)
        status = fit_again(run);
    run->digest = (struct file_digest){0};
    forget(&fresh);
    return status;
}
