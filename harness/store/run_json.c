/* JSON form of a whole run. */
#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct field settings_fields[] = {
    {FIELD(TEXT, struct run_settings, points, "points")},
    {FIELD(NUMBER, struct run_settings, budget_s, "budget_s"), .high = INFINITY},
    {FIELD(NUMBER, struct run_settings, delta, "delta"), .high = 1},
    {FIELD(NUMBER, struct run_settings, confidence, "confidence"), .high = 1},
    {FIELD(TEXT, struct run_settings, design, "design"), .optional = true},
    {FIELD(UNSIGNED, struct run_settings, replicates, "replicates")},
    {FIELD(UNSIGNED, struct run_settings, looks, "looks")},
    {FIELD(TEXT, struct run_settings, design, "design"), .optional = true},
    {FIELD(SEED, struct run_settings, seed, "seed")},
    {FIELD(TEXT, struct run_settings, state, "state")},
    {FIELD(TEXT, struct run_settings, layout, "layout")},
    {FIELD(TEXT, struct run_settings, cpus, "cpus")},
    {FIELD(TEXT, struct run_settings, cpu_reason, "cpu_reason")},
    {FIELD(BOOL, struct run_settings, counters, "counters")},
    {FIELD(BOOL, struct run_settings, placebo, "placebo")},
    {FIELD(BOOL, struct run_settings, simulate, "simulate"), .optional = true},
    {FIELD(NUMBER, struct run_settings, simulation_budget_s, "simulation_budget_s"), .high = INFINITY,
     .optional = true},
    {0},
};

/* Compiler and flags belong to each measurement's module; which kind of module was asked for, to the run. */
static const struct field build_fields[] = {
    {FIELD(TEXT, struct run, settings.build, "kind")},
    {0},
};

static const struct field skipped_fields[] = {
    {FIELD(TEXT, struct skipped, case_name, "case")},
    {FIELD(CUSTOM, struct skipped, point, "point"), .write = point_write, .read = point_read},
    {FIELD(TEXT, struct skipped, variant, "variant")},
    {FIELD(TEXT, struct skipped, reason, "reason")},
    {0},
};

static const char *outcome_text(int value) {
    return mechanism_name((enum mechanism)value);
}

static const struct field_names outcome_names = {outcome_text, MECHANISM_UNMEASURED + 1};

static int crossover_check(const void *object, const struct json_place *place, struct problem *problem) {
    const struct crossover_prediction *crossover = object;
    if (crossover->low > crossover->high)
        return json_problem(place, problem, "low %g is above high %g", crossover->low, crossover->high);
    if (crossover->first > crossover->last)
        return json_problem(place, problem, "first %" PRId64 " is above last %" PRId64, crossover->first,
                            crossover->last);
    return 0;
}

static const struct field crossover_range_fields[] = {
    {FIELD(TEXT, struct crossover_prediction, parameter, "parameter")},
    {FIELD(NUMBER, struct crossover_prediction, low, "low")},
    {FIELD(NUMBER, struct crossover_prediction, high, "high")},
    {FIELD(INT64, struct crossover_prediction, first, "first")},
    {FIELD(INT64, struct crossover_prediction, last, "last")},
    {0},
};

static const struct field crossover_fields[] = {
    {FIELD(TEXT, struct crossover_prediction, case_name, "case")},
    {FIELD(TEXT, struct crossover_prediction, baseline, "baseline")},
    {FIELD(TEXT, struct crossover_prediction, candidate, "candidate")},
    {FIELD(CUSTOM, struct crossover_prediction, point, "point"), .write = point_write, .read = point_read},
    {.key = "range", .type = FIELD_OBJECT, .fields = crossover_range_fields, .check = crossover_check},
    {FIELD(NAME, struct crossover_prediction, outcome, "outcome"), .names = &outcome_names},
    {FIELD(TEXT, struct crossover_prediction, text, "text")},
    {0},
};

static const struct field case_plan_fields[] = {
    {FIELD(TEXT, struct case_plan, case_name, "case")},
    {FIELD(OBJECT, struct case_plan, plan, "counter_plan"), .fields = counter_plan_fields},
    {0},
};

