#include "store/json_fields.h"

#include "store/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every enumeration is stored through an int. */
_Static_assert(sizeof(enum field_type) == sizeof(int), "enumerations are as wide as int");

static size_t print_place(const struct json_place *place, char *text, size_t size) {
    if (!place)
        return 0;
    size_t used = print_place(place->parent, text, size);
    if (used >= size)
        return used;
    int written = place->key ? snprintf(text + used, size - used, "%s%s", used ? "." : "", place->key)
                             : snprintf(text + used, size - used, "[%zu]", place->index);
    return used + (size_t)written;
}

int json_problem(const struct json_place *place, struct problem *problem, const char *format, ...) {
    char where[256] = "", text[400];
    print_place(place, where, sizeof where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_set(problem, EINVAL, "%s%s%s", where, *where ? ": " : "", text);
}

static const char *type_text(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_NULL:
        return "null";
    default:
        return "a boolean";
    }
}

int json_type_problem(const struct json_place *place, const json_t *json, const char *wanted,
                      struct problem *problem) {
    return json_problem(place, problem, "expected %s, got %s", wanted, type_text(json));
}

int json_get(const json_t *object, const char *key, const json_t **value, const struct json_place *place,
             struct problem *problem) {
    *value = json_object_get(object, key);
    if (*value)
        return 0;
    struct json_place missing = {place, key, 0};
    return json_problem(&missing, problem, "missing");
}

json_t *json_text(const char *text, size_t size) {
    size_t length = strnlen(text, size);
    json_t *json = json_stringn(text, length);
    if (json)
        return json;
    char *copy = strndup(text, length);
    if (!copy)
        return NULL;
    utf8_repair(copy, length);
    json = json_stringn(copy, length);
    free(copy);
    return json;
}

int json_read_text(const json_t *json, char *text, size_t size, const struct json_place *place,
                   struct problem *problem) {
    if (!json_is_string(json))
        return json_type_problem(place, json, "a string", problem);
    size_t length = json_string_length(json);
    if (length >= size)
        return json_problem(place, problem, "expected at most %zu bytes of text, got %zu", size - 1, length);
    memcpy(text, json_string_value(json), length + 1);
    return 0;
}

int json_put(json_t *object, const char *key, json_t *value) {
    return value && json_object_set_new(object, key, value) == 0 ? 0 : -ENOMEM;
}

int json_append(json_t *array, json_t *value) {
    return value && json_array_append_new(array, value) == 0 ? 0 : -ENOMEM;
}

bool number_is_possible(double value) {
    return fabs(value) < 0x1p63;
}

int json_read_number(const json_t *json, double *value, const struct json_place *place,
                     struct problem *problem) {
    if (!json_is_number(json))
        return json_type_problem(place, json, "a number", problem);
    *value = json_number_value(json);
    return number_is_possible(*value)
               ? 0
               : json_problem(place, problem, "impossible: expected a number below 2^63, got %g", *value);
}

static int check_limits(const struct field *field, double value, const struct json_place *place,
                        struct problem *problem) {
    if (!(field->high > field->low) || (value >= field->low && value <= field->high))
        return 0;
    if (isinf(field->high))
        return json_problem(place, problem, "expected a number of at least %g, got %g", field->low, value);
    return json_problem(place, problem, "expected a number from %g to %g, got %g", field->low, field->high,
                        value);
}

static int write_number(const struct field *field, double value, json_t **json,
                        const struct json_place *place, struct problem *problem) {
    if (!isfinite(value) || (field->type == FIELD_NUMBER_OR_NULL && !number_is_possible(value))) {
        if (field->type == FIELD_NUMBER)
            return json_problem(place, problem, "expected a finite number, got %g", value);
        *json = json_null();
        return 0;
    }
    *json = json_real(value);
    return check_limits(field, value, place, problem);
}

