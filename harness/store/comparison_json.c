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

#define RATIO(type, member, key, text)                                                                       \
    { FIELD(NUMBER_OR_NULL, type, member, key), .high = INFINITY, .about = text }

const struct field interval_fields[] = {
    RATIO(struct interval, estimate, "estimate", "Point estimate."),
    RATIO(struct interval, low, "low", "Lower end."),
    RATIO(struct interval, high, "high", "Upper end."),
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
const struct field_names verdict_names = {verdict_text, VERDICT_INCONCLUSIVE + 1};
static const struct field_names mechanism_names = {mechanism_text, MECHANISM_HELD + 1};

static const char *limit_text(int value) {
    return limit_kind_name((enum limit_kind)value);
}

static const struct field_names limit_names = {limit_text, LIMITS};

static bool has_limit(const void *object) {
    const struct verdict_limit *limit = object;
    return limit->kind != LIMIT_NONE || limit->comparisons > 0;
}

#define OF_LIMIT(member, text)                                                                               \
    { FIELD(NUMBER_OR_NULL, struct verdict_limit, member, #member), .high = INFINITY, .about = text }

static const struct field limit_fields[] = {
    {FIELD(NAME, struct verdict_limit, kind, "kind"), .names = &limit_names,
     .about = "What limits it: an invalid arm, no sample, links that replicates share, processes "
              "too few for `equivalent`, nothing within reach, the same budget again, a larger one."},
    {FIELD(NAME, struct verdict_limit, fault, "fault"), .names = &fault_names, .about = "Of an invalid arm."},
    {FIELD(NAME, struct verdict_limit, alone, "alone"), .names = &verdict_names,
     .about = "What it would be alone, though not among `comparisons`."},
    OF_LIMIT(comparisons, "That were made; null where the verdict was not taken back."),
    OF_LIMIT(replicates, "That share links."),
    OF_LIMIT(units, "Independent draws: links, or processes."),
    OF_LIMIT(half, "Half-width of the log ratio that would be left."),
    OF_LIMIT(delta, "Smallest difference worth a word."),
    OF_LIMIT(times, "So many times the budget."),
    OF_LIMIT(budget_s, "Budget that is needed, s."),
    OF_LIMIT(needed, "Replicates that are needed; null where they follow from the budget."),
    {0},
};

static const struct field serial_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct comparison, serial.p_value, "p_value"), .high = 1,
     .about = "One-sided; null for fewer than 8 replicates."},
    {FIELD(NUMBER, struct comparison, serial.correlation, "correlation"), .low = -2, .high = 1,
     .about = "Of the ranks of neighbours, corrected for its bias; 0 where not known."},
    {0},
};

static const struct field kinds_fields[] = {
    {FIELD(SIZE, struct comparison, kinds.low_count, "low_count"), .about = "Units of the lower kind."},
    {FIELD(SIZE, struct comparison, kinds.high_count, "high_count"), .about = "Units of the upper kind."},
    RATIO(struct comparison, kinds.low, "low", "Speedup of the lower kind."),
    RATIO(struct comparison, kinds.high, "high", "Speedup of the upper kind."),
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

static json_t *missed_share_schema(void) {
    return json_pack("{s:[s, s], s:i, s:i}", "type", "number", "null", "minimum", 0, "maximum", 1);
}

static json_t *spread_placement_schema(void) {
    return json_pack("{s:[s, s], s:i}", "type", "number", "null", "minimum", 0);
}

static const struct field speedup_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct comparison, speedup.estimate, "estimate"), .low = 1e-12, .high = 1e12,
     .about = "Point estimate."},
    RATIO(struct comparison, speedup.low, "low", "Lower end."),
    RATIO(struct comparison, speedup.high, "high", "Upper end."),
    {FIELD(NUMBER, struct comparison, confidence, "confidence"), .high = 1,
     .about = "Confidence of the interval; in a sequential design that of the intervals at all "
              "looks together."},
    {FIELD(NUMBER_OR_NULL, struct comparison, p_value, "p_value"), .high = 1,
     .about = "Smallest error level at which the verdict, taken alone, holds over all looks (a "
              "repeated p-value in a sequential design); null without a claim. Verdicts are "
              "corrected over the run (Holm)."},
    {FIELD(NUMBER_OR_NULL, struct comparison, spread_round, "spread_round"), .high = INFINITY,
     .about = "Standard deviation of a replicate's log ratio that comes from its rounds."},
    {FIELD(NUMBER_OR_NULL, struct comparison, spread_process, "spread_process"), .high = INFINITY,
     .about = "Standard deviation of the replicates' true log ratios, from process to process; "
              "where spread_layout is null or missing, from link to link of the code as well."},
    {FIELD(NUMBER_OR_NULL, struct comparison, spread_layout, "spread_layout"), .high = INFINITY,
     .optional = true,
     .about = "Standard deviation of the replicates' true log ratios that comes from the placement "
              "of the code, taken from the baseline against itself in another link (placebo); null "
              "without a placebo or with one link."},
    {.key = "spread_placement",
     .type = FIELD_BESIDE,
     .schema = spread_placement_schema,
     .optional = true,
     .about = "Not written any more; files of before spread_layout have it: standard deviation over "
              "replicates of the baseline against itself at another place, rounds taken off."},
    {FIELD(NUMBER_OR_NULL, struct comparison, within_half, "within_half"), .high = INFINITY,
     .about = "Half-width of the within-process interval of the log ratio."},
    {FIELD(NUMBER_OR_NULL, struct comparison, between_half, "between_half"), .high = INFINITY,
     .about = "Half-width of the between-process interval of the log ratio; null for one replicate."},
    {FIELD(SIZE, struct comparison, replicates, "replicates"), .optional = true,
     .about = "Replicates that have samples of both. Absent in files from before it was kept."},
    {FIELD(SIZE, struct comparison, units, "units"), .optional = true,
     .about = "Independent draws that the interval goes over: links where replicates share them, "
              "else replicates."},
    {.key = "missed_share",
     .type = FIELD_CUSTOM,
     .write = missed_share_write,
     .read = missed_share_read,
     .schema = missed_share_schema,
     .optional = true,
     .about = "Largest share of processes that may be of a kind which none of the units was, at 95 "
              "%: 1 - 0.05^(1 / units); null where there is no unit."},
    {.key = "neighbours",
     .type = FIELD_OBJECT,
     .fields = serial_fields,
     .optional = true,
     .about = "Whether neighbouring replicates resemble each other (Bartels 1982). Below a p-value "
              "of 0.01 the interval is wider for it."},
    {.key = "kinds",
     .type = FIELD_OBJECT,
     .fields = kinds_fields,
     .optional = true,
     .about = "Two separated groups of units, where there are; counts are 0 and means null where "
              "there is one kind."},
    {0},
};

