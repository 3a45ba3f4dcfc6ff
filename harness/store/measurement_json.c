/* JSON form of a measurement: its point, its arms, and its replicates. */
#include "store/result_json.h"

#include "countersign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct field point_value_fields[] = {
    {FIELD(INT64, struct point_value, value, "value")},
    {FIELD(TEXT, struct point_value, unit, "unit")},
    {FIELD(TEXT, struct point_value, choice, "choice")},
    {0},
};

int point_write(const void *object, json_t **json, const struct json_place *place, struct problem *problem) {
    const struct point *point = object;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; !error && i < point->count; i++) {
        const struct point_value *value = &point->values[i];
        struct json_place inner = {place, value->name, 0};
        json_t *entry = NULL;
        if (json_object_get(*json, value->name))
            return json_problem(&inner, problem, "the point has this parameter twice");
        error = fields_write(point_value_fields, value, &entry, &inner, problem);
        if (!error)
            error = json_put(*json, value->name, entry);
    }
    return error;
}

int point_read(const json_t *json, void *object, const struct json_place *place, struct problem *problem) {
    struct point *point = object;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    if (json_object_size(json) > RESULT_PARAMETERS)
        return json_problem(place, problem, "expected at most %d parameters, got %zu", RESULT_PARAMETERS,
                            json_object_size(json));
    const char *key = NULL;
    json_t *entry = NULL;
    json_object_foreach((json_t *)json, key, entry) {
        struct json_place inner = {place, key, 0};
        struct point_value *value = &point->values[point->count];
        if (!*key || strlen(key) >= sizeof value->name)
            return json_problem(&inner, problem, "expected a parameter name of 1 to %zu bytes",
                                sizeof value->name - 1);
        memcpy(value->name, key, strlen(key) + 1);
        int error = fields_read(point_value_fields, entry, value, &inner, problem);
        if (error)
            return error;
        point->count++;
    }
    return 0;
}

static const char *role_text(int value) {
    static const char *const names[] = {"baseline", "candidate", "placebo"};
    return names[value];
}

static const struct field_names role_names = {role_text, ARM_PLACEBO + 1};

static const char *fault_text(int value) {
    return arm_fault_name((enum arm_fault)value);
}

const struct field_names fault_names = {fault_text, FAULTS};

static const char *cause_text(int value) {
    return simulation_cause_name((enum simulation_cause)value);
}

static const struct field_names cause_names = {cause_text, SIMULATION_CAUSES};

static const struct field arm_fields[] = {
    {FIELD(TEXT, struct arm, variant, "variant")},
    {FIELD(NAME, struct arm, role, "role"), .names = &role_names},
    {.key = "parallel", .type = FIELD_FLAG, .offset = offsetof(struct arm, flags), .size = CS_PARALLEL},
    {.key = "io", .type = FIELD_FLAG, .offset = offsetof(struct arm, flags), .size = CS_IO},
    {FIELD(TEXT, struct arm, code_hash, "code_hash")},
    {FIELD(UINT64, struct arm, code_bytes, "code_bytes")},
    {FIELD(TEXT, struct arm, command, "command"), .optional = true},
    {FIELD(BOOL, struct arm, invalid, "invalid")},
    {FIELD(NAME, struct arm, fault, "fault"), .names = &fault_names, .optional = true, .sparse = true},
    {FIELD(TEXT, struct arm, reason, "reason")},
    {FIELD(TEXT, struct arm, evidence, "evidence"), .optional = true},
    {FIELD(TEXT, struct arm, other_evidence, "other_evidence"), .optional = true},
    {FIELD(SIZE, struct arm, evidence_changes, "evidence_changes"), .optional = true},
    {0},
};

const struct field resources_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct arm_resources, cpu_share, "cpu_share"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct arm_resources, peak_rss_bytes, "peak_rss_bytes"), .high = INFINITY},
    {0},
};

const struct field latency_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct arm_latency, p50, "p50"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct arm_latency, p95, "p95"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct arm_latency, p99, "p99"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct arm_latency, max, "max"), .high = INFINITY},
    {0},
};

static int replicates_write(const void *object, json_t **json, const struct json_place *place,
                            struct problem *problem) {
    const struct measurement *measurement = object;
    if (!(*json = json_array()))
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; !error && i < measurement->replicate_count; i++) {
        struct json_place inner = {place, NULL, i};
        json_t *replicate = NULL;
        error = replicate_write(&measurement->replicates[i], measurement, &replicate, &inner, problem);
        if (error)
            json_decref(replicate);
        else
            error = json_append(*json, replicate);
    }
    return error;
}