static int write_unsigned(uint64_t value, json_t **json, const struct json_place *place,
                          struct problem *problem) {
    if (value > INT64_MAX)
        return json_problem(place, problem, "%" PRIu64 " is beyond JSON's 63 bits", value);
    *json = json_integer((json_int_t)value);
    return 0;
}

static int write_name(const struct field *field, int value, json_t **json, const struct json_place *place,
                      struct problem *problem) {
    if (value < 0 || value >= field->names->count)
        return json_problem(place, problem, "%d is not one of its %d values", value, field->names->count);
    *json = json_string(field->names->name(value));
    return 0;
}

static int write_array(const struct field *field, const void *object, json_t **json,
                       const struct json_place *place, struct problem *problem) {
    const char *elements = *(const char *const *)((const char *)object + field->offset);
    size_t count = *(const size_t *)((const char *)object + field->count_offset);
    json_t *array = json_array();
    int error = array ? 0 : -ENOMEM;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {place, NULL, i};
        json_t *element = NULL;
        error = fields_write(field->fields, elements + i * field->size, &element, &inner, problem);
        if (!error)
            error = json_append(array, element);
    }
    if (error) {
        json_decref(array);
        return error;
    }
    *json = array;
    return 0;
}

static int write_object(const struct field *field, const void *object, json_t **json,
                        const struct json_place *place, struct problem *problem) {
    int error = fields_write(field->fields, object, json, place, problem);
    if (!error && field->check)
        error = field->check(object, place, problem);
    return error;
}

/*
 * Leaves *json NULL only where memory ran out; an error's *json may be set and is then the caller's to free.
 */
static int write_field(const struct field *field, const void *object, json_t **json,
                       const struct json_place *place, struct problem *problem) {
    const void *member = (const char *)object + field->offset;
    char seed[24];
    switch (field->type) {
    case FIELD_TEXT:
        *json = json_text(member, field->size);
        return 0;
    case FIELD_STRING: {
        const char *text = *(const char *const *)member;
        *json = json_text(text ? text : "", SIZE_MAX);
        return 0;
    }
    case FIELD_BOOL:
        *json = json_boolean(*(const bool *)member);
        return 0;
    case FIELD_FLAG:
        *json = json_boolean(*(const unsigned *)member & (unsigned)field->size);
        return 0;
    case FIELD_INT:
        *json = json_integer(*(const int *)member);
        return 0;
    case FIELD_UNSIGNED:
        *json = json_integer(*(const unsigned *)member);
        return 0;
    case FIELD_INT64:
        *json = json_integer(*(const int64_t *)member);
        return 0;
    case FIELD_UINT64:
        return write_unsigned(*(const uint64_t *)member, json, place, problem);
    case FIELD_SIZE:
        return write_unsigned(*(const size_t *)member, json, place, problem);
    case FIELD_SEED:
        snprintf(seed, sizeof seed, "%" PRIu64, *(const uint64_t *)member);
        *json = json_string(seed);
        return 0;
    case FIELD_NUMBER:
    case FIELD_NUMBER_OR_NULL:
        return write_number(field, *(const double *)member, json, place, problem);
    case FIELD_NAME:
        return write_name(field, *(const int *)member, json, place, problem);
    case FIELD_OBJECT:
        return write_object(field, member, json, place, problem);
    case FIELD_ARRAY:
        return write_array(field, object, json, place, problem);
    case FIELD_CUSTOM:
        return field->write(member, json, place, problem);
    case FIELD_BESIDE:
        break;
    }
    return -EINVAL;
}

bool text_says(const void *text) {
    return *(const char *)text;
}

static bool says_nothing(const struct field *field, const void *object) {
    const void *member = (const char *)object + field->offset;
    return field->type == FIELD_NAME    ? *(const int *)member == 0
           : field->type == FIELD_ARRAY ? *(const size_t *)((const char *)object + field->count_offset) == 0
                                        : !field->says(member);
}

