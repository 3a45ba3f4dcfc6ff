/* JSON form of two runs beside each other. */
#include "store/change.h"
#include "store/json_file.h"
#include "store/result_json.h"

static const struct field difference_fields[] = {
    {FIELD(TEXT, struct difference, what, "what"), .about = "The key, as a result file has it."},
    {FIELD(TEXT, struct difference, before, "before"),
     .about = "As the first run has it; empty: it does not."},
    {FIELD(TEXT, struct difference, after, "after"),
     .about = "As the second run has it; empty: it does not."},
    {FIELD(BOOL, struct difference, identity, "identity"),
     .about =
         "Whether machines are recognised by it. CPU flags that neither file has count as a difference."},
    {0},
};

#define CHANGE_INTERVAL(member, name)                                                                        \
    FIELD(OBJECT, struct comparison_change, member, name), .fields = interval_fields, .check = interval_check

static const struct field comparison_change_fields[] = {
    {FIELD(TEXT, struct comparison_change, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct comparison_change, kernel, "kernel"), .about = "Name of the kernel."},
    {FIELD(CUSTOM, struct comparison_change, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The point."},
    {FIELD(TEXT, struct comparison_change, baseline, "baseline"), .about = "Variant compared against."},
    {FIELD(TEXT, struct comparison_change, candidate, "candidate"), .about = "Variant compared."},
    {FIELD(NAME, struct comparison_change, before, "before_verdict"), .names = &verdict_names,
     .about = "Verdict of the first run."},
    {FIELD(NAME, struct comparison_change, after, "after_verdict"), .names = &verdict_names,
     .about = "Verdict of the second run."},
    {CHANGE_INTERVAL(before_speedup, "before_speedup"), .about = "Speedup in the first run."},
    {CHANGE_INTERVAL(after_speedup, "after_speedup"), .about = "Speedup in the second run."},
    {FIELD(NAME, struct comparison_change, verdict, "change"), .names = &verdict_names,
     .about =
         "Of the speedup, among all changes: faster: it grew; slower: it shrank; equivalent: neither by more "
         "than delta; invalid: one of the runs has no speedup."},
    {FIELD(NUMBER_OR_NULL, struct comparison_change, p_value, "p_value"), .high = 1,
     .about = "Smallest error level at which the change holds alone; null without one."},
    {CHANGE_INTERVAL(speedup, "speedup_ratio"), .about = "Second run's speedup / first run's."},
    {CHANGE_INTERVAL(placebo, "placebo_ratio"),
     .about = "The same of the placebo: by how much equal code drifted."},
    {CHANGE_INTERVAL(baseline_time, "baseline_time_ratio"),
     .about = "Second run's time of the baseline / first run's; not paired."},
    {CHANGE_INTERVAL(candidate_time, "candidate_time_ratio"), .about = "The same of the candidate."},
    {FIELD(BOOL, struct comparison_change, same_baseline, "same_baseline_code"),
     .about = "The baseline's machine code is known and the same."},
    {FIELD(BOOL, struct comparison_change, same_candidate, "same_candidate_code"),
     .about = "The candidate's machine code is known and the same."},
    {0},
};

static json_t *name_schema(void) {
    return json_pack("{s:s}", "const", CHANGE_SCHEMA);
}

const struct field change_fields[] = {
    {.key = "schema",
     .type = FIELD_BESIDE,
     .schema = name_schema,
     .about = "Name and version of this format."},
    {FIELD(TEXT, struct run_changes, before_id, "before"), .about = "Identity of the first run."},
    {FIELD(TEXT, struct run_changes, after_id, "after"), .about = "Identity of the second run."},
    {FIELD(NUMBER, struct run_changes, delta, "delta"), .high = 1,
     .about = "Smallest relative change worth a word: the larger one of both runs."},
    {FIELD(NUMBER, struct run_changes, confidence, "confidence"), .high = 1,
     .about = "Confidence of the intervals: the smaller one of both runs."},
    {FIELD(BOOL, struct run_changes, same_machine, "same_machine"),
     .about = "Nothing by which machines are recognised differs."},
    {FIELD_ELEMENTS(struct run_changes, differences, difference_count, "differences"),
     .fields = difference_fields, .about = "What the files say differently of machine, settings and builds."},
    {FIELD_ELEMENTS(struct run_changes, comparisons, comparison_count, "comparisons"),
     .fields = comparison_change_fields, .about = "Comparisons that both runs have."},
    {FIELD(SIZE, struct run_changes, before_alone.count, "before_alone"),
     .about = "Comparisons that the first run alone has."},
    {FIELD(SIZE, struct run_changes, after_alone.count, "after_alone"),
     .about = "Comparisons that the second run alone has."},
    {FIELD(SIZE, struct run_changes, drift_count, "drift_times"),
     .about = "Times of variants whose machine code is the same in both runs."},
    {FIELD(NUMBER_OR_NULL, struct run_changes, drift_low, "drift_low"), .high = INFINITY,
     .about = "The smallest ratio of these times, second run / first."},
    {FIELD(NUMBER_OR_NULL, struct run_changes, drift_median, "drift_median"), .high = INFINITY,
     .about = "The median ratio."},
    {FIELD(NUMBER_OR_NULL, struct run_changes, drift_high, "drift_high"), .high = INFINITY,
     .about = "The largest ratio."},
    {0},
};

int run_changes_print_json(const struct run_changes *changes, FILE *stream) {
    json_t *json = NULL;
    int error = fields_write(change_fields, changes, &json, NULL, NULL);
    if (!error)
        error = json_put(json, "schema", json_string(CHANGE_SCHEMA));
    if (!error)
        error = json_file_print(json, stream);
    json_decref(json);
    return error;
}
