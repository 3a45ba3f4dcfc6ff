#include "stats/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mean and variance (divisor count - 1) of the values that are not NAN; NAN where too few. */
struct moments {
    size_t count;
    double mean, variance;
};

static struct moments moments_of(const double *values, size_t count) {
    struct moments moments = {.mean = NAN, .variance = NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            moments.count++;
        }
    if (moments.count == 0)
        return moments;
    moments.mean = sum / (double)moments.count;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            squares += (values[i] - moments.mean) * (values[i] - moments.mean);
    if (moments.count > 1)
        moments.variance = squares / (double)(moments.count - 1);
    return moments;
}

/* Two-sided. A variance of 0 needs no factor, and Welch's degrees of freedom (0 / 0) would give none. */
static double half_width(double variance, double degrees, double confidence) {
    if (!(confidence > 0 && confidence < 1))
        return NAN;
    return variance == 0 ? 0 : -student_quantile((1 - confidence) / 2, degrees) * sqrt(variance);
}

static struct interval interval_around(double estimate, double half) {
    return (struct interval){.estimate = estimate, .low = estimate - half, .high = estimate + half};
}

struct interval mean_interval(const double *values, size_t count, double confidence) {
    struct moments moments = moments_of(values, count);
    double square_error = moments.variance / (double)moments.count;
    return interval_around(moments.mean, half_width(square_error, (double)moments.count - 1, confidence));
}

struct interval interval_exp(struct interval log) {
    return (struct interval){.estimate = exp(log.estimate), .low = exp(log.low), .high = exp(log.high)};
}

/* One replicate's midmean; degrees 0 where its rounds are too few for a squared standard error. */
struct replicate_estimate {
    double midmean, square_error, degrees;
    size_t rounds;
};

/*
 * Below ten rounds two bursts get past the winsorizing, and with it few degrees of freedom multiply them:
 * such replicates are better judged by how they scatter. A single one has nothing else to go by.
 */
static size_t least_rounds(size_t replicates) {
    return replicates > 1 ? ESTIMATE_BLOCKS : 2;
}

/* Sum of a block's rounds, each drawn in to the quartiles, less `centre`. */
static double sum_winsorized(const double *rounds, size_t count, double low, double high, double centre) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += fmin(fmax(rounds[i], low), high) - centre;
    return sum;
}

/*
 * Squared standard error of the midmean of `sorted`: with g rounds drawn in at either end and h = n - 2 g
 * left, the variance of the winsorized mean times n (n - 1) / (h (h - 1)), on h - 1 degrees of freedom at
 * most (Tukey and McLaughlin 1963). The variance of the winsorized mean comes from the means of blocks of
 * consecutive rounds.
 */
static void set_square_error(struct replicate_estimate *replicate, const double *rounds,
                             const double *sorted) {
    size_t n = replicate->rounds, trimmed = n / 4, kept = n - 2 * trimmed;
    size_t blocks = n < ESTIMATE_BLOCKS ? n : ESTIMATE_BLOCKS;
    double means[ESTIMATE_BLOCKS], low = sorted[trimmed], high = sorted[n - 1 - trimmed];
    for (size_t i = 0; i < blocks; i++) {
        size_t from = i * n / blocks, to = (i + 1) * n / blocks;
        means[i] =
            sum_winsorized(rounds + from, to - from, low, high, replicate->midmean) / (double)(to - from);
    }
    double scale = (double)n * (double)(n - 1) / ((double)kept * (double)(kept - 1));
    replicate->square_error = moments_of(means, blocks).variance / (double)blocks * scale;
    replicate->degrees = (double)((kept < blocks ? kept : blocks) - 1);
}

static struct replicate_estimate estimate_replicate(const struct replicate_ratios *ratios, size_t least,
                                                    double *scratch) {
    struct replicate_estimate replicate = {.rounds = ratios->count};
    memcpy(scratch, ratios->log_ratio, ratios->count * sizeof *scratch);
    replicate.midmean = midmean(scratch, ratios->count);
    if (ratios->count >= least)
        set_square_error(&replicate, ratios->log_ratio, scratch);
    return replicate;
}

/*
 * Within-process half-width of the mean over replicates; sets the mean squared standard error. Replicates of
 * too few rounds take the others' variance a round, so those count for more in the sum of Welch and
 * Satterthwaite.
 */
