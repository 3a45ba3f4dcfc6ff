/*
 * Structs as JSON objects by description: one table of fields a struct serves both writing and reading, so
 * that the two cannot drift apart. Private to store/.
 */
#ifndef STORE_JSON_FIELDS_H
#define STORE_JSON_FIELDS_H

#include "base/problem.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Where in a document we are, innermost first; lives on the stack of whoever descends. NULL is the document.
 */
struct json_place {
    const struct json_place *parent;
    const char *key; /**< NULL: element `index` of an array */
    size_t index;
};

/** Sets "comparisons[3].speedup.low: TEXT" and returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int json_problem(const struct json_place *place,
                                                       struct problem *problem, const char *format, ...);

/** Refuses a value of another type: "expected WANTED, got a string". Returns -EINVAL. */
int json_type_problem(const struct json_place *place, const json_t *json, const char *wanted,
                      struct problem *problem);

enum field_type {
    FIELD_TEXT,           /**< char[size], UTF-8; bytes that are not UTF-8 are written as '?' */
    FIELD_STRING,         /**< char *, allocated; NULL is written as "" */
    FIELD_BOOL,           /**< bool */
    FIELD_FLAG,           /**< the bits `size` of an unsigned, as a boolean */
    FIELD_INT,            /**< int */
    FIELD_UNSIGNED,       /**< unsigned */
    FIELD_INT64,          /**< int64_t */
    FIELD_UINT64,         /**< uint64_t below 2^63, as an integer */
    FIELD_SIZE,           /**< size_t, as an integer */
    FIELD_SEED,           /**< uint64_t of full range, exact as a decimal string */
    FIELD_NUMBER,         /**< double, finite */
    FIELD_NUMBER_OR_NULL, /**< double; what is not finite or possible is null, and null is read as NAN */
    FIELD_NAME,           /**< enumeration, by name */
    FIELD_OBJECT,         /**< object of `fields`, relative to `offset` */
    FIELD_ARRAY,          /**< pointer to elements of `size` bytes, their number a size_t at `count_offset` */
    FIELD_CUSTOM,         /**< by `write` and `read`, which get the object at `offset` */
    FIELD_BESIDE /**< by whoever writes and reads the object, which is not looked at: for the schema */
};

/** Names of an enumeration whose values are 0 .. count-1. */
struct field_names {
    const char *(*name)(int value);
    int count;
};

/** One key of an object. Every key is written, and required when reading unless it is optional; other keys
 * are left alone. */
struct field {
    const char *key; /**< NULL ends a table */
    enum field_type type;
    size_t offset, size, count_offset;
    double low, high; /**< limits of a number, inclusive, where high > low */
    /** May be absent when reading, as in files from before it existed: then numbers that may be null are NAN,
     * in objects too, and all else stays as it is. */
    bool optional;
    /** Also left out when writing where it says nothing (a name's first value, an array without elements, an
     * object whose `says` is false), so that a file from before is written as it was. */
    bool sparse;
    bool (*says)(const void *object);
    const struct field *fields;
    const struct field_names *names;
    const char *const *choices; /**< of a text that is one of these; NULL ends them */
    const char *about;          /**< what it is, in the schema */
    json_t *(*schema)(void);    /**< of a value that hooks or others write and read, its type and limits */
    int (*write)(const void *object, json_t **json, const struct json_place *place, struct problem *problem);
    int (*read)(const json_t *json, void *object, const struct json_place *place, struct problem *problem);
    /** Of an object: NULL, or refuses values that cannot be together; asked when writing and when reading. */
    int (*check)(const void *object, const struct json_place *place, struct problem *problem);
};

/**
 * Beginning of an entry for a member that is stored as it is: {FIELD(INT, struct noise, wall_s, "wall_s")}.
 */
#define FIELD(kind, type_, member, name)                                                                     \
    .key = (name), .type = FIELD_##kind, .offset = offsetof(type_, member),                                  \
    .size = sizeof(((type_ *)0)->member)
/** Beginning of an entry for an allocated array. */
#define FIELD_ELEMENTS(type_, member, count_member, name)                                                    \
    .key = (name), .type = FIELD_ARRAY, .offset = offsetof(type_, member),                                   \
    .size = sizeof(*((type_ *)0)->member), .count_offset = offsetof(type_, count_member)

/** Whether a text says something: the `says` of a sparse FIELD_TEXT. */
bool text_says(const void *text);

/** Writes every field of `object` into a new JSON object *json, keys in the table's order. 0 or -errno. */
int fields_write(const struct field *fields, const void *object, json_t **json,
                 const struct json_place *place, struct problem *problem);

/**
 * Reads every field. Members that own memory must start NULL; on failure they hold what was read so far, for
 * the caller's clear function. Returns 0 or -errno.
 */
int fields_read(const struct field *fields, const json_t *json, void *object, const struct json_place *place,
                struct problem *problem);

/** JSON Schema of the object that a table describes; NULL: out of memory. */
json_t *schema_of_fields(const struct field *fields);

/** A reference to what a schema describes once: "point", "counts", "replicate". NULL: out of memory. */
json_t *schema_reference(const char *definition);

/** Gets a required key's value of any type. 0 or -EINVAL. */
int json_get(const json_t *object, const char *key, const json_t **value, const struct json_place *place,
             struct problem *problem);

/** New JSON string of at most `size` bytes at `text`, repaired where it is not UTF-8. NULL: out of memory. */
json_t *json_text(const char *text, size_t size);

/** Copies a string into char[size]; refuses other types and what does not fit. 0 or -EINVAL. */
int json_read_text(const json_t *json, char *text, size_t size, const struct json_place *place,
                   struct problem *problem);

/** Whether a number can be a count, a time or a ratio at all: its magnitude is below 2^63. What is not is
 * written as null where that is allowed, and refused when reading. */
bool number_is_possible(double value);

/** Reads a possible number; refuses other types. 0 or -EINVAL. */
int json_read_number(const json_t *json, double *value, const struct json_place *place,
                     struct problem *problem);

/** Steals *value into `object` or `array`; 0, or -ENOMEM (also for a NULL value). */
int json_put(json_t *object, const char *key, json_t *value);
int json_append(json_t *array, json_t *value);

#endif
