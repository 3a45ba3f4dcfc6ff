#include "stats/estimate.h"

#include "stats/proportion.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
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
    double weight; /* in the estimate; all add up to 1 */
    size_t rounds;
    int group;
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
    struct replicate_estimate replicate = {.rounds = ratios->count, .group = ratios->group};
    memcpy(scratch, ratios->log_ratio, ratios->count * sizeof *scratch);
    replicate.midmean = midmean(scratch, ratios->count);
    if (ratios->count >= least)
        set_square_error(&replicate, ratios->log_ratio, scratch);
    return replicate;
}

/*
 * Within-process variance of the estimate, as that of one of `count` equal replicates, and its degrees of
 * freedom. Replicates of too few rounds take the others' variance a round, so those count for more in the sum
 * of Welch and Satterthwaite.
 */
static void within_level(const struct replicate_estimate *replicates, size_t count,
                         struct ratio_estimate *estimate) {
    double lenders = 0, borrowed = 0, sum = 0, spread = 0, n = (double)count;
    for (size_t i = 0; i < count; i++) {
        double square_weight = n * replicates[i].weight * n * replicates[i].weight;
        lenders += replicates[i].degrees;
        borrowed += replicates[i].degrees > 0 ? 0 : square_weight / (double)replicates[i].rounds;
    }
    for (size_t i = 0; i < count; i++) {
        double degrees = replicates[i].degrees, weight = n * replicates[i].weight;
        if (degrees == 0)
            continue;
        double lent = borrowed * (double)replicates[i].rounds * degrees / lenders;
        double variance = (weight * weight + lent) * replicates[i].square_error;
        sum += variance;
        spread += variance * variance / degrees;
    }
    estimate->within_variance = lenders > 0 ? sum / n : NAN;
    estimate->within_degrees = sum * sum / spread;
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
    double square_error = estimate->between_error * estimate->between_error,
           degrees = estimate->between_degrees;
    if (isnan(square_error))
        return half_width(estimate->within_variance / count, estimate->within_degrees, confidence);
    /* fmax leaves a NAN out: without a within level the between level speaks alone. */
    double half = fmax(half_width(square_error, degrees, confidence), guard_half(estimate, confidence));
    double serial = estimate->serial_error;
    return fmax(half, half_width(serial * serial, ESTIMATE_SERIAL_BLOCKS - 1, confidence));
}

/*
 * Hall's cubic transformation of W = (mean - truth) / s, W + g W² / 3 + g² W³ / 27 + g / (6 n), turned round:
 * the deviation, in standard deviations, that belongs to the quantile y of the transformed.
 */
static double hall_deviation(double skewness, double units, double y) {
    return 3 / skewness * (cbrt(1 + skewness * (y - skewness / (6 * units))) - 1);
}

static struct interval widen_for_skewness(const struct ratio_estimate *estimate, double confidence,
                                          struct interval interval) {
    double units = (double)estimate->units, deviation = estimate->between_error * sqrt(units);
    if (fabs(estimate->skewness) < 1e-6 || !(deviation > 0))
        return interval;
    double y = -student_quantile((1 - confidence) / 2, estimate->between_degrees) / sqrt(units);
    double low = interval.estimate - deviation * hall_deviation(estimate->skewness, units, y);
    double high = interval.estimate - deviation * hall_deviation(estimate->skewness, units, -y);
    return (struct interval){interval.estimate, fmin(interval.low, low), fmax(interval.high, high)};
}

static struct interval widen_for_kinds(const struct ratio_estimate *estimate, double confidence,
                                       struct interval interval) {
    const struct value_groups *kinds = &estimate->kinds;
    if (kinds->high_count == 0)
        return interval;
    struct interval share =
        proportion_interval(kinds->high_count, kinds->low_count + kinds->high_count, confidence);
    double apart = kinds->high - kinds->low;
    return (struct interval){interval.estimate, fmin(interval.low, kinds->low + share.low * apart),
                             fmax(interval.high, kinds->low + share.high * apart)};
}

struct interval estimate_interval(const struct ratio_estimate *estimate, double confidence) {
    struct interval interval =
        interval_around(estimate->log.estimate, estimate_half_width(estimate, confidence));
    if (isnan(interval.low) || isnan(estimate->between_error))
        return interval;
    interval = widen_for_skewness(estimate, confidence, interval);
    return widen_for_kinds(estimate, confidence, interval);
}

/* How many replicates have its group; 1 for one that shares nothing. */
static size_t group_size(const struct replicate_estimate *replicates, size_t count, size_t index) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += replicates[i].group == replicates[index].group;
    return replicates[index].group > 0 ? size : 1;
}

static bool is_first_of_group(const struct replicate_estimate *replicates, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (replicates[index].group > 0 && replicates[i].group == replicates[index].group)
            return false;
    return true;
}

/* Mean of the replicates that share this one's group. */
static double group_mean(const struct replicate_estimate *replicates, size_t count, size_t index) {
    double sum = 0;
    if (replicates[index].group <= 0)
        return replicates[index].midmean;
    for (size_t i = 0; i < count; i++)
        if (replicates[i].group == replicates[index].group)
            sum += replicates[i].midmean;
    return sum / (double)group_size(replicates, count, index);
}

