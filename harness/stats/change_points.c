#include "stats/change_points.h"

#include "countersign.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * The largest divergence of a split of `values`, and where it is. Sums of distances within the left side, between both, and
 * within the right one are carried along as one value after the other moves to the left.
 */
static double best_split(const double *values, size_t count, size_t *split) {
    double left = 0, between = 0, right = 0, best = -INFINITY;
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            right += fabs(values[i] - values[k]);
    for (size_t moved = 0; moved + CHANGE_POINT_SEGMENT < count; moved++) {
        double to_left = 0, to_right = 0;
        for (size_t i = 0; i < moved; i++)
            to_left += fabs(values[moved] - values[i]);
        for (size_t i = moved + 1; i < count; i++)
            to_right += fabs(values[moved] - values[i]);
        left += to_left;
        right -= to_right;
        between += to_right - to_left;
        size_t first = moved + 1, second = count - first;
        if (first < CHANGE_POINT_SEGMENT)
            continue;
        double n = (double)first, m = (double)second;
        double divergence =
            n * m / (n + m) * (2 * between / (n * m) - 2 * left / (n * (n - 1)) - 2 * right / (m * (m - 1)));
        if (divergence > best) {
            best = divergence;
            *split = first;
        }
    }
    return best;
}

/* A search under way. */
struct search {
    double level;
    unsigned permutations;
    struct cs_random random;
    double *shuffled;
    struct change_point *points;
    size_t capacity, found;
};

static void shuffle(struct cs_random *random, double *values, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t k = cs_random_below(random, (uint32_t)i);
        double kept = values[i - 1];
        values[i - 1] = values[k];
        values[k] = kept;
    }
}

/* Share of permutations that split at least as far. Ends as soon as it is above the level. */
static double permutation_p_value(struct search *search, const double *values, size_t count,
                                  double divergence) {
    unsigned above = 1;
    double most = search->level * (search->permutations + 1);
    memcpy(search->shuffled, values, count * sizeof *values);
    for (unsigned i = 0; i < search->permutations && above <= most; i++) {
        size_t split;
        shuffle(&search->random, search->shuffled, count);
        /* Rounding must not tell equal divergences apart. */
        above += best_split(search->shuffled, count, &split) >= divergence * (1 - 1e-9);
    }
    return (double)above / (search->permutations + 1);
}

static void search_segment(struct search *search, const double *values, size_t from, size_t to) {
    size_t split = 0, count = to - from;
    if (count < 2 * CHANGE_POINT_SEGMENT)
        return;
    double divergence = best_split(values + from, count, &split);
    if (!(divergence > 0))
        return;
    double p_value = permutation_p_value(search, values + from, count, divergence);
    if (p_value > search->level)
        return;
    search_segment(search, values, from, from + split);
    if (search->found < search->capacity)
        search->points[search->found] = (struct change_point){.index = from + split, .p_value = p_value};
    search->found++;
    search_segment(search, values, from + split, to);
}

static double median_between(const double *values, size_t from, size_t to, double *buffer) {
    memcpy(buffer, values + from, (to - from) * sizeof *values);
    return quantile(buffer, to - from, 0.5);
}

long change_points_find(const double *values, size_t count, double level, unsigned permutations,
                        uint64_t seed, struct change_point *points, size_t capacity) {
    struct search search = {.level = level,
                            .permutations = permutations,
                            .random = cs_random_seed(seed),
                            .shuffled = malloc((count + 1) * sizeof *values),
                            .points = points,
                            .capacity = capacity};
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) {
            free(search.shuffled);
            return -EINVAL;
        }
    if (!search.shuffled)
        return -ENOMEM;
    search_segment(&search, values, 0, count);
    size_t shown = search.found < capacity ? search.found : capacity;
    for (size_t i = 0; i < shown; i++) {
        size_t from = i ? points[i - 1].index : 0;
        size_t to = i + 1 < shown ? points[i + 1].index : count;
        points[i].before = median_between(values, from, points[i].index, search.shuffled);
        points[i].after = median_between(values, points[i].index, to, search.shuffled);
    }
    free(search.shuffled);
    return (long)search.found;
}
