#include "store/file_schema.h"

#include "store/calibration.h"
#include "store/change.h"
#include "store/load.h"
#include "store/result_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIALECT "https://json-schema.org/draft/2020-12/schema"
#define SEED_PATTERN "^(0|[1-9][0-9]{0,19})$"

/* What is described once: a table of fields, or what a hook tells. */
static const struct definition {
    const char *name;
    const struct field *fields;
    json_t *(*schema)(void);
    const char *about;
} definitions[] = {
    {"interval", interval_fields, NULL,
     "A ratio or a count an item, and its confidence interval; null where it is not known."},
    {"resources", resources_fields, NULL, "Use of resources; null where not known."},
    {"latency", latency_fields, NULL, "Latency of single items in ns; all null where the kernel keeps none."},
    {"noise", noise_fields, NULL, "What disturbed a process while it measured."},
    {"point", NULL, point_schema,
     "Parameters that the case sweeps or sets, by name, in the kernel's order, threads last; empty for a whole "
     "case."},
    {"plan_entry", counter_entry_fields, NULL, "How one event is counted on this machine."},
    {"counter_plan", counter_plan_fields, NULL, "How each event is counted."},
    {"counts", NULL, counts_schema, "Counts a run by event; an event that was not counted has no key."},
    {"counter_result", counter_result_fields, NULL, "One counter of a comparison."},
    {"replicate", replicate_fields, NULL, "One fresh process."},
    {"simulation", simulation_fields, NULL,
     "Each variant run once more in the portable build under Valgrind's Callgrind, user code alone, after a "
     "warm-up run."},
    {"measurement", measurement_fields, NULL,
     "Everything sampled at one point of one case; all variants are sampled in the same rounds."},
    {"comparison", comparison_fields, NULL,
     "Baseline against one candidate at one point; computed from a measurement."}};

static const struct definition *find_definition(const struct field *fields) {
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++)
        if (definitions[i].fields == fields)
            return &definitions[i];
    return NULL;
}

json_t *schema_reference(const char *definition) {
    return json_pack("{s:s+}", "$ref", "#/$defs/", definition);
}

static json_t *object_of(const struct field *fields) {
    const struct definition *definition = find_definition(fields);
    return definition ? schema_reference(definition->name) : schema_of_fields(fields);
}

/* Limits of a number; `least` is that of its type. */
static int add_limits(const struct field *field, double least, json_t *json) {
    bool limited = field->high > field->low;
    double low = limited && field->low > least ? field->low : least;
    int error = isfinite(low) ? json_put(json, "minimum",
                                         low == rint(low) && fabs(low) < 1e9 ? json_integer((json_int_t)low)
                                                                             : json_real(low))
                              : 0;
    if (!error && limited && isfinite(field->high))
        error = json_put(json, "maximum", json_real(field->high));
    return error;
}

static json_t *number_of(const struct field *field, json_t *json, double least) {
    if (json && add_limits(field, least, json) == 0)
        return json;
    json_decref(json);
    return NULL;
}

static json_t *words_of(const struct field *field) {
    json_t *words = json_array();
    int error = words ? 0 : -ENOMEM;
    for (int i = 0; !error && field->names && i < field->names->count; i++)
        error = json_append(words, json_string(field->names->name(i)));
    for (size_t i = 0; !error && field->choices && field->choices[i]; i++)
        error = json_append(words, json_string(field->choices[i]));
    return json_pack("{s:o}", "enum", words);
}

static json_t *value_of(const struct field *field) {
    double least = field->high > field->low ? field->low : -INFINITY;
    if (field->schema)
        return field->schema();
    switch (field->type) {
    case FIELD_TEXT:
        return field->choices
                   ? words_of(field)
                   : json_pack("{s:s, s:I}", "type", "string", "maxLength", (json_int_t)field->size - 1);
    case FIELD_STRING:
        return json_pack("{s:s}", "type", "string");
    case FIELD_BOOL:
    case FIELD_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case FIELD_INT:
    case FIELD_INT64:
        return number_of(field, json_pack("{s:s}", "type", "integer"), least);
    case FIELD_UNSIGNED:
    case FIELD_UINT64:
    case FIELD_SIZE:
        return number_of(field, json_pack("{s:s}", "type", "integer"), fmax(0, least));
    case FIELD_SEED:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", SEED_PATTERN);
    case FIELD_NUMBER:
        return number_of(field, json_pack("{s:s}", "type", "number"), least);
    case FIELD_NUMBER_OR_NULL:
        return number_of(field, json_pack("{s:[s, s]}", "type", "number", "null"), least);
    case FIELD_NAME:
        return words_of(field);
    case FIELD_OBJECT:
        return object_of(field->fields);
    case FIELD_ARRAY:
        return json_pack("{s:s, s:o}", "type", "array", "items", object_of(field->fields));
    case FIELD_CUSTOM:
    case FIELD_BESIDE:
        break;
    }
    return NULL;
}

