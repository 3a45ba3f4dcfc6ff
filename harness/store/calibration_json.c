/* JSON form of a calibration. */
#include "store/calibration.h"

#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>
#include <stdlib.h>

static const char *verdict_text(int value) {
    return verdict_name((enum verdict)value);
}

static const struct field_names verdict_names = {verdict_text, VERDICT_INCONCLUSIVE + 1};

static const struct field settings_fields[] = {
    {FIELD(NUMBER, struct run_settings, budget_s, "budget_s")},
    {FIELD(NUMBER, struct run_settings, delta, "delta")},
    {FIELD(NUMBER, struct run_settings, confidence, "confidence")},
    {FIELD(UNSIGNED, struct run_settings, replicates, "replicates")},
    {FIELD(SEED, struct run_settings, seed, "seed")},
    {FIELD(TEXT, struct run_settings, state, "state")},
    {FIELD(TEXT, struct run_settings, layout, "layout")},
    {FIELD(TEXT, struct run_settings, build, "build")},
    {FIELD(TEXT, struct run_settings, cpus, "cpus")},
    {FIELD(TEXT, struct run_settings, cpu_reason, "cpu_reason")},
    {0},
};

static const struct field calibration_fields[] = {
    {FIELD(TEXT, struct calibration, id, "id")},
    {FIELD(TEXT, struct calibration, started, "started")},
    {FIELD(NUMBER, struct calibration, duration_s, "duration_s")},
    {FIELD(TEXT, struct calibration, version, "version")},
    {FIELD(BOOL, struct calibration, complete, "complete")},
    {FIELD(OBJECT, struct calibration, host, "host"), .fields = fingerprint_fields},
    {FIELD(OBJECT, struct calibration, settings, "settings"), .fields = settings_fields},
    {FIELD(BOOL, struct calibration, neighbour, "neighbour")},
    {FIELD(UINT64, struct calibration, l2_bytes, "l2_bytes")},
    {FIELD(UINT64, struct calibration, dram_bytes, "dram_bytes")},
    {FIELD(UNSIGNED, struct calibration, tries_a_pair, "tries_a_pair")},
    {FIELD(UNSIGNED, struct calibration, placebo_tries, "placebo_tries")},
    {FIELD(BOOL, struct calibration, until_settled, "until_settled")},
    {0},
};

static const struct field kind_fields[] = {
    {FIELD(TEXT, struct calibration_kind, name, "kind")},
    {FIELD(TEXT, struct calibration_kind, group, "group")},
    {FIELD(UNSIGNED, struct calibration_kind, threads, "threads")},
    {FIELD(BOOL, struct calibration_kind, sized, "sized")},
    {FIELD(BOOL, struct calibration_kind, swapped, "swapped")},
    {FIELD(TEXT, struct calibration_kind, skipped, "skipped")},
    {0},
};

static const struct field try_fields[] = {
    {FIELD(UNSIGNED, struct calibration_try, number, "number")},
    {FIELD(SEED, struct calibration_try, seed, "seed")},
    {FIELD(NAME, struct calibration_try, verdict, "verdict"), .names = &verdict_names},
    {FIELD(OBJECT, struct calibration_try, speedup, "speedup"), .fields = interval_fields},
    {FIELD(OBJECT, struct calibration_try, placebo, "placebo"), .fields = interval_fields},
    {FIELD(NUMBER, struct calibration_try, duration_s, "duration_s")},
    {FIELD(TEXT, struct calibration_try, noise_text, "noise_text")},
    {FIELD(TEXT, struct calibration_try, reason, "reason")},
    {0},
};

static const struct field cell_fields[] = {
    {FIELD(SIZE, struct calibration_cell, tries, "tries")},
    {FIELD(SIZE, struct calibration_cell, invalid, "invalid")},
    {FIELD(SIZE, struct calibration_cell, told_apart, "told_apart")},
    {FIELD(SIZE, struct calibration_cell, claimed, "claimed")},
    {FIELD(SIZE, struct calibration_cell, wrong, "wrong_direction")},
    {FIELD(NUMBER_OR_NULL, struct calibration_cell, measured, "measured")},
    {FIELD(NUMBER_OR_NULL, struct calibration_cell, half_width, "half_width")},
    {0},
};