int fields_write(const struct field *fields, const void *object, json_t **json,
                 const struct json_place *place, struct problem *problem) {
    json_t *result = json_object();
    int error = result ? 0 : -ENOMEM;
    for (const struct field *field = fields; !error && field->key; field++) {
        struct json_place inner = {place, field->key, 0};
        json_t *value = NULL;
        if (field->type == FIELD_BESIDE || (field->sparse && says_nothing(field, object)))
            continue;
        error = write_field(field, object, &value, &inner, problem);
        if (error)
            json_decref(value);
        else
            error = json_put(result, field->key, value);
    }
    if (error) {
        json_decref(result);
        return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
    }
    *json = result;
    return 0;
}

static int read_integer(const json_t *json, int64_t low, int64_t high, int64_t *value,
                        const struct json_place *place, struct problem *problem) {
    if (!json_is_integer(json))
        return json_type_problem(place, json, "an integer", problem);
    *value = json_integer_value(json);
    if (*value >= low && *value <= high)
        return 0;
    return json_problem(place, problem, "expected an integer from %" PRId64 " to %" PRId64 ", got %" PRId64,
                        low, high, *value);
}

static int read_seed(const json_t *json, uint64_t *seed, const struct json_place *place,
                     struct problem *problem) {
    if (!json_is_string(json))
        return json_type_problem(place, json, "a string of decimal digits", problem);
    const char *text = json_string_value(json);
    errno = 0;
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || (text[0] == '0' && text[1]))
        return json_problem(place, problem, "expected a string of decimal digits below 2^64, got \"%.60s\"",
                            text);
    *seed = value;
    return 0;
}

static int read_number(const struct field *field, const json_t *json, double *value,
                       const struct json_place *place, struct problem *problem) {
    if (json_is_null(json) && field->type == FIELD_NUMBER_OR_NULL) {
        *value = NAN;
        return 0;
    }
    if (!json_is_number(json) && field->type == FIELD_NUMBER_OR_NULL)
        return json_type_problem(place, json, "a number or null", problem);
    int error = json_read_number(json, value, place, problem);
    return error ? error : check_limits(field, *value, place, problem);
}

static const char *allowed_word(const struct field *field, int index) {
    if (field->choices)
        return field->choices[index];
    return index < field->names->count ? field->names->name(index) : NULL;
}

/* The index of one of the words that are allowed. */
static int read_word(const struct field *field, const json_t *json, int *value,
                     const struct json_place *place, struct problem *problem) {
    if (!json_is_string(json))
        return json_type_problem(place, json, "a string", problem);
    const char *text = json_string_value(json), *word;
    char allowed[512] = "";
    size_t used = 0;
    for (int i = 0; (word = allowed_word(field, i)); i++) {
        if (strcmp(text, word) == 0) {
            *value = i;
            return 0;
        }
        if (used < sizeof allowed)
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "", word);
    }
    return json_problem(place, problem, "expected one of %s, got \"%.60s\"", allowed, text);
}

static int read_text(const struct field *field, const json_t *json, char *text,
                     const struct json_place *place, struct problem *problem) {
    int choice, error = field->choices ? read_word(field, json, &choice, place, problem) : 0;
    return error ? error : json_read_text(json, text, field->size, place, problem);
}

static int read_array(const struct field *field, const json_t *json, void *object,
                      const struct json_place *place, struct problem *problem) {
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    size_t count = json_array_size(json);
    if (!count)
        return 0;
    char *elements = calloc(count, field->size);
    if (!elements)
        return problem_set(problem, ENOMEM, "out of memory");
    *(char **)((char *)object + field->offset) = elements;
    *(size_t *)((char *)object + field->count_offset) = count;
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {place, NULL, i};
        error =
            fields_read(field->fields, json_array_get(json, i), elements + i * field->size, &inner, problem);
    }
    return error;
}

static int read_object(const struct field *field, const json_t *json, void *object,
                       const struct json_place *place, struct problem *problem) {
    int error = fields_read(field->fields, json, object, place, problem);
    if (!error && field->check)
        error = field->check(object, place, problem);
    return error;
}