const struct field run_fields[] = {
    {FIELD(TEXT, struct run, id, "id")},
    {FIELD(TEXT, struct run, started, "started")},
    {FIELD(NUMBER, struct run, duration_s, "duration_s"), .high = INFINITY},
    {FIELD(STRING, struct run, command, "command")},
    {FIELD(TEXT, struct run, version, "version")},
    {FIELD(BOOL, struct run, complete, "complete")},
    {FIELD(OBJECT, struct run, host, "host"), .fields = fingerprint_fields},
    {.key = "build", .type = FIELD_OBJECT, .fields = build_fields},
    {FIELD(OBJECT, struct run, settings, "settings"), .fields = settings_fields},
    {FIELD(OBJECT, struct run, counter_plan, "counter_plan"), .fields = counter_plan_fields},
    {FIELD_ELEMENTS(struct run, case_plans, case_plan_count, "case_counter_plans"),
     .fields = case_plan_fields, .optional = true},
    {FIELD_ELEMENTS(struct run, comparisons, comparison_count, "comparisons"), .fields = comparison_fields},
    {FIELD_ELEMENTS(struct run, crossovers, crossover_count, "crossovers"), .fields = crossover_fields,
     .optional = true},
    {FIELD_ELEMENTS(struct run, skipped, skipped_count, "skipped"), .fields = skipped_fields},
    {FIELD_ELEMENTS(struct run, measurements, measurement_count, "measurements"),
     .fields = measurement_fields},
    {0},
};

/* What came from a file keeps that file's digest, or none: writing it again must not vouch for a change. */
int digest_write(const struct file_digest *digest, json_t *document) {
    char text[JSON_DIGEST];
    if (digest->state == DIGEST_ABSENT || digest->state == DIGEST_REMOVED)
        return 0;
    if (digest->state != DIGEST_NEW)
        return json_put(document, "digest", json_string(digest->text));
    int error = json_digest(document, text);
    return error ? error : json_put(document, "digest", json_string(text));
}

/* Versions from 0.2 on write a digest. */
static bool has_digest(const char *version) {
    unsigned major = 0, minor = 0;
    return sscanf(version, "%u.%u", &major, &minor) != 2 || major > 0 || minor >= 2;
}

int digest_read(const json_t *document, const char *version, struct file_digest *digest,
                struct problem *problem) {
    const json_t *member = json_object_get(document, "digest");
    struct json_place place = {NULL, "digest", 0};
    char text[JSON_DIGEST];
    _Static_assert(sizeof text <= sizeof digest->text, "a file's digest fits");
    if (!member) {
        digest->state = has_digest(version) ? DIGEST_REMOVED : DIGEST_ABSENT;
        return 0;
    }
    int error = json_read_text(member, digest->text, sizeof digest->text, &place, problem);
    if (!error && json_digest(document, text))
        error = problem_set(problem, ENOMEM, "out of memory");
    if (!error)
        digest->state = strcmp(text, digest->text) == 0 ? DIGEST_HOLDS : DIGEST_BROKEN;
    return error;
}

int run_to_json(const struct run *run, json_t **json, struct problem *problem) {
    json_t *body = NULL, *document = NULL;
    int error = check_references(run, problem);
    if (!error)
        error = fields_write(run_fields, run, &body, NULL, problem);
    if (!error) {
        document = json_object();
        error = document ? json_put(document, "schema", json_string(RESULT_SCHEMA)) : -ENOMEM;
    }
    if (!error)
        error = json_object_update(document, body) ? -ENOMEM : 0;
    if (!error)
        error = digest_write(&run->digest, document);
    json_decref(body);
    if (error) {
        json_decref(document);
        return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
    }
    *json = document;
    return 0;
}

static int check_schema(const json_t *json, struct problem *problem) {
    const json_t *schema = NULL;
    struct json_place place = {NULL, "schema", 0};
    if (!json_is_object(json))
        return json_type_problem(NULL, json, "an object with schema " RESULT_SCHEMA, problem);
    int error = json_get(json, "schema", &schema, NULL, problem);
    if (error)
        return error;
    if (!json_is_string(schema))
        return json_type_problem(&place, schema, "\"" RESULT_SCHEMA "\"", problem);
    if (strcmp(json_string_value(schema), RESULT_SCHEMA) != 0)
        return json_problem(&place, problem, "expected \"" RESULT_SCHEMA "\", got \"%.60s\"%s",
                            json_string_value(schema),
                            strncmp(json_string_value(schema), "countersign.run/", 16) == 0
                                ? ": the file was written by another version of countersign"
                                : ": this is not a result file of countersign");
    return 0;
}

int run_from_json(const json_t *json, struct run *run, struct problem *problem) {
    memset(run, 0, sizeof *run);
    int error = check_schema(json, problem);
    if (!error)
        error = fields_read(run_fields, json, run, NULL, problem);
    if (!error)
        error = check_references(run, problem);
    if (!error)
        error = check_possible(run, problem);
    if (!error)
        error = digest_read(json, run->version, &run->digest, problem);
    if (error)
        run_clear(run);
    return error;
}
