/* JSON form of counters: how each was counted, and what it counted. */
#include "store/result_json.h"

#include <errno.h>

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
    {FIELD(NUMBER_OR_NULL, struct counter_plan_entry, relative_error, "relative_error")},
    {0},
};

static int entries_write(const void *object, json_t **json, const struct json_place *place,
                         struct problem *problem) {
    const struct counter_plan_entry *entries = object;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (int i = 0; !error && i < COUNTER_EVENTS; i++) {
        struct json_place inner = {place, counter_event_info[i].name, 0};
        json_t *entry = NULL;
        error = fields_write(entry_fields, &entries[i], &entry, &inner, problem);
        if (!error)
            error = json_put(*json, counter_event_info[i].name, entry);
    }
    return error;
}

static int entries_read(const json_t *json, void *object, const struct json_place *place,
                        struct problem *problem) {
    struct counter_plan_entry *entries = object;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    int error = 0;
    for (int i = 0; !error && i < COUNTER_EVENTS; i++) {
        struct json_place inner = {place, counter_event_info[i].name, 0};
        const json_t *entry = NULL;
        error = json_get(json, counter_event_info[i].name, &entry, place, problem);
        if (!error)
            error = fields_read(entry_fields, entry, &entries[i], &inner, problem);
    }
    return error;
}

const struct field counter_plan_fields[] = {
    {FIELD(TEXT, struct counter_plan, papi_version, "papi_version")},
    {FIELD(TEXT, struct counter_plan, papi_reason, "papi_reason")},
    {FIELD(TEXT, struct counter_plan, pmu, "pmu")},
    {FIELD(UNSIGNED, struct counter_plan, sets, "sets")},
    {FIELD(CUSTOM, struct counter_plan, entries, "events"), .write = entries_write, .read = entries_read},
    {0},
};

const struct field counter_result_fields[] = {
    {FIELD(TEXT, struct counter_result, name, "name")},
    {FIELD(TEXT, struct counter_result, unit, "unit")},
    {FIELD(NAME, struct counter_result, source, "source"), .names = &source_names},
    {FIELD(NAME, struct counter_result, trust, "trust"), .names = &trust_names},
    {FIELD(NUMBER_OR_NULL, struct counter_result, baseline, "baseline")},
    {FIELD(NUMBER_OR_NULL, struct counter_result, candidate, "candidate")},
    {FIELD(OBJECT, struct counter_result, ratio, "ratio"), .fields = interval_fields,
     .check = interval_check},
    {FIELD(TEXT, struct counter_result, reason, "reason")},
    {0},
};

int counts_write(const void *object, json_t **json, const struct json_place *place, struct problem *problem) {
    (void)place;
    (void)problem;
    const double *counts = object;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (int i = 0; !error && i < COUNTER_EVENTS; i++)
        if (isfinite(counts[i]))
            error = json_put(*json, counter_event_info[i].name, json_real(counts[i]));
    return error;
}

int counts_read(const json_t *json, void *object, const struct json_place *place, struct problem *problem) {
    double *counts = object;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    for (int i = 0; i < COUNTER_EVENTS; i++)
        counts[i] = NAN;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)json, key, value) {
        struct json_place inner = {place, key, 0};
        enum counter_event event = counter_event_by_name(key);
        if (event == COUNTER_EVENTS)
            return json_problem(&inner, problem, "no such counter; `countersign list` shows them");
        if (!json_is_number(value))
            return json_type_problem(&inner, value, "a number", problem);
        counts[event] = json_number_value(value);
    }
    return 0;
}