static const struct field target_fields[] = {
    {FIELD(NUMBER, struct comparison, target, "speedup"), .high = INFINITY,
     .about = "Speedup aimed at, a ratio."},
    {FIELD(BOOL, struct comparison, target_met, "met"),
     .about = "Whether the whole interval is at or above it at the error level divided by the "
              "number of comparisons, beside a verdict."},
    {FIELD(NUMBER_OR_NULL, struct comparison, target_p_value, "p_value"), .high = 1, .optional = true,
     .about = "Smallest error level at which it is, over all looks. Absent in files from before it "
              "was kept."},
    {0},
};

static const struct field time_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct time_summary, median, "median"), .high = INFINITY,
     .about = "Median, ns an item."},
    {FIELD(NUMBER_OR_NULL, struct time_summary, p5, "p5"), .high = INFINITY,
     .about = "5th percentile, ns an item."},
    {FIELD(NUMBER_OR_NULL, struct time_summary, p95, "p95"), .high = INFINITY,
     .about = "95th percentile, ns an item."},
    {FIELD(NUMBER_OR_NULL, struct time_summary, min, "min"), .high = INFINITY,
     .about = "Smallest, ns an item."},
    {0},
};

static const struct field both_resources_fields[] = {
    {FIELD(OBJECT, struct comparison, baseline_resources, "baseline"), .fields = resources_fields,
     .about = "Of the baseline."},
    {FIELD(OBJECT, struct comparison, candidate_resources, "candidate"), .fields = resources_fields,
     .about = "Of the candidate."},
    {0},
};

static const struct field both_latency_fields[] = {
    {FIELD(OBJECT, struct comparison, baseline_latency, "baseline"), .fields = latency_fields,
     .about = "Of the baseline."},
    {FIELD(OBJECT, struct comparison, candidate_latency, "candidate"), .fields = latency_fields,
     .about = "Of the candidate."},
    {0},
};

static const char *basis_text(int value) {
    return claim_basis_name((enum claim_basis)value);
}

static const char *outcome_text(int value) {
    return claim_outcome_name((enum claim_outcome)value);
}

static const struct field_names basis_names = {basis_text, CLAIM_BASES};
static const struct field_names outcome_names = {outcome_text, CLAIM_OUTCOMES};

