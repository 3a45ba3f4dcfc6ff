/* Simulated timings for the tests of the statistics: log times of paired samples, from a fixed seed. */
#ifndef TESTS_SIMULATED_NOISE_H
#define TESTS_SIMULATED_NOISE_H

#include <countersign.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/** What disturbs a sample, on top of `spread`. */
enum noise_kind {
    NOISE_GAUSSIAN,
    NOISE_BURSTS,     /**< 2 % of samples stretched 1.5 to 20 times */
    NOISE_HEAVY,      /**< Student's t with 2 degrees of freedom: no variance */
    NOISE_CORRELATED, /**< AR(1) with rho 0.9 from round to round */
    NOISE_TICKS       /**< Gaussian, read from a clock whose tick is as long as the spread */
};

/** How samples of an arm scatter, in units of log time. */
struct noise_model {
    const char *name;
    enum noise_kind kind;
    double spread;         /**< scale of a sample's own noise */
    double process_spread; /**< standard deviation of what a process adds to all of an arm's samples */
    double loud_factor;    /**< spread of the first process over the others'; 0 for 1 */
    double rare_shift;     /**< added to an arm in a tenth of the processes */
    bool spare_baseline;   /**< only the other arms are disturbed, so that the log ratio is skewed */
};

/** Standard normal (Box and Muller, Annals of Mathematical Statistics 29, 1958). */
static inline double draw_normal(struct cs_random *random) {
    double u = 1 - cs_random_unit(random);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * cs_random_unit(random));
}

/** One sample's deviation; *state carries the AR(1) process from round to round. */
static inline double draw_noise(struct cs_random *random, enum noise_kind kind, double *state) {
    const double rho = 0.9;
    switch (kind) {
    case NOISE_HEAVY: {
        /* The quantile of t with 2 degrees of freedom is (2 p - 1) / sqrt(2 p (1 - p)). */
        double p = cs_random_unit(random) + 0x1p-54;
        return (2 * p - 1) / sqrt(2 * p * (1 - p));
    }
    case NOISE_CORRELATED:
        return *state = rho * *state + sqrt(1 - rho * rho) * draw_normal(random);
    case NOISE_TICKS:
        return floor(draw_normal(random) + 0.5);
    case NOISE_GAUSSIAN:
    case NOISE_BURSTS:
        break;
    }
    return draw_normal(random);
}

/** Level of an arm in one process: `typical`, and what this process adds to it. */
static inline double draw_level(struct cs_random *random, const struct noise_model *model, double typical) {
    bool rare = model->rare_shift != 0 && cs_random_unit(random) < 0.1;
    return typical + model->process_spread * draw_normal(random) + (rare ? model->rare_shift : 0);
}

/** Log times of one arm in one process: `rounds` values around `level`. */
static inline void draw_arm(struct cs_random *random, const struct noise_model *model, double spread,
                            bool disturbed, double level, double *log_times, size_t rounds) {
    double state = draw_normal(random);
    for (size_t i = 0; i < rounds; i++) {
        log_times[i] = level + spread * draw_noise(random, model->kind, &state);
        if (model->kind == NOISE_BURSTS && disturbed && cs_random_unit(random) < 0.02)
            log_times[i] += log(1.5) + cs_random_unit(random) * log(20 / 1.5);
    }
}

/** Scale of the samples' own noise in a process. */
static inline double process_noise(const struct noise_model *model, size_t process) {
    return model->spread * (process == 0 && model->loud_factor > 0 ? model->loud_factor : 1);
}

#endif
