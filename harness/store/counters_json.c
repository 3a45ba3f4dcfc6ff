/* JSON form of counters: how each was counted, and what it counted. */
#include "store/result_json.h"

#include <errno.h>
#include <string.h>

static const char *source_text(int value) {
    return counter_source_name((enum counter_source)value);
}

static const char *trust_text(int value) {
    return counter_trust_name((enum counter_trust)value);
}

static const struct field_names source_names = {source_text, SOURCE_APP + 1};
static const struct field_names trust_names = {trust_text, TRUST_UNTRUSTED + 1};

static const struct field entry_fields[] = {
    {FIELD(NAME, struct counter_plan_entry, source, "source"), .names = &source_names},
    {FIELD(NAME, struct counter_plan_entry, trust, "trust"), .names = &trust_names},
    {FIELD(UNSIGNED, struct counter_plan_entry, set, "set")},
    {FIELD(TEXT, struct counter_plan_entry, native, "native")},
    {FIELD(TEXT, struct counter_plan_entry, reason, "reason")},
    {FIELD(TEXT, struct counter_plan_entry, remedy, "remedy")},
    {FIELD(NUMBER_OR_NULL, struct counter_plan_entry, relative_error, "relative_error"), .high = INFINITY},
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
        error = fields_write(entry_fields, &plan->entries[i], &entry, &inner, problem);
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
        /* The vocabulary grew by these; a file keeps to that of its day. */
        plan->entries[i].unlisted = !entry && counter_event_info[i].later;
        if (!*name || plan->entries[i].unlisted)
            continue;
        error = json_get(json, name, &entry, place, problem);
        if (!error)
            error = fields_read(entry_fields, entry, &plan->entries[i], &inner, problem);
    }
    return error;
}

const struct field counter_plan_fields[] = {
    {FIELD(TEXT, struct counter_plan, papi_version, "papi_version")},
    {FIELD(TEXT, struct counter_plan, papi_reason, "papi_reason")},
    {FIELD(TEXT, struct counter_plan, pmu, "pmu")},
    {FIELD(UNSIGNED, struct counter_plan, sets, "sets")},
    {FIELD(UNSIGNED, struct counter_plan, pmu_type, "pmu_type"), .optional = true},
    {FIELD(TEXT, struct counter_plan, pmu_cpus, "pmu_cpus"), .optional = true},
    {.key = "events", .type = FIELD_CUSTOM, .write = entries_write, .read = entries_read},
    {0},
};

const struct field counter_result_fields[] = {
    {FIELD(TEXT, struct counter_result, name, "name")},
    {FIELD(TEXT, struct counter_result, unit, "unit")},
    {FIELD(NAME, struct counter_result, source, "source"), .names = &source_names},
    {FIELD(NAME, struct counter_result, trust, "trust"), .names = &trust_names},
    {FIELD(NUMBER_OR_NULL, struct counter_result, baseline, "baseline")},
    {FIELD(NUMBER_OR_NULL, struct counter_result, candidate, "candidate")},
    {FIELD(OBJECT, struct counter_result, baseline_interval, "baseline_interval"), .fields = interval_fields,
     .check = interval_check, .optional = true},
    {FIELD(OBJECT, struct counter_result, candidate_interval, "candidate_interval"),
     .fields = interval_fields, .check = interval_check, .optional = true},
    {FIELD(OBJECT, struct counter_result, ratio, "ratio"), .fields = interval_fields,
     .check = interval_check},
    {FIELD(TEXT, struct counter_result, reason, "reason")},
    {FIELD(BOOL, struct counter_result, predicted, "predicted"), .optional = true},
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