static const struct field claim_fields[] = {
    {FIELD(NAME, struct claim, basis, "basis"), .names = &basis_names,
     .about =
         "What it was judged by, or why it was not: the verdict, a counter's number; nothing that gives "
         "the number (no-source), a baseline without any (no-ratio), a simulation of another point alone "
         "(elsewhere)."},
    {FIELD(NAME, struct claim, outcome, "outcome"), .names = &outcome_names,
     .about = "Whether it holds, fails, or cannot be told (open)."},
    {FIELD(TEXT, struct claim, name, "name"), .about = "Name of the counter; empty: the verdict."},
    {FIELD(TEXT, struct claim, variant, "variant"),
     .about = "Variant whose own number an item it is; empty: the ratio of both."},
    {FIELD(TEXT, struct claim, predicted, "predicted"), .about = "The verdict, or the bounds on the number."},
    {FIELD(NAME, struct claim, source, "source"), .names = &source_names,
     .about = "Where the number comes from."},
    {FIELD(OBJECT, struct claim, found, "found"), .fields = interval_fields, .check = interval_check,
     .about = "The number; null: none."},
    {FIELD(BOOL, struct claim, cause, "cause"),
     .about = "Whether it is of a counter that moved as the verdict says, so that it can be the reason."},
    {0},
};

const struct field comparison_fields[] = {
    {FIELD(TEXT, struct comparison, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct comparison, case_title, "case_title"), .about = "Title of the case."},
    {FIELD(TEXT, struct comparison, kernel, "kernel"), .about = "Name of the kernel."},
    {FIELD(TEXT, struct comparison, item, "item"), .about = "What is counted as one item, singular."},
    {FIELD(CUSTOM, struct comparison, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The point."},
    {FIELD(TEXT, struct comparison, baseline, "baseline"), .about = "Variant compared against."},
    {FIELD(TEXT, struct comparison, candidate, "candidate"), .about = "Variant compared."},
    {FIELD(SIZE, struct comparison, measurement, "measurement"), .about = "Index into measurements."},
    {FIELD(SIZE, struct comparison, baseline_arm, "baseline_arm"), .about = "Index into its arms."},
    {FIELD(SIZE, struct comparison, candidate_arm, "candidate_arm"), .about = "Index into its arms."},
    {FIELD(NAME, struct comparison, verified, "verified"), .names = &verified_names,
     .about = "Answers: not compared (no), equal to the baseline (yes), that and accepted by the "
              "kernel's independent check (checked), or wrong."},
    {FIELD(NAME, struct comparison, verdict, "verdict"), .names = &verdict_names,
     .about = "The verdict; see docs/METHOD.md."},
    {FIELD(OBJECT, struct comparison, limit, "limit"), .fields = limit_fields, .optional = true,
     .sparse = true, .says = has_limit,
     .about = "Why it is invalid, or what limits the verdict, with its numbers: `reason` is the "
              "same in words. Absent where nothing does, and in files from before it was kept."},
    {FIELD(TEXT, struct comparison, reason, "reason"),
     .about = "Why invalid, or what limits the verdict; may be empty."},
    {.key = "speedup",
     .type = FIELD_OBJECT,
     .fields = speedup_fields,
     .check = speedup_check,
     .about = "Baseline time / candidate time with its interval; null where invalid."},
    {.key = "target", .type = FIELD_OBJECT, .fields = target_fields, .about = "The speedup aimed at."},
    {FIELD(OBJECT, struct comparison, placebo, "placebo"), .fields = interval_fields, .check = interval_check,
     .about = "Baseline against a second copy of itself; null where there was none."},
    {FIELD(OBJECT, struct comparison, baseline_time, "baseline_time_ns"), .fields = time_fields,
     .about = "Times of the baseline."},
    {FIELD(OBJECT, struct comparison, candidate_time, "candidate_time_ns"), .fields = time_fields,
     .about = "Times of the candidate."},
    {FIELD_ELEMENTS(struct comparison, counters, counter_count, "counters"), .fields = counter_result_fields,
     .about = "Counters an item."},
    {.key = "resources",
     .type = FIELD_OBJECT,
     .fields = both_resources_fields,
     .about = "Medians over the replicates."},
    {.key = "latency_ns",
     .type = FIELD_OBJECT,
     .fields = both_latency_fields,
     .about = "Latencies over the replicates, ns."},
    {FIELD(NAME, struct comparison, mechanism, "mechanism"), .names = &mechanism_names,
     .about = "Whether the case's predictions about counters hold here; none: nothing is predicted."},
    {FIELD_ELEMENTS(struct comparison, claims, claim_count, "claims"), .fields = claim_fields,
     .optional = true, .sparse = true,
     .about = "The claims of the case's predictions that `mechanism` follows from, each judged. Absent where "
              "there are none, and in files from before they were kept."},
    {FIELD(TEXT, struct comparison, mechanism_text, "mechanism_text"),
     .about = "Which prediction held or failed, in words; may be empty."},
    {FIELD(TEXT, struct comparison, noise_text, "noise_text"),
     .about = "What disturbed the comparison, in words, where it mattered; empty otherwise."},
    {FIELD(TEXT, struct comparison, carry_over_text, "carry_over_text"),
     .about = "Whether the order of variants mattered, in words; may be empty."},
    {FIELD(BOOL, struct comparison, identical_code, "identical_code"),
     .about = "Both variants have the same machine code."},
    {0},
};
