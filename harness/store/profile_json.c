/* JSON form of a profile; written alone. */
#include "store/profile.h"

#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>

static const char *bound_text(int value) {
    return bound_name((enum bound)value);
}

static const struct field_names bound_names = {bound_text, BOUND_WAITING + 1};

static const struct field count_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct profile_count, value, "value")},
    {FIELD(NAME, struct profile_count, source, "source"), .names = &source_names},
    {0},
};

#define COUNT(member, name)                                                                                  \
    { FIELD(OBJECT, struct bound_evidence, member, name), .fields = count_fields }

static const struct field evidence_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, time_ns, "time_ns")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, user_ns, "user_ns")},
    {FIELD(UNSIGNED, struct bound_evidence, threads, "threads")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, user, "user_share")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, system, "system_share")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, queued, "queued_share")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, waiting, "waiting_share")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, others, "other_load_share")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, runtime, "runtime_share")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, voluntary_switches, "voluntary_switches")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, faults, "page_faults")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, ghz, "core_ghz")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, working_set_bytes, "working_set_bytes")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, miss_least_ns, "miss_least_ns")},
    {FIELD(NUMBER_OR_NULL, struct bound_evidence, miss_most_ns, "miss_most_ns")},
    COUNT(instructions, "instructions"),
    COUNT(branch_misses, "branch_misses"),
    COUNT(l1d_misses, "l1d_misses"),
    COUNT(llc_misses, "llc_misses"),
    COUNT(l1i_misses, "l1i_misses"),
    {FIELD(TEXT, struct bound_evidence, uncounted, "uncounted")},
    {0},
};

static const struct field shares_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct bound_shares, cycles, "cycles")},
    {FIELD(NUMBER_OR_NULL, struct bound_shares, core, "core")},
    {FIELD(NUMBER_OR_NULL, struct bound_shares, branches, "branches")},
    {FIELD(NUMBER_OR_NULL, struct bound_shares, front_end, "front_end")},
    {FIELD(NUMBER_OR_NULL, struct bound_shares, memory_least, "memory_least")},
    {FIELD(NUMBER_OR_NULL, struct bound_shares, memory_most, "memory_most")},
    {0},
};

static const struct field judgement_fields[] = {
    {FIELD(NAME, struct bound_judgement, bound, "bound"), .names = &bound_names},
    {FIELD(TEXT, struct bound_judgement, text, "text")},
    {FIELD(OBJECT, struct bound_judgement, shares, "shares"), .fields = shares_fields},
    {0},
};

static const struct field place_fields[] = {
    {FIELD(TEXT, struct profile_place, function, "function")},
    {FIELD(TEXT, struct profile_place, file, "file")},
    {FIELD(UNSIGNED, struct profile_place, line, "line")},
    {FIELD(TEXT, struct profile_place, source, "text")},
    {FIELD(NUMBER_OR_NULL, struct profile_place, share, "share")},
    {FIELD(NUMBER_OR_NULL, struct profile_place, instructions, "instructions")},
    {FIELD(NUMBER_OR_NULL, struct profile_place, l1d_misses, "l1d_misses")},
    {FIELD(NUMBER_OR_NULL, struct profile_place, llc_misses, "llc_misses")},
    {FIELD(NUMBER_OR_NULL, struct profile_place, branch_misses, "branch_misses")},
    {0},
};

static int write_places(const struct profile_place *places, size_t count, json_t **json,
                        struct problem *problem) {
    int error = (*json = json_array()) ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && !error; i++) {
        json_t *place = NULL;
        error = fields_write(place_fields, &places[i], &place, NULL, problem);
        if (error)
            json_decref(place);
        else
            error = json_append(*json, place);
    }
    return error;
}

static int write_functions(const void *object, json_t **json, const struct json_place *place,
                           struct problem *problem) {
    const struct profile_variant *variant = object;
    (void)place;
    return write_places(variant->functions, variant->function_count, json, problem);
}

static int write_lines(const void *object, json_t **json, const struct json_place *place,
                       struct problem *problem) {
    const struct profile_variant *variant = object;
    (void)place;
    return write_places(variant->lines, variant->line_count, json, problem);
}

static int write_notes(const void *object, json_t **json, const struct json_place *place,
                       struct problem *problem) {
    const struct profile_variant *variant = object;
    (void)place;
    (void)problem;
    int error = (*json = json_array()) ? 0 : -ENOMEM;
    for (size_t i = 0; i < variant->note_count && !error; i++)
        error = json_append(*json, json_text(variant->notes[i], sizeof variant->notes[i]));
    return error;
}

static const struct field variant_fields[] = {
    {FIELD(TEXT, struct profile_variant, variant, "variant")},
    {FIELD(BOOL, struct profile_variant, baseline, "baseline")},
    {FIELD(TEXT, struct profile_variant, invalid, "invalid")},
    {FIELD(OBJECT, struct profile_variant, judgement, "judgement"), .fields = judgement_fields},
    {FIELD(OBJECT, struct profile_variant, evidence, "evidence"), .fields = evidence_fields},
    {FIELD(NAME, struct profile_variant, source, "source"), .names = &source_names},
    {FIELD(TEXT, struct profile_variant, tool, "tool")},
    {FIELD(TEXT, struct profile_variant, reason, "reason")},
    {FIELD(SIZE, struct profile_variant, samples, "samples")},
    {.key = "functions", .type = FIELD_CUSTOM, .write = write_functions},
    {.key = "lines", .type = FIELD_CUSTOM, .write = write_lines},
    {.key = "notes", .type = FIELD_CUSTOM, .write = write_notes},
    {0},
};

static const struct field profile_fields[] = {
    {FIELD(TEXT, struct profile, case_name, "case")},
    {FIELD(TEXT, struct profile, title, "title")},
    {FIELD(TEXT, struct profile, command, "command")},
    {FIELD(TEXT, struct profile, kernel, "kernel")},
    {FIELD(TEXT, struct profile, item, "item")},
    {FIELD(TEXT, struct profile, module, "module")},
    {FIELD(CUSTOM, struct profile, point, "point"), .write = point_write},
    {FIELD(BOOL, struct profile, scaled, "scaled")},
    {FIELD(NUMBER_OR_NULL, struct profile, items, "items")},
    {FIELD(TEXT, struct profile, caches, "caches")},
    {FIELD_ELEMENTS(struct profile, variants, variant_count, "variants"), .fields = variant_fields},
    {0},
};

int profile_print_json(const struct profile *profile, FILE *stream) {
    json_t *fields = NULL, *json = json_object();
    struct problem problem;
    int error = json_put(json, "schema", json_string(PROFILE_SCHEMA));
    if (!error)
        error = fields_write(profile_fields, profile, &fields, NULL, &problem);
    if (!error && json_object_update(json, fields))
        error = -ENOMEM;
    if (!error)
        error = json_file_print(json, stream);
    json_decref(fields);
    json_decref(json);
    return error;
}
