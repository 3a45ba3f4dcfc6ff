/* JSON form of counters: how each was counted, and what it counted. */
#include "store/result_json.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char *source_text(int value) {
    return counter_source_name((enum counter_source)value);
}

static const char *trust_text(int value) {
    return counter_trust_name((enum counter_trust)value);
}

const struct field_names source_names = {source_text, SOURCE_APP + 1};
static const struct field_names trust_names = {trust_text, TRUST_UNTRUSTED + 1};

const struct field counter_entry_fields[] = {
    {FIELD(NAME, struct counter_plan_entry, source, "source"), .names = &source_names,
     .about = "Where the number comes from: a PAPI event (hw), perf_event's generic events "
              "(hw-generic), software events, /proc or getrusage (sw), the calibrated clock "
              "(clock), simulation (sim), the kernel itself (app), or nowhere (none)."},
    {FIELD(NAME, struct counter_plan_entry, trust, "trust"), .names = &trust_names,
     .about = "Grade of the self-test; untrusted events enter no table and no verdict."},
    {FIELD(UNSIGNED, struct counter_plan_entry, set, "set"),
     .about = "Events of one set are counted together; meaningless for source none."},
    {FIELD(TEXT, struct counter_plan_entry, native, "native"), .about = "What is programmed or read."},
    {FIELD(TEXT, struct counter_plan_entry, reason, "reason"),
     .about = "Why absent, degraded or untrusted; empty where trusted."},
    {FIELD(TEXT, struct counter_plan_entry, remedy, "remedy"), .about = "What would help; may be empty."},
    {FIELD(NUMBER_OR_NULL, struct counter_plan_entry, relative_error, "relative_error"), .high = INFINITY,
     .about = "Relative error found by the self-test; null where not graded."},
    {0},
};

static int entries_write(const void *object, json_t **json, const struct json_place *place,
                         struct problem *problem) {
    const struct counter_plan *plan = object;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (int i = 0; !error && i < COUNTER_EVENTS; i++) {
        const char *name = counter_plan_name(plan, (enum counter_event)i);
        struct json_place inner = {place, name, 0};
        json_t *entry = NULL;
        if (!counter_plan_has(plan, (enum counter_event)i))
            continue;
        error = fields_write(counter_entry_fields, &plan->entries[i], &entry, &inner, problem);
        if (!error)
            error = json_put(*json, name, entry);
    }
    return error;
}

/* A key that is not in the vocabulary is a native event: the next slot's. */
static int read_native_names(const json_t *json, struct counter_plan *plan, const struct json_place *place,
                             struct problem *problem) {
    const char *key = NULL;
    json_t *entry = NULL;
    size_t count = 0;
    json_object_foreach((json_t *)json, key, entry) {
        struct json_place inner = {place, key, 0};
        if (counter_event_by_name(key) != COUNTER_EVENTS)
            continue;
        if (!counter_is_native_name(key))
            return json_problem(&inner, problem, "no such counter; `countersign list` shows them");
        if (count == COUNTER_NATIVE_EVENTS)
            return json_problem(&inner, problem, "expected at most %d events beside the vocabulary",
                                COUNTER_NATIVE_EVENTS);
        memcpy(plan->native_events[count++], key, strlen(key) + 1);
    }
    return 0;
}

/* The vocabulary grew by these; a file keeps to that of its day. */
static bool came_later(int event) {
    return counter_event_info[event].later;
}

#define NATIVE_PATTERN "^.*[^a-z0-9-].*$" /* of a name that no event of the vocabulary has */

/* The schema of an object with a key for each event, made by `value`; native events are keys, too. */
static json_t *events_schema(json_t *(*value)(void), const char *unit) {
    json_t *properties = json_object(), *native = value();
    int error = properties ? 0 : -ENOMEM;
    for (int i = 0; !error && i < COUNTER_VOCABULARY; i++) {
        const struct counter_event_info *info = &counter_event_info[i];
        json_t *json = value();
        error = json_put(properties, info->name, json);
        if (!error)
            error = json_put(json, "description",
                             json_sprintf("%c%s. %s: %s.", toupper((unsigned char)info->summary[0]),
                                          info->summary + 1, unit, info->unit));
    }
    if (!error)
        error = native ? json_put(native, "description", json_string("A native event.")) : -ENOMEM;
    json_t *json = error ? NULL
                         : json_pack("{s:s, s:O, s:{s:O}, s:b}", "type", "object", "properties", properties,
                                     "patternProperties", NATIVE_PATTERN, native, "additionalProperties", 0);
    json_decref(properties);
    json_decref(native);
    return json;
}

static json_t *entry_reference(void) {
    return schema_reference("plan_entry");
}

static json_t *entries_schema(void) {
    json_t *json = events_schema(entry_reference, "Unit"), *required = json_array();
    int error = json && required ? 0 : -ENOMEM;
    for (int i = 0; !error && i < COUNTER_VOCABULARY; i++)
        if (!came_later(i))
            error = json_append(required, json_string(counter_event_info[i].name));
    if (!error)
        error = json_put(json, "maxProperties", json_integer(COUNTER_EVENTS));
    if (!error)
        error = json_put(json, "required", json_incref(required));
    json_decref(required);
    if (!error)
        return json;
    json_decref(json);
    return NULL;
}

static int entries_read(const json_t *json, void *object, const struct json_place *place,
                        struct problem *problem) {
    struct counter_plan *plan = object;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    int error = read_native_names(json, plan, place, problem);
    for (int i = 0; !error && i < COUNTER_EVENTS; i++) {
        const char *name = counter_plan_name(plan, (enum counter_event)i);
        struct json_place inner = {place, name, 0};
        const json_t *entry = *name ? json_object_get(json, name) : NULL;
        plan->entries[i].relative_error = NAN;
        plan->entries[i].unlisted = !entry && came_later(i);
        if (!*name || plan->entries[i].unlisted)
            continue;
        error = json_get(json, name, &entry, place, problem);
        if (!error)
            error = fields_read(counter_entry_fields, entry, &plan->entries[i], &inner, problem);
    }
    return error;
}