static const struct field row_fields[] = {
    {FIELD(OBJECT, struct calibration_row, false_claims, "false_claim_rate"), .fields = interval_fields},
    {FIELD(SIZE, struct calibration_row, wrong, "wrong_direction")},
    {FIELD(SIZE, struct calibration_row, invalid, "invalid")},
    {FIELD(NUMBER_OR_NULL, struct calibration_row, smallest, "smallest")},
    {FIELD(NUMBER_OR_NULL, struct calibration_row, try_s, "seconds_a_try")},
    {0},
};

/* Appends `fields` of an object to `json`. */
static int add_fields(json_t *json, const struct field *fields, const void *object, struct problem *problem) {
    json_t *more = NULL;
    int error = fields_write(fields, object, &more, NULL, problem);
    if (!error && json_object_update(json, more))
        error = -ENOMEM;
    json_decref(more);
    return error;
}

static int add_tries(const struct calibration *calibration, json_t *array, struct problem *problem) {
    int error = 0;
    for (size_t i = 0; !error && i < calibration->try_count; i++) {
        const struct calibration_try *item = &calibration->tries[i];
        json_t *entry = json_object();
        error = json_append(array, entry);
        if (!error)
            error = json_put(entry, "kind", json_string(calibration->kinds[item->kind].name));
        if (!error)
            error = json_put(entry, "planted", json_real(calibration->sizes[item->size]));
        if (!error)
            error = add_fields(entry, try_fields, item, problem);
    }
    return error;
}

static int add_row(const struct calibration *calibration, const struct calibration_row *row, json_t *json,
                   struct problem *problem) {
    json_t *sizes = json_array();
    int error = add_fields(json, row_fields, row, problem);
    if (!error)
        error = json_put(json, "sizes", json_incref(sizes));
    for (size_t size = 0; !error && size < calibration->size_count; size++) {
        json_t *entry = json_object();
        error = json_append(sizes, entry);
        if (!error)
            error = json_put(entry, "planted", json_real(calibration->sizes[size]));
        if (!error)
            error = add_fields(entry, cell_fields, &row->cells[size], problem);
    }
    json_decref(sizes);
    return error;
}

static int add_summary(const struct calibration *calibration, const struct calibration_summary *summary,
                       json_t *json, struct problem *problem) {
    json_t *kinds = json_array(), *all = json_object();
    int error = json_put(json, "kept", json_boolean(summary->kept));
    for (size_t kind = 0; !error && kind < calibration->kind_count; kind++) {
        json_t *entry = json_object();
        error = json_append(kinds, entry);
        if (!error)
            error = add_fields(entry, kind_fields, &calibration->kinds[kind], problem);
        if (!error)
            error = add_row(calibration, &summary->kinds[kind], entry, problem);
    }
    if (!error)
        error = json_put(json, "kinds", json_incref(kinds));
    if (!error)
        error = add_row(calibration, &summary->all, all, problem);
    if (!error)
        error = json_put(json, "all", json_incref(all));
    json_decref(kinds);
    json_decref(all);
    return error;
}

/* The whole document; *json is the caller's, on failure too (and may be NULL). */
static int to_json(const struct calibration *calibration, json_t **json, struct problem *problem) {
    struct calibration_summary *summary = malloc(sizeof *summary);
    int error = summary ? calibration_summarize(calibration, summary) : -ENOMEM;
    json_t *conclusions = json_object(), *tries = json_array();
    *json = json_object();
    if (!error)
        error = *json && conclusions && tries ? 0 : -ENOMEM;
    if (!error)
        error = json_put(*json, "schema", json_string(CALIBRATION_SCHEMA));
    if (!error)
        error = add_fields(*json, calibration_fields, calibration, problem);
    if (!error)
        error = add_summary(calibration, summary, conclusions, problem);
    if (!error)
        error = json_put(*json, "summary", json_incref(conclusions));
    if (!error)
        error = add_tries(calibration, tries, problem);
    if (!error)
        error = json_put(*json, "tries", json_incref(tries));
    json_decref(conclusions);
    json_decref(tries);
    free(summary);
    return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
}

int calibration_save(const struct calibration *calibration, const char *path, struct problem *problem) {
    json_t *json = NULL;
    int error = to_json(calibration, &json, problem);
    if (!error)
        error = json_file_save(json, path, problem);
    json_decref(json);
    return error;
}

int calibration_print_json(const struct calibration *calibration, FILE *stream) {
    json_t *json = NULL;
    int error = to_json(calibration, &json, NULL);
    if (!error)
        error = json_file_print(json, stream);
    json_decref(json);
    return error;
}
