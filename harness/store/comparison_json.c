/* JSON form of what was concluded. */
#include "store/result_json.h"

#include <errno.h>

int interval_check(const void *object, const struct json_place *place, struct problem *problem) {
    const struct interval *interval = object;
    if (!(interval->low > interval->high))
        return 0;
    return json_problem(place, problem, "low %g is above high %g", interval->low, interval->high);
}

static int speedup_check(const void *object, const struct json_place *place, struct problem *problem) {
    return interval_check(&((const struct comparison *)object)->speedup, place, problem);
}

#define RATIO(type, member, key)                                                                             \
    { FIELD(NUMBER_OR_NULL, type, member, key), .high = INFINITY }

const struct field interval_fields[] = {
    RATIO(struct interval, estimate, "estimate"),
    RATIO(struct interval, low, "low"),
    RATIO(struct interval, high, "high"),
    {0},
};

static const char *verified_text(int value) {
    return verified_name((enum verified)value);
}

static const char *verdict_text(int value) {
    return verdict_name((enum verdict)value);
}

static const char *mechanism_text(int value) {
    return mechanism_name((enum mechanism)value);
}

static const struct field_names verified_names = {verified_text, VERIFIED_WRONG + 1};
static const struct field_names verdict_names = {verdict_text, VERDICT_INCONCLUSIVE + 1};
static const struct field_names mechanism_names = {mechanism_text, MECHANISM_HELD + 1};

static const char *limit_text(int value) {
    return limit_kind_name((enum limit_kind)value);
}

static const struct field_names limit_names = {limit_text, LIMITS};

static bool has_limit(const void *object) {
    const struct verdict_limit *limit = object;
    return limit->kind != LIMIT_NONE || limit->comparisons > 0;
}

#define OF_LIMIT(member)                                                                                     \
    { FIELD(NUMBER_OR_NULL, struct verdict_limit, member, #member), .high = INFINITY }

static const struct field limit_fields[] = {
    {FIELD(NAME, struct verdict_limit, kind, "kind"), .names = &limit_names},
    {FIELD(NAME, struct verdict_limit, fault, "fault"), .names = &fault_names},
    {FIELD(NAME, struct verdict_limit, alone, "alone"), .names = &verdict_names},
    OF_LIMIT(comparisons),
    OF_LIMIT(replicates),
    OF_LIMIT(units),
    OF_LIMIT(half),
    OF_LIMIT(delta),
    OF_LIMIT(times),
    OF_LIMIT(budget_s),
    OF_LIMIT(needed),
    {0},
};

static const struct field serial_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct comparison, serial.p_value, "p_value"), .high = INFINITY},
    {FIELD(NUMBER, struct comparison, serial.correlation, "correlation"), .low = -10, .high = 10},
    {0},
};

static const struct field kinds_fields[] = {
    {FIELD(SIZE, struct comparison, kinds.low_count, "low_count")},
    {FIELD(SIZE, struct comparison, kinds.high_count, "high_count")},
    RATIO(struct comparison, kinds.low, "low"),
    RATIO(struct comparison, kinds.high, "high"),
    {0},
};

/* Follows from the number of units: for whoever reads the file, and not read back. */
static int missed_share_write(const void *object, json_t **json, const struct json_place *place,
                              struct problem *problem) {
    const struct comparison *comparison = object;
    (void)place;
    (void)problem;
    *json = comparison->units ? json_real(verdict_missed_share(comparison->units)) : json_null();
    return *json ? 0 : -ENOMEM;
}

static int missed_share_read(const json_t *json, void *object, const struct json_place *place,
                             struct problem *problem) {
    (void)object;
    return json_is_number(json) || json_is_null(json) ? 0
                                                      : json_type_problem(place, json, "a number", problem);
}