static int replicates_read(const json_t *json, void *object, const struct json_place *place,
                           struct problem *problem) {
    struct measurement *measurement = object;
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    size_t count = json_array_size(json);
    measurement->replicates = calloc(count ? count : 1, sizeof *measurement->replicates);
    if (!measurement->replicates)
        return problem_set(problem, ENOMEM, "out of memory");
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {place, NULL, i};
        error = replicate_read(json_array_get(json, i), measurement, &measurement->replicates[i], &inner,
                               problem);
        if (!error)
            measurement->replicate_count++;
    }
    return error;
}

/* Names in slots of one size, of which the first empty one ends them. */
_Static_assert(RESULT_NAME == COUNTER_NAME, "app counters and native events have names of one size");

static int names_write(const void *object, json_t **json, size_t limit) {
    const char(*names)[RESULT_NAME] = object;
    *json = json_array();
    int error = 0;
    for (size_t i = 0; *json && !error && i < limit && *names[i]; i++)
        error = json_append(*json, json_text(names[i], sizeof names[i]));
    return error;
}

static int names_read(const json_t *json, void *object, size_t limit, const struct json_place *place,
                      struct problem *problem) {
    char(*names)[RESULT_NAME] = object;
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    size_t count = json_array_size(json);
    if (count > limit)
        return json_problem(place, problem, "expected at most %zu names, got %zu", limit, count);
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {place, NULL, i};
        error = json_read_text(json_array_get(json, i), names[i], sizeof names[i], &inner, problem);
        if (!error && !*names[i])
            error = json_problem(&inner, problem, "expected a name, got an empty string");
    }
    return error;
}

static int app_counters_write(const void *object, json_t **json, const struct json_place *place,
                              struct problem *problem) {
    (void)place;
    (void)problem;
    return names_write(object, json, RESULT_APP_COUNTERS);
}

static int app_counters_read(const json_t *json, void *object, const struct json_place *place,
                             struct problem *problem) {
    return names_read(json, object, RESULT_APP_COUNTERS, place, problem);
}

static int native_events_write(const void *object, json_t **json, const struct json_place *place,
                               struct problem *problem) {
    (void)place;
    (void)problem;
    return names_write(object, json, COUNTER_NATIVE_EVENTS);
}

static int native_events_read(const json_t *json, void *object, const struct json_place *place,
                              struct problem *problem) {
    return names_read(json, object, COUNTER_NATIVE_EVENTS, place, problem);
}

static const struct field service_fields[] = {
    {FIELD(TEXT, struct service, name, "name")},
    {FIELD(TEXT, struct service, program, "program")},
    {FIELD(INT, struct service, cpu, "cpu")},
    {FIELD(TEXT, struct service, user, "user")},
    {0},
};

static const struct field build_fields[] = {
    {FIELD(TEXT, struct measurement, build, "kind")},
    {FIELD(TEXT, struct measurement, compiler, "compiler")},
    {FIELD(TEXT, struct measurement, flags, "flags")},
    {0},
};

static const struct field simulation_fields[] = {
    {FIELD(NAME, struct simulation, cause, "cause"), .names = &cause_names, .optional = true, .sparse = true},
    {FIELD(TEXT, struct simulation, reason, "reason")},
    {FIELD(TEXT, struct simulation, tool, "tool")},
    {FIELD(TEXT, struct simulation, caches, "caches")},
    {FIELD(SEED, struct simulation, seed, "seed")},
    {FIELD(BOOL, struct simulation, scaled, "scaled")},
    {FIELD(CUSTOM, struct simulation, point, "point"), .write = point_write, .read = point_read},
    {FIELD(NUMBER, struct simulation, items, "items"), .high = INFINITY},
    {FIELD(NUMBER, struct simulation, duration_s, "duration_s"), .high = INFINITY},
    {0},
};