static double within_half(const struct replicate_estimate *replicates, size_t count, double confidence,
                          double *mean_square_error, double *degrees_of_freedom) {
    double lenders = 0, borrowed = 0, sum = 0, spread = 0;
    for (size_t i = 0; i < count; i++) {
        lenders += replicates[i].degrees;
        borrowed += replicates[i].degrees > 0 ? 0 : 1 / (double)replicates[i].rounds;
    }
    for (size_t i = 0; i < count; i++) {
        double degrees = replicates[i].degrees;
        if (degrees == 0)
            continue;
        double weight = 1 + borrowed * (double)replicates[i].rounds * degrees / lenders;
        double variance = weight * replicates[i].square_error;
        sum += variance;
        spread += variance * variance / degrees;
    }
    *mean_square_error = lenders > 0 ? sum / (double)count : NAN;
    *degrees_of_freedom = sum * sum / spread;
    return half_width(*mean_square_error / (double)count, *degrees_of_freedom, confidence);
}

/*
 * Half-width of the guard. The between level alone covers as it should; the guard only makes its narrowest
 * intervals wider, so nothing is lost where it has no width.
 */
static double guard_half(const struct ratio_estimate *estimate, double confidence) {
    double error = ESTIMATE_GUARD_ERRORS * (1 - confidence);
    if (error >= 1)
        return 0;
    return half_width(estimate->within_variance / (double)estimate->replicates, estimate->within_degrees,
                      1 - error);
}

double estimate_half_width(const struct ratio_estimate *estimate, double confidence) {
    double count = (double)estimate->replicates;
    double square_error = estimate->between_error * estimate->between_error;
    if (isnan(square_error))
        return half_width(estimate->within_variance / count, estimate->within_degrees, confidence);
    /* fmax leaves a NAN out: without a within level the between level speaks alone. */
    return fmax(half_width(square_error, count - 1, confidence), guard_half(estimate, confidence));
}

static void combine_levels(const struct replicate_estimate *replicates, size_t count, double confidence,
                           double *midmeans, struct ratio_estimate *estimate) {
    for (size_t i = 0; i < count; i++)
        midmeans[i] = replicates[i].midmean;
    struct moments between = moments_of(midmeans, count);
    estimate->replicates = count;
    estimate->between_half = half_width(between.variance / (double)count, (double)count - 1, confidence);
    estimate->within_half =
        within_half(replicates, count, confidence, &estimate->within_variance, &estimate->within_degrees);
    estimate->between_error = sqrt(between.variance / (double)count);
    double excess = between.variance - estimate->within_variance;
    estimate->between_variance = isnan(excess) ? NAN : fmax(0, excess);
    estimate->log = interval_around(between.mean, estimate_half_width(estimate, confidence));
}

/* Counts replicates with a round, all rounds, and the most in one; -EINVAL if there is none or one is not
 * finite. */
static int count_rounds(const struct replicate_ratios *replicates, size_t count,
                        struct ratio_estimate *estimate, size_t *most) {
    *most = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < replicates[i].count; j++)
            if (!isfinite(replicates[i].log_ratio[j]))
                return -EINVAL;
        estimate->replicates += replicates[i].count > 0;
        estimate->rounds += replicates[i].count;
        *most = replicates[i].count > *most ? replicates[i].count : *most;
    }
    return estimate->replicates > 0 ? 0 : -EINVAL;
}

int estimate_log_ratio(const struct replicate_ratios *replicates, size_t count, double confidence,
                       struct ratio_estimate *estimate) {
    const struct ratio_estimate unknown = {{NAN, NAN, NAN}, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0};
    struct ratio_estimate found = unknown;
    size_t most, used = 0;
    *estimate = unknown;
    if (!(confidence > 0 && confidence < 1) || count_rounds(replicates, count, &found, &most))
        return -EINVAL;
    int status = -ENOMEM;
    double *scratch = malloc(most * sizeof *scratch);
    double *midmeans = calloc(found.replicates, sizeof *midmeans);
    struct replicate_estimate *estimates = malloc(found.replicates * sizeof *estimates);
    if (!scratch || !midmeans || !estimates)
        goto done;
    for (size_t i = 0; i < count; i++)
        if (replicates[i].count > 0)
            estimates[used++] = estimate_replicate(&replicates[i], least_rounds(found.replicates), scratch);
    combine_levels(estimates, used, confidence, midmeans, &found);
    *estimate = found;
    status = 0;
done:
    free(scratch);
    free(midmeans);
    free(estimates);
    return status;
}
