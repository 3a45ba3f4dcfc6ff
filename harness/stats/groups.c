#include "stats/groups.h"

#include "stats/quantile.h"

#include <math.h>

/* Sums of some values and of their squares. */
struct sums {
    double count, sum, squares;
};

static double squares_within(struct sums sums) {
    return sums.squares - sums.sum * sums.sum / sums.count;
}

static double least_gap(size_t count) {
    return 2.5 + 61 / pow((double)count - 2, 1.5);
}

/* Squares of distances from `origin`, which is among the values, lose no digits to a mean far from 0. */
static void add(struct sums *sums, double value, double origin) {
    sums->count++;
    sums->sum += value - origin;
    sums->squares += (value - origin) * (value - origin);
}

struct value_groups groups_find(double *values, size_t count) {
    struct value_groups one = {0, 0, NAN, NAN}, found = one;
    size_t least = count / 16 > 2 ? count / 16 : 2;
    struct sums all = {0, 0, 0}, below = {0, 0, 0};
    double most = 0;
    if (count < 4)
        return one;
    sort_values(values, count);
    double origin = values[count / 2];
    for (size_t i = 0; i < count; i++)
        add(&all, values[i], origin);
    for (size_t cut = 1; cut + least <= count; cut++) {
        add(&below, values[cut - 1], origin);
        if (cut < least)
            continue;
        struct sums above = {all.count - below.count, all.sum - below.sum, all.squares - below.squares};
        double variance = fmax(0, squares_within(below) + squares_within(above)) / (double)(count - 2);
        double gap = values[cut] - values[cut - 1];
        if (gap * gap <= variance * most * most || gap == 0)
            continue;
        most = variance > 0 ? gap / sqrt(variance) : INFINITY;
        found = (struct value_groups){cut, count - cut, origin + below.sum / below.count,
                                      origin + above.sum / above.count};
    }
    return most > least_gap(count) ? found : one;
}
