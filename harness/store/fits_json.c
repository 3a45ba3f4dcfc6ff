/* JSON form of fits: of growth along a parameter, and of scaling with threads. */
#include "store/result_json.h"

#include <inttypes.h>
#include <math.h>

/* What is fitted may be below 0, unlike times and their ratios. */
#define SIGNED(member, key, text)                                                                            \
    { FIELD(NUMBER_OR_NULL, struct interval, member, key), .about = text }

static const struct field fitted_fields[] = {
    SIGNED(estimate, "estimate", "Point estimate."),
    SIGNED(low, "low", "Lower end of the 95 % interval; null: there is no bounded one."),
    SIGNED(high, "high", "Upper end."),
    {0},
};

#define FITTED(type, member, key, text)                                                                      \
    { FIELD(OBJECT, type, member, key), .fields = fitted_fields, .check = interval_check, .about = text }
#define MISFIT(type, member, key, text)                                                                      \
    { FIELD(NUMBER_OR_NULL, type, member, key), .high = INFINITY, .about = text }

#define KIND(name, kind)                                                                                     \
    static const struct field name[] = {                                                                     \
        MISFIT(struct growth_fit, fit.misfit[kind], "misfit",                                                \
               "Root of the mean square of relative residuals; null: the time does not grow so."),           \
        {FIELD(BOOL, struct growth_fit, fit.possible[kind], "possible"),                                     \
         .about = "Whether the data do not exclude it."},                                                    \
        {0},                                                                                                 \
    }
KIND(constant_fields, GROWTH_CONSTANT);
KIND(log_fields, GROWTH_LOG);
KIND(linear_fields, GROWTH_LINEAR);
KIND(n_log_n_fields, GROWTH_N_LOG_N);
KIND(square_fields, GROWTH_SQUARE);

static const struct field kinds_fields[] = {
    {.key = "1", .type = FIELD_OBJECT, .fields = constant_fields, .about = "Constant."},
    {.key = "log n", .type = FIELD_OBJECT, .fields = log_fields, .about = "With the logarithm, base 2."},
    {.key = "n", .type = FIELD_OBJECT, .fields = linear_fields, .about = "In proportion."},
    {.key = "n log n", .type = FIELD_OBJECT, .fields = n_log_n_fields, .about = "With n log2 n."},
    {.key = "n²", .type = FIELD_OBJECT, .fields = square_fields, .about = "With the square."},
    {0},
};

static const char *kind_text(int value) {
    return growth_name((enum growth_kind)value);
}

static const struct field_names kind_names = {kind_text, GROWTH_KINDS};
static const char *const predictions[] = {"1", "log n", "n", "n log n", "n²", "", NULL};

static int range_check(const void *object, const struct json_place *place, struct problem *problem) {
    const struct growth_fit *growth = object;
    if (growth->first > growth->last)
        return json_problem(place, problem, "first %" PRId64 " is above last %" PRId64, growth->first,
                            growth->last);
    return 0;
}

static const struct field range_fields[] = {
    {FIELD(TEXT, struct growth_fit, parameter, "parameter"), .about = "Name of the parameter."},
    {FIELD(INT64, struct growth_fit, first, "first"), .about = "Smallest value that it is about."},
    {FIELD(INT64, struct growth_fit, last, "last"), .about = "Largest value that it is about."},
    {FIELD(SIZE, struct growth_fit, sizes, "sizes"), .about = "Values with a valid time."},
    {0},
};

const struct field growth_fit_fields[] = {
    {FIELD(TEXT, struct growth_fit, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct growth_fit, variant, "variant"), .about = "Name of the variant."},
    {FIELD(CUSTOM, struct growth_fit, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The other parameters."},
    {.key = "range",
     .type = FIELD_OBJECT,
     .fields = range_fields,
     .check = range_check,
     .about = "The parameter n, and which of its values."},
    {FIELD(SIZE, struct growth_fit, fit.points, "points"),
     .about = "Sizes that were fitted; 0: too few, or too near each other, and nothing was."},
    {.key = "kinds", .type = FIELD_OBJECT, .fields = kinds_fields, .about = "Each kind of growth."},
    {FIELD(NAME, struct growth_fit, fit.best, "best"), .names = &kind_names,
     .about = "The kind of the best criterion, whether it is possible or not."},
    FITTED(struct growth_fit, fit.fixed, "fixed_ns", "Fixed part of the best kind, ns an item."),
    FITTED(struct growth_fit, fit.step, "step_ns",
           "ns an item for each unit of the best kind's growth; null of 1."),
    FITTED(struct growth_fit, fit.exponent, "exponent", "Power of n that fits best, without a fixed part."),
    {FIELD(TEXT, struct growth_fit, predicted, "predicted"), .choices = predictions,
     .about = "What the case predicted; empty: nothing."},
    {FIELD(NAME, struct growth_fit, outcome, "outcome"), .names = &several_points_names,
     .about = "explained: as predicted; unexplained: not so; unmeasured: cannot be told."},
    {FIELD(TEXT, struct growth_fit, text, "text"), .about = "The finding in words."},
    {0},
};

static const struct field amdahl_fields[] = {
    FITTED(struct scaling_fit, fit.serial, "serial", "Share of one thread's time that stays."),
    MISFIT(struct scaling_fit, fit.amdahl_misfit, "misfit", "As that of a kind of growth."),
    {0},
};

static const struct field usl_fields[] = {
    FITTED(struct scaling_fit, fit.contention, "contention", "Share that threads wait for each other."),
    FITTED(struct scaling_fit, fit.coherence, "coherence", "What each pair of threads costs each other."),
    FITTED(struct scaling_fit, fit.peak, "peak_threads", "Threads of the least time; null: it has no peak."),
    MISFIT(struct scaling_fit, fit.usl_misfit, "misfit", "As that of a kind of growth."),
    {0},
};

const struct field scaling_fit_fields[] = {
    {FIELD(TEXT, struct scaling_fit, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct scaling_fit, variant, "variant"), .about = "Name of the variant."},
    {FIELD(CUSTOM, struct scaling_fit, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The other parameters."},
    {FIELD(SIZE, struct scaling_fit, fit.points, "points"), .about = "Numbers of threads with a valid time."},
    MISFIT(struct scaling_fit, fit.most_threads, "most_threads", "The largest of them."),
    {.key = "amdahl", .type = FIELD_OBJECT, .fields = amdahl_fields, .about = "Amdahl's law."},
    {.key = "usl",
     .type = FIELD_OBJECT,
     .fields = usl_fields,
     .about = "The universal scalability law; null with fewer than three numbers of threads."},
    {FIELD(TEXT, struct scaling_fit, text, "text"), .about = "The finding in words."},
    {0},
};