/* One value a unit; returns how many. Sets the replicates' weights. One link alone is shared by nobody. */
static size_t collect_units(struct replicate_estimate *replicates, size_t count, double *units) {
    if (group_size(replicates, count, 0) == count)
        for (size_t i = 0; i < count; i++)
            replicates[i].group = 0;
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (is_first_of_group(replicates, i))
            units[found++] = group_mean(replicates, count, i);
    for (size_t i = 0; i < count; i++)
        replicates[i].weight = 1 / (double)(found * group_size(replicates, count, i));
    return found;
}

/* Adjusted Fisher-Pearson coefficient. */
static double skewness_of(const double *values, size_t count, struct moments moments) {
    double n = (double)count, cubes = 0;
    if (count < ESTIMATE_SKEW_UNITS || !(moments.variance > 0))
        return 0;
    for (size_t i = 0; i < count; i++)
        cubes += pow((values[i] - moments.mean) / sqrt(moments.variance), 3);
    return cubes * n / ((n - 1) * (n - 2));
}

/* Standard error of the mean of values in order, from that of blocks of them. */
static double block_error(const double *values, size_t count) {
    double means[ESTIMATE_SERIAL_BLOCKS];
    for (size_t block = 0; block < ESTIMATE_SERIAL_BLOCKS; block++) {
        size_t from = block * count / ESTIMATE_SERIAL_BLOCKS,
               to = (block + 1) * count / ESTIMATE_SERIAL_BLOCKS;
        means[block] = moments_of(values + from, to - from).mean;
    }
    return sqrt(moments_of(means, ESTIMATE_SERIAL_BLOCKS).variance / ESTIMATE_SERIAL_BLOCKS);
}

/* The replicates' own scatter, whatever they share: what `spread` tells of. */
static void describe_replicates(const struct replicate_estimate *replicates, size_t count, double *scratch,
                                double *ranks, struct ratio_estimate *estimate) {
    for (size_t i = 0; i < count; i++)
        scratch[i] = replicates[i].midmean;
    double excess = moments_of(scratch, count).variance - estimate->within_variance;
    estimate->between_variance = isnan(excess) ? NAN : fmax(0, excess);
    estimate->serial = serial_dependence(scratch, count, ranks);
    bool depend = estimate->serial.p_value < ESTIMATE_SERIAL_LEVEL;
    estimate->serial_error = depend ? block_error(scratch, count) : NAN;
}

static void combine_levels(struct replicate_estimate *replicates, size_t count, double confidence,
                           double *scratch, double *ranks, struct ratio_estimate *estimate) {
    estimate->replicates = count;
    estimate->units = collect_units(replicates, count, scratch);
    struct moments between = moments_of(scratch, estimate->units);
    double square_error = between.variance / (double)estimate->units;
    estimate->between_error = sqrt(square_error);
    estimate->between_degrees = (double)estimate->units - 1;
    estimate->skewness = skewness_of(scratch, estimate->units, between);
    estimate->kinds = groups_find(scratch, estimate->units);
    within_level(replicates, count, estimate);
    describe_replicates(replicates, count, scratch, ranks, estimate);
    estimate->between_half = half_width(square_error, estimate->between_degrees, confidence);
    estimate->within_half =
        half_width(estimate->within_variance / (double)count, estimate->within_degrees, confidence);
    estimate->log.estimate = between.mean;
    estimate->log = estimate_interval(estimate, confidence);
}

struct ratio_estimate estimate_unknown(void) {
    return (struct ratio_estimate){.log = {NAN, NAN, NAN},
                                   .within_half = NAN,
                                   .between_half = NAN,
                                   .within_variance = NAN,
                                   .between_variance = NAN,
                                   .between_error = NAN,
                                   .within_degrees = NAN,
                                   .between_degrees = NAN,
                                   .serial = {NAN, 0},
                                   .serial_error = NAN,
                                   .kinds = {0, 0, NAN, NAN}};
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
    struct ratio_estimate found = estimate_unknown();
    size_t most, used = 0;
    *estimate = found;
    if (!(confidence > 0 && confidence < 1) || count_rounds(replicates, count, &found, &most))
        return -EINVAL;
    int status = -ENOMEM;
    double *scratch = malloc(most * sizeof *scratch);
    double *values = calloc(2 * found.replicates, sizeof *values);
    struct replicate_estimate *estimates = calloc(found.replicates, sizeof *estimates);
    if (!scratch || !values || !estimates)
        goto done;
    for (size_t i = 0; i < count; i++)
        if (replicates[i].count > 0)
            estimates[used++] = estimate_replicate(&replicates[i], least_rounds(found.replicates), scratch);
    combine_levels(estimates, used, confidence, values, values + used, &found);
    *estimate = found;
    status = 0;
done:
    free(scratch);
    free(values);
    free(estimates);
    return status;
}
