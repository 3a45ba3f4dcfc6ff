#include "stats/sequential.h"

#include <math.h>

#define FIRST_LOOK 4
#define TABLED_LOOKS 17 /* of a plan of SEQUENTIAL_MOST */
#define TABLED_LEVELS 6

/* The look after `look`: 4, 6, 8, 12, 16, 24 …, each power of two and one and a half times it. */
static unsigned next_look(unsigned look) {
    if (look < FIRST_LOOK)
        return FIRST_LOOK;
    unsigned power = FIRST_LOOK;
    while (2 * power <= look)
        power *= 2;
    return look < power + power / 2 ? power + power / 2 : 2 * power;
}

/* The look at or after `done` and the one before it (0: none). */
static unsigned look_of(unsigned most, unsigned done, unsigned *before) {
    unsigned look = FIRST_LOOK;
    *before = 0;
    while (look < done && look < most) {
        *before = look;
        look = next_look(look);
    }
    return look < most ? look : most;
}

bool sequential_is_look(unsigned most, unsigned done) {
    unsigned before;
    return done > 0 && done <= most && look_of(most, done, &before) == done;
}

unsigned sequential_look_count(unsigned most) {
    unsigned count = 1;
    for (unsigned look = FIRST_LOOK; look < most; look = next_look(look))
        count++;
    return count;
}

static const double tabled_levels[TABLED_LEVELS] = {0.05, 0.02, 0.01, 1e-3, 1e-4, 1e-5};

/*
 * Gains by number of looks, for those levels: of the largest plan that has so many looks (6, 8, 12, 16, 24
 * …), where the gain is least; rounded down, by `test_stats_sequential 20`.
 */
static const double gains[TABLED_LOOKS][TABLED_LEVELS] = {
    {1, 1, 1, 1, 1, 1},
    {1.19, 1.125, 1.09, 1.03, 1, 1},
    {1.30, 1.215, 1.17, 1.06, 1.01, 1},
    {1.29, 1.20, 1.15, 1.05, 1.01, 1},
    {1.385, 1.275, 1.22, 1.11, 1.02, 1},
    {1.37, 1.27, 1.22, 1.10, 1.02, 1},
    {1.46, 1.345, 1.285, 1.14, 1.03, 1},
    {1.425, 1.315, 1.26, 1.13, 1.03, 1},
    {1.52, 1.40, 1.335, 1.15, 1.05, 1},
    {1.48, 1.37, 1.315, 1.16, 1.05, 1},
    {1.565, 1.45, 1.38, 1.22, 1.08, 1},
    {1.51, 1.405, 1.35, 1.21, 1.08, 1},
    {1.59, 1.46, 1.395, 1.22, 1.10, 1},
    {1.53, 1.42, 1.36, 1.20, 1.08, 1},
    {1.61, 1.47, 1.40, 1.23, 1.10, 1},
    {1.55, 1.43, 1.375, 1.22, 1.10, 1},
    {1.63, 1.49, 1.42, 1.22, 1.10, 1},
};

/* Between tabled levels linear in the level's logarithm. Below the table there is no gain; above it that of
 * the largest level, which is less than there would be. */
static double gain_of(unsigned looks, double level) {
    const double *row = gains[(looks < TABLED_LOOKS ? looks : TABLED_LOOKS) - 1];
    if (level >= tabled_levels[0])
        return row[0];
    for (int i = 1; i < TABLED_LEVELS; i++)
        if (level >= tabled_levels[i]) {
            double part = log(level / tabled_levels[i]) / log(tabled_levels[i - 1] / tabled_levels[i]);
            return row[i] + part * (row[i - 1] - row[i]);
        }
    return 1;
}

static double share_of(unsigned most, unsigned done) {
    unsigned before, look = look_of(most, done, &before);
    return (double)(look - before) / (double)most;
}

double sequential_level(unsigned most, unsigned done, double level) {
    if (!(level > 0 && level <= 1) || most == 0)
        return NAN;
    return level * share_of(most, done) * gain_of(sequential_look_count(most), level);
}

/* The level rises with the overall one, as gains do, so that bisection finds it. */
double sequential_p_value(unsigned most, unsigned done, double nominal_p) {
    double low = nominal_p, high = 1; /* a share and its gain make at most 1 */
    if (isnan(nominal_p) || most == 0)
        return NAN;
    if (!(nominal_p > 0) || sequential_level(most, done, 1) <= nominal_p)
        return nominal_p > 0 ? 1 : 0;
    for (int step = 0; step < 100 && high / low > 1 + 1e-12; step++) {
        double middle = sqrt(low * high);
        if (sequential_level(most, done, middle) < nominal_p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