json_t *schema_of_fields(const struct field *fields) {
    json_t *properties = json_object(), *required = json_array();
    int error = properties && required ? 0 : -ENOMEM;
    for (const struct field *field = fields; !error && field->key; field++) {
        json_t *value = value_of(field);
        error = json_put(properties, field->key, value);
        if (!error && field->about)
            error = json_put(value, "description", json_string(field->about));
        if (!error && !field->optional)
            error = json_append(required, json_string(field->key));
    }
    if (error) {
        json_decref(properties);
        json_decref(required);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
                     "additionalProperties", 0);
}

static bool is_named(const char *const *names, const char *name) {
    while (*names && strcmp(*names, name))
        names++;
    return *names;
}

/* All definitions, or those of `only`, which NULL ends. */
static json_t *make_definitions(const char *const *only) {
    json_t *all = json_object();
    int error = all ? 0 : -ENOMEM;
    for (size_t i = 0; !error && i < sizeof definitions / sizeof *definitions; i++) {
        const struct definition *definition = &definitions[i];
        if (only && !is_named(only, definition->name))
            continue;
        json_t *json = definition->schema ? definition->schema() : schema_of_fields(definition->fields);
        error = json_put(all, definition->name, json);
        if (!error)
            error = json_put(json, "description", json_string(definition->about));
    }
    if (!error)
        return all;
    json_decref(all);
    return NULL;
}

/* Steals `head`. */
static int make_schema(json_t *head, const struct field *fields, const char *const *only, json_t **json) {
    json_t *body = schema_of_fields(fields);
    int error = body && head && json_object_update_missing(head, body) == 0 ? 0 : -ENOMEM;
    if (!error)
        error = json_put(head, "$defs", make_definitions(only));
    json_decref(body);
    if (error)
        json_decref(head);
    else
        *json = head;
    return error;
}

#define ABSENT_NUMBERS                                                                                       \
    "Numbers that are not known are null, text that is not known is empty; nothing absent is ever 0 unless " \
    "its description says so."

int run_schema(json_t **json) {
    return make_schema(json_pack("{s:s, s:s, s:s, s:s}", "$schema", DIALECT, "$id", "urn:countersign:run:1",
                                 "title", "countersign result file, " RESULT_SCHEMA, "description",
                                 "One run of countersign. " ABSENT_NUMBERS),
                       run_fields, NULL, json);
}

int calibration_schema(json_t **json) {
    return make_schema(json_pack("{s:s, s:s, s:s, s:s}", "$schema", DIALECT, "$id",
                                 "urn:countersign:calibration:1", "title",
                                 "countersign calibration, " CALIBRATION_SCHEMA, "description",
                                 "What `countersign calibrate` found out: comparisons whose right answer is "
                                 "known. " ABSENT_NUMBERS),
                       calibration_fields, (const char *const[]){"interval", NULL}, json);
}

int change_schema(json_t **json) {
    return make_schema(json_pack("{s:s, s:s, s:s, s:s}", "$schema", DIALECT, "$id",
                                 "urn:countersign:change:1", "title",
                                 "two runs of countersign beside each other, " CHANGE_SCHEMA, "description",
                                 "What `countersign compare` prints with --format json. " ABSENT_NUMBERS),
                       change_fields, (const char *const[]){"interval", "point", NULL}, json);
}

int load_schema(json_t **json) {
    return make_schema(json_pack("{s:s, s:s, s:s, s:s}", "$schema", DIALECT, "$id", "urn:countersign:load:1",
                                 "title", "countersign load, " LOAD_SCHEMA, "description",
                                 "What `countersign load` measured: variants under requests that arrive by a "
                                 "schedule. " ABSENT_NUMBERS),
                       load_fields, (const char *const[]){"interval", "point", NULL}, json);
}

int schema_save(const json_t *schema, const char *path) {
    FILE *file = fopen(path, "w");
    if (!file)
        return -errno;
    int error =
        json_dumpf(schema, file, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) || fputc('\n', file) == EOF;
    return fclose(file) || error ? -EIO : 0;
}