static const struct field speedup_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct comparison, speedup.estimate, "estimate"), .low = 1e-12, .high = 1e12},
    RATIO(struct comparison, speedup.low, "low"),
    RATIO(struct comparison, speedup.high, "high"),
    {FIELD(NUMBER, struct comparison, confidence, "confidence"), .high = 1},
    {FIELD(NUMBER_OR_NULL, struct comparison, p_value, "p_value"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct comparison, spread_round, "spread_round"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct comparison, spread_process, "spread_process"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct comparison, spread_layout, "spread_layout"), .high = INFINITY,
     .optional = true},
    {FIELD(NUMBER_OR_NULL, struct comparison, within_half, "within_half"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct comparison, between_half, "between_half"), .high = INFINITY},
    {FIELD(SIZE, struct comparison, replicates, "replicates"), .optional = true},
    {FIELD(SIZE, struct comparison, units, "units"), .optional = true},
    {.key = "missed_share",
     .type = FIELD_CUSTOM,
     .write = missed_share_write,
     .read = missed_share_read,
     .optional = true},
    {.key = "neighbours", .type = FIELD_OBJECT, .fields = serial_fields, .optional = true},
    {.key = "kinds", .type = FIELD_OBJECT, .fields = kinds_fields, .optional = true},
    {0},
};

static const struct field target_fields[] = {
    {FIELD(NUMBER, struct comparison, target, "speedup"), .high = INFINITY},
    {FIELD(BOOL, struct comparison, target_met, "met")},
    {FIELD(NUMBER_OR_NULL, struct comparison, target_p_value, "p_value"), .high = INFINITY, .optional = true},
    {0},
};

static const struct field time_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct time_summary, median, "median"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct time_summary, p5, "p5"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct time_summary, p95, "p95"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct time_summary, min, "min"), .high = INFINITY},
    {0},
};

static const struct field both_resources_fields[] = {
    {FIELD(OBJECT, struct comparison, baseline_resources, "baseline"), .fields = resources_fields},
    {FIELD(OBJECT, struct comparison, candidate_resources, "candidate"), .fields = resources_fields},
    {0},
};

static const struct field both_latency_fields[] = {
    {FIELD(OBJECT, struct comparison, baseline_latency, "baseline"), .fields = latency_fields},
    {FIELD(OBJECT, struct comparison, candidate_latency, "candidate"), .fields = latency_fields},
    {0},
};

const struct field comparison_fields[] = {
    {FIELD(TEXT, struct comparison, case_name, "case")},
    {FIELD(TEXT, struct comparison, case_title, "case_title")},
    {FIELD(TEXT, struct comparison, kernel, "kernel")},
    {FIELD(TEXT, struct comparison, item, "item")},
    {FIELD(CUSTOM, struct comparison, point, "point"), .write = point_write, .read = point_read},
    {FIELD(TEXT, struct comparison, baseline, "baseline")},
    {FIELD(TEXT, struct comparison, candidate, "candidate")},
    {FIELD(SIZE, struct comparison, measurement, "measurement")},
    {FIELD(SIZE, struct comparison, baseline_arm, "baseline_arm")},
    {FIELD(SIZE, struct comparison, candidate_arm, "candidate_arm")},
    {FIELD(NAME, struct comparison, verified, "verified"), .names = &verified_names},
    {FIELD(NAME, struct comparison, verdict, "verdict"), .names = &verdict_names},
    {FIELD(OBJECT, struct comparison, limit, "limit"), .fields = limit_fields, .optional = true,
     .sparse = true, .says = has_limit},
    {FIELD(TEXT, struct comparison, reason, "reason")},
    {.key = "speedup", .type = FIELD_OBJECT, .fields = speedup_fields, .check = speedup_check},
    {.key = "target", .type = FIELD_OBJECT, .fields = target_fields},
    {FIELD(OBJECT, struct comparison, placebo, "placebo"), .fields = interval_fields,
     .check = interval_check},
    {FIELD(OBJECT, struct comparison, baseline_time, "baseline_time_ns"), .fields = time_fields},
    {FIELD(OBJECT, struct comparison, candidate_time, "candidate_time_ns"), .fields = time_fields},
    {FIELD_ELEMENTS(struct comparison, counters, counter_count, "counters"), .fields = counter_result_fields},
    {.key = "resources", .type = FIELD_OBJECT, .fields = both_resources_fields},
    {.key = "latency_ns", .type = FIELD_OBJECT, .fields = both_latency_fields},
    {FIELD(NAME, struct comparison, mechanism, "mechanism"), .names = &mechanism_names},
    {FIELD(TEXT, struct comparison, mechanism_text, "mechanism_text")},
    {FIELD(TEXT, struct comparison, noise_text, "noise_text")},
    {FIELD(TEXT, struct comparison, carry_over_text, "carry_over_text")},
    {FIELD(BOOL, struct comparison, identical_code, "identical_code")},
    {0},
};