const struct field counter_plan_fields[] = {
    {FIELD(TEXT, struct counter_plan, papi_version, "papi_version"),
     .about = "Version of PAPI; empty where it could not be used."},
    {FIELD(TEXT, struct counter_plan, papi_reason, "papi_reason"),
     .about = "Why PAPI gives no hardware counter; empty where it does."},
    {FIELD(TEXT, struct counter_plan, pmu, "pmu"),
     .about = "Performance monitoring unit in use; empty for none."},
    {FIELD(UNSIGNED, struct counter_plan, sets, "sets"), .about = "Number of sets of events."},
    {FIELD(UNSIGNED, struct counter_plan, pmu_type, "pmu_type"), .optional = true,
     .about = "Hybrid CPU: perf_event's type of the PMU whose events are counted; 0 on others."},
    {FIELD(TEXT, struct counter_plan, pmu_cpus, "pmu_cpus"), .optional = true,
     .about = "Hybrid CPU: the CPUs that this PMU counts on; empty on others."},
    {.key = "events",
     .type = FIELD_CUSTOM,
     .write = entries_write,
     .read = entries_read,
     .schema = entries_schema,
     .about = "Every event of the vocabulary that the writing version had, and the native events "
              "that were asked for by name."},
    {0},
};

const struct field counter_result_fields[] = {
    {FIELD(TEXT, struct counter_result, name, "name"),
     .about = "Name of the event or of the kernel's own counter."},
    {FIELD(TEXT, struct counter_result, unit, "unit"), .about = "Unit, singular."},
    {FIELD(NAME, struct counter_result, source, "source"), .names = &source_names,
     .about = "Where the number comes from: a PAPI event (hw), perf_event's generic events "
              "(hw-generic), software events, /proc or getrusage (sw), the calibrated clock "
              "(clock), simulation (sim), the kernel itself (app), or nowhere (none)."},
    {FIELD(NAME, struct counter_result, trust, "trust"), .names = &trust_names,
     .about = "Grade of the self-test; untrusted events enter no table and no verdict."},
    {FIELD(NUMBER_OR_NULL, struct counter_result, baseline, "baseline"),
     .about = "Count an item of the baseline; null: absent."},
    {FIELD(NUMBER_OR_NULL, struct counter_result, candidate, "candidate"),
     .about = "Count an item of the candidate; null: absent."},
    {FIELD(OBJECT, struct counter_result, baseline_interval, "baseline_interval"), .fields = interval_fields,
     .check = interval_check, .optional = true,
     .about = "Count an item of the baseline, mean and interval over replicates; low and high are "
              "the value itself where it is exact (sim)."},
    {FIELD(OBJECT, struct counter_result, candidate_interval, "candidate_interval"),
     .fields = interval_fields, .check = interval_check, .optional = true,
     .about = "The same of the candidate."},
    {FIELD(OBJECT, struct counter_result, ratio, "ratio"), .fields = interval_fields, .check = interval_check,
     .about = "Candidate / baseline; null: absent, or a baseline of 0."},
    {FIELD(TEXT, struct counter_result, reason, "reason"),
     .about = "Why absent or degraded; empty otherwise."},
    {FIELD(BOOL, struct counter_result, predicted, "predicted"), .optional = true,
     .about = "Whether a prediction of the case names it."},
    {0},
};

static const char *name_of(int event, const char (*native)[COUNTER_NAME]) {
    if (event < COUNTER_NATIVE_0)
        return counter_event_info[event].name;
    return native ? native[event - COUNTER_NATIVE_0] : "";
}

int counts_write_named(const double *counts, const char (*native)[COUNTER_NAME], json_t **json) {
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (int i = 0; !error && i < COUNTER_EVENTS; i++)
        if (number_is_possible(counts[i]) && *name_of(i, native))
            error = json_put(*json, name_of(i, native), json_real(counts[i]));
    return error;
}

int counts_read_named(const json_t *json, double *counts, const char (*native)[COUNTER_NAME],
                      const struct json_place *place, struct problem *problem) {
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    for (int i = 0; i < COUNTER_EVENTS; i++)
        counts[i] = NAN;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)json, key, value) {
        struct json_place inner = {place, key, 0};
        int event = 0;
        while (event < COUNTER_EVENTS && (!*key || strcmp(key, name_of(event, native))))
            event++;
        if (event == COUNTER_EVENTS)
            return json_problem(&inner, problem, "no such counter; `countersign list` shows them");
        int error = json_read_number(value, &counts[event], &inner, problem);
        if (!error && counts[event] < 0)
            error = json_problem(&inner, problem, "impossible: a count of %g", counts[event]);
        if (error)
            return error;
    }
    return 0;
}

int counts_write(const void *object, json_t **json, const struct json_place *place, struct problem *problem) {
    (void)place;
    (void)problem;
    return counts_write_named(object, NULL, json);
}

int counts_read(const json_t *json, void *object, const struct json_place *place, struct problem *problem) {
    return counts_read_named(json, object, NULL, place, problem);
}

static json_t *count_schema(void) {
    return json_pack("{s:s, s:i}", "type", "number", "minimum", 0);
}

json_t *counts_schema(void) {
    return events_schema(count_schema, "Unit a run");
}

json_t *counts_reference(void) {
    return schema_reference("counts");
}