static const struct field simulated_arm_fields[] = {
    {FIELD(CUSTOM, struct simulated_arm, counts, "counts"), .write = counts_write, .read = counts_read},
    {FIELD(NAME, struct simulated_arm, cause, "cause"), .names = &cause_names, .optional = true,
     .sparse = true},
    {FIELD(TEXT, struct simulated_arm, reason, "reason")},
    {FIELD(NUMBER_OR_NULL, struct simulated_arm, cycles, "cycles"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct simulated_arm, cycles_p5, "cycles_p5"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct simulated_arm, cycles_p95, "cycles_p95"), .high = INFINITY},
    {0},
};

static int simulated_arms_write(const struct measurement *measurement, json_t *simulation,
                                const struct json_place *place, struct problem *problem) {
    json_t *arms = json_array();
    int error = json_put(simulation, "arms", arms);
    for (size_t i = 0; !error && measurement->simulation.arms && i < measurement->arm_count; i++) {
        struct json_place array = {place, "arms", 0}, inner = {&array, NULL, i};
        json_t *arm = NULL;
        error = fields_write(simulated_arm_fields, &measurement->simulation.arms[i], &arm, &inner, problem);
        if (!error)
            error = json_append(arms, arm);
    }
    return error;
}

static int simulation_write(const void *object, json_t **json, const struct json_place *place,
                            struct problem *problem) {
    const struct measurement *measurement = object;
    int error = fields_write(simulation_fields, &measurement->simulation, json, place, problem);
    return error ? error : simulated_arms_write(measurement, *json, place, problem);
}

/* As many as the measurement has arms, in their order, or none. */
static int simulated_arms_read(const json_t *json, struct measurement *measurement,
                               const struct json_place *place, struct problem *problem) {
    struct json_place array = {place, "arms", 0};
    size_t count = json_array_size(json);
    if (!json_is_array(json))
        return json_type_problem(&array, json, "an array", problem);
    if (count && count != measurement->arm_count)
        return json_problem(&array, problem, "expected none or %zu, one for each arm, got %zu",
                            measurement->arm_count, count);
    measurement->simulation.arms = count ? calloc(count, sizeof *measurement->simulation.arms) : NULL;
    if (count && !measurement->simulation.arms)
        return problem_set(problem, ENOMEM, "out of memory");
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {&array, NULL, i};
        error = fields_read(simulated_arm_fields, json_array_get(json, i), &measurement->simulation.arms[i],
                            &inner, problem);
    }
    return error;
}

static int simulation_read(const json_t *json, void *object, const struct json_place *place,
                           struct problem *problem) {
    struct measurement *measurement = object;
    const json_t *arms = NULL;
    int error = fields_read(simulation_fields, json, &measurement->simulation, place, problem);
    if (!error)
        error = json_get(json, "arms", &arms, place, problem);
    return error ? error : simulated_arms_read(arms, measurement, place, problem);
}

/* Arms, app_counters and native_events come before the replicates and the simulation, which refer to them. */
const struct field measurement_fields[] = {
    {FIELD(TEXT, struct measurement, case_name, "case")},
    {FIELD(TEXT, struct measurement, kernel, "kernel")},
    {.key = "build", .type = FIELD_OBJECT, .fields = build_fields},
    {FIELD(CUSTOM, struct measurement, point, "point"), .write = point_write, .read = point_read},
    {FIELD(NUMBER, struct measurement, items, "items"), .high = INFINITY},
    {FIELD(NUMBER, struct measurement, bytes, "bytes"), .high = INFINITY},
    {FIELD(NUMBER, struct measurement, flops, "flops"), .high = INFINITY},
    {FIELD(TEXT, struct measurement, scratch_filesystem, "scratch_filesystem")},
    {FIELD(TEXT, struct measurement, digest, "digest")},
    {FIELD_ELEMENTS(struct measurement, arms, arm_count, "arms"), .fields = arm_fields},
    {FIELD(CUSTOM, struct measurement, app_counters, "app_counters"), .write = app_counters_write,
     .read = app_counters_read},
    {FIELD(CUSTOM, struct measurement, native_events, "native_events"), .write = native_events_write,
     .read = native_events_read, .optional = true},
    {FIELD(TEXT, struct measurement, counter_problem, "counter_problem"), .optional = true},
    {FIELD_ELEMENTS(struct measurement, services, service_count, "services"), .fields = service_fields,
     .optional = true},
    {.key = "replicates", .type = FIELD_CUSTOM, .write = replicates_write, .read = replicates_read},
    {.key = "simulation",
     .type = FIELD_CUSTOM,
     .write = simulation_write,
     .read = simulation_read,
     .optional = true},
    {0},
};
