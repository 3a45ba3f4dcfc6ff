/* What disturbed a comparison: named where the comparison suffered, kept per replicate in any case. */
#include "conclude/comparison.h"
#include "stats/quantile.h"
#include "stats/student.h"

#include <math.h>
#include <stdlib.h>

#define APART_CONFIDENCE 0.99

/* Estimates of the replicates of one group, those that noise stood out in or the others. */
struct group {
    size_t count;
    double sum, squares; /* squares: of the distances from `origin` */
    struct noise noise;  /* of all of them */
    const struct noise *first;
};

/* Midmean of a replicate's log ratios, as its part in the comparison; NAN without samples of both. */
static double replicate_estimate(const struct replicate *replicate, size_t candidate, double *buffer) {
    const uint64_t *over = replicate->ticks[0], *under = replicate->ticks[candidate];
    if (!over || !under || replicate->runs[0] == 0 || replicate->runs[candidate] == 0)
        return NAN;
    double runs = log((double)replicate->runs[candidate] / (double)replicate->runs[0]);
    for (size_t round = 0; round < replicate->rounds; round++)
        buffer[round] = log(fmax(1, (double)over[round]) / fmax(1, (double)under[round])) + runs;
    return midmean(buffer, replicate->rounds);
}

static void add_to_group(struct group *group, const struct noise *noise, double distance) {
    if (group->count++ == 0)
        group->first = noise;
    group->sum += distance;
    group->squares += distance * distance;
    noise_add(&group->noise, noise);
}

/* Splits the replicates into quiet[0] and noisy[1] ones. 0 or -ENOMEM. */
static int split_replicates(const struct measurement *measurement, size_t candidate, double origin,
                            struct group groups[2]) {
    size_t rounds = 1;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        rounds = measurement->replicates[r].rounds > rounds ? measurement->replicates[r].rounds : rounds;
    double *buffer = malloc(rounds * sizeof *buffer);
    if (!buffer)
        return -ENOMEM;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        double estimate = replicate_estimate(replicate, candidate, buffer);
        char text[160];
        noise_describe(&replicate->noise, text, sizeof text);
        if (!isnan(estimate))
            add_to_group(&groups[text[0] != '\0'], &replicate->noise, estimate - origin);
    }
    free(buffer);
    return 0;
}

/*
 * By how much the log speedup of the noisy replicates lies apart from the others' (Student's t test of two
 * groups with one variance, which one noisy replicate among several quiet ones is enough for); 0 where
 * nothing shows, and up to delta, which is not worth a word.
 */
static double distance_apart(const struct group groups[2], double delta) {
    double counts[2] = {(double)groups[0].count, (double)groups[1].count};
    double degrees = counts[0] + counts[1] - 2, squares = 0;
    if (!groups[0].count || !groups[1].count || degrees < 2)
        return 0;
    for (int i = 0; i < 2; i++)
        squares += groups[i].squares - groups[i].sum * groups[i].sum / counts[i];
    double apart = groups[1].sum / counts[1] - groups[0].sum / counts[0];
    double error = sqrt(fmax(0, squares) / degrees * (1 / counts[0] + 1 / counts[1]));
    double least = fmax(log1p(delta), student_quantile((1 + APART_CONFIDENCE) / 2, degrees) * error);
    return fabs(apart) > least ? apart : 0;
}

/*
 * Different kinds of noise, or drift either way, may average out below what stands out: then one speaks for
 * all.
 */
static void describe_apart(const struct group groups[2], double apart, char *text, size_t size) {
    double share = expm1(apart);
    int length = snprintf(text, size,
                          share < 0.995 ? "speedup %+.2g %% in %zu of %zu replicates: "
                                        : "speedup %+.0f %% in %zu of %zu replicates: ",
                          100 * share, groups[1].count, groups[0].count + groups[1].count);
    if (length < 0 || (size_t)length >= size)
        return;
    noise_describe(&groups[1].noise, text + length, size - (size_t)length);
    if (!text[length])
        noise_describe(groups[1].first, text + length, size - (size_t)length);
}

int comparison_conclude_noise(const struct measurement *measurement, size_t candidate, double delta,
                              struct comparison *comparison) {
    double origin = log(comparison->speedup.estimate);
    double half = log(comparison->speedup.high / comparison->speedup.low) / 2;
    bool suffered = comparison->verdict == VERDICT_INCONCLUSIVE || !(half <= log1p(delta));
    struct group groups[2] = {{.count = 0}, {.count = 0}};
    comparison->noise_text[0] = '\0';
    int status = split_replicates(measurement, candidate, origin, groups);
    double apart = status ? 0 : distance_apart(groups, delta);
    if (apart != 0) {
        describe_apart(groups, apart, comparison->noise_text, sizeof comparison->noise_text);
    } else if (suffered) {
        struct noise all = groups[0].noise;
        noise_add(&all, &groups[1].noise);
        noise_describe(&all, comparison->noise_text, sizeof comparison->noise_text);
    }
    return status;
}