static int read_string(const json_t *json, char **text, const struct json_place *place,
                       struct problem *problem) {
    if (!json_is_string(json))
        return json_type_problem(place, json, "a string", problem);
    *text = strdup(json_string_value(json));
    return *text ? 0 : problem_set(problem, ENOMEM, "out of memory");
}

static int read_boolean(const json_t *json, bool *value, const struct json_place *place,
                        struct problem *problem) {
    if (!json_is_boolean(json))
        return json_type_problem(place, json, "true or false", problem);
    *value = json_is_true(json);
    return 0;
}

static int read_whole(const struct field *field, const json_t *json, void *member,
                      const struct json_place *place, struct problem *problem) {
    int64_t low = field->type == FIELD_INT ? INT_MIN : field->type == FIELD_INT64 ? INT64_MIN : 0;
    int64_t high = field->type == FIELD_INT ? INT_MAX : field->type == FIELD_UNSIGNED ? UINT_MAX : INT64_MAX;
    int64_t value = 0;
    int error = read_integer(json, low, high, &value, place, problem);
    if (!error)
        error = check_limits(field, (double)value, place, problem);
    if (error)
        return error;
    if (field->type == FIELD_INT)
        *(int *)member = (int)value;
    else if (field->type == FIELD_UNSIGNED)
        *(unsigned *)member = (unsigned)value;
    else if (field->type == FIELD_SIZE)
        *(size_t *)member = (size_t)value;
    else
        *(int64_t *)member = value; /* for uint64_t too: same bytes below 2^63 */
    return 0;
}

static int read_field(const struct field *field, const json_t *json, void *object,
                      const struct json_place *place, struct problem *problem) {
    void *member = (char *)object + field->offset;
    switch (field->type) {
    case FIELD_TEXT:
        return read_text(field, json, member, place, problem);
    case FIELD_STRING:
        return read_string(json, member, place, problem);
    case FIELD_BOOL:
        return read_boolean(json, member, place, problem);
    case FIELD_FLAG: {
        bool set = false;
        int error = read_boolean(json, &set, place, problem);
        if (set)
            *(unsigned *)member |= (unsigned)field->size;
        return error;
    }
    case FIELD_INT:
    case FIELD_UNSIGNED:
    case FIELD_INT64:
    case FIELD_UINT64:
    case FIELD_SIZE:
        return read_whole(field, json, member, place, problem);
    case FIELD_SEED:
        return read_seed(json, member, place, problem);
    case FIELD_NUMBER:
    case FIELD_NUMBER_OR_NULL:
        return read_number(field, json, member, place, problem);
    case FIELD_NAME:
        return read_word(field, json, member, place, problem);
    case FIELD_OBJECT:
        return read_object(field, json, member, place, problem);
    case FIELD_ARRAY:
        return read_array(field, json, object, place, problem);
    case FIELD_CUSTOM:
        return field->read(json, member, place, problem);
    case FIELD_BESIDE:
        return 0;
    }
    return -EINVAL;
}

/* What an optional key's member is without it. */
static void read_absent(const struct field *field, void *object) {
    void *member = (char *)object + field->offset;
    if (field->type == FIELD_NUMBER_OR_NULL)
        *(double *)member = NAN;
    for (const struct field *inner = field->fields; field->type == FIELD_OBJECT && inner->key; inner++)
        read_absent(inner, member);
}

int fields_read(const struct field *fields, const json_t *json, void *object, const struct json_place *place,
                struct problem *problem) {
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    for (const struct field *field = fields; field->key; field++) {
        const json_t *value = NULL;
        struct json_place inner = {place, field->key, 0};
        if (field->type == FIELD_BESIDE)
            continue;
        if (field->optional && !json_object_get(json, field->key)) {
            read_absent(field, object);
            continue;
        }
        int error = json_get(json, field->key, &value, place, problem);
        if (!error)
            error = read_field(field, value, object, &inner, problem);
        if (error)
            return error;
    }
    return 0;
}
