/* A function's types, of which inputs can be made; the compiler tells them (debug/prototype.h). */
#ifndef COMPILE_SIGNATURE_H
#define COMPILE_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNATURE_PARAMETERS 12
#define SIGNATURE_NAME 64
#define SIGNATURE_FIELDS 16
#define SIGNATURE_RUNS 32
#define CALLBACK_PARAMETERS 6

/** What the bits of a value mean. */
enum scalar_kind {
    SCALAR_VOID,
    SCALAR_BOOL,
    SCALAR_TEXT,
    SCALAR_SIGNED,
    SCALAR_UNSIGNED,
    SCALAR_FLOAT,
    SCALAR_STRUCTURE, /**< a structure or class; inputs are made of it where it has fields */
    SCALAR_CALLBACK   /**< a pointer to a function */
};

/** Scalars in a structure: one, or `count` of them, `stride` bytes apart. */
struct scalar_field {
    char name[28];            /**< "x", "position.x" */
    unsigned char kind, size; /**< enum scalar_kind; bytes of one scalar */
    unsigned offset, count, stride;
    unsigned char first_run, run_count; /**< of an enumeration: its values, among its structure's `runs` */
};

/** Values of an enumeration that follow on each other, both ends included. */
struct scalar_run {
    int64_t low, high; /**< the bits of one of 8 bytes without a sign */
};

/** What a callback takes or returns. */
struct callback_value {
    enum scalar_kind kind; /**< of the value, or of what is pointed to; VOID: nothing, or bytes */
    unsigned size; /**< bytes of the scalar, or of what is pointed to: 1 of void, 0 where it is not told */
    bool pointer, constant;
};

/** A function's type. */
struct callback {
    struct callback_value result, parameters[CALLBACK_PARAMETERS];
    size_t count;
    bool told; /**< all values are scalars or pointers */
};

/** A type: a scalar or a structure of scalars, or a pointer to one. */
struct scalar_type {
    enum scalar_kind kind; /**< TEXT: plain char. A pointer to void points to bytes: UNSIGNED of size 1 */
    unsigned size;  /**< bytes of the scalar, or of what is pointed to; 0 for void, or where it is not told */
    bool pointer;   /**< a result that is one is compared as an offset into an argument */
    bool reference; /**< a pointer that C++ writes as a reference */
    bool constant;  /**< what is pointed to is const */
    bool rows;      /**< what is pointed to are pointers, to what `kind` and `size` say */
    bool row_constant;      /**< what those point to is const */
    unsigned columns;       /**< what is pointed to are arrays of so many of these; 0: it is no array */
    bool by_hidden_pointer; /**< a class that is passed by value so, as C++ has it */
    bool enumeration; /**< of its integers' kind and size; VOID: it is refused, its text alone is told */
    bool closed;      /**< of a structure: some field is private, or cannot be written by its name alone */
    struct callback
        callback;   /**< CALLBACK; `fields` are those of the first structure that it is given a pointer to */
    char text[256]; /**< in the language it stands in, without a name: "const uint32_t *" */
    struct scalar_field fields[SIGNATURE_FIELDS]; /**< of a structure */
    size_t field_count;                           /**< 0 where the structure is not made of scalars alone */
    struct scalar_run
        runs[SIGNATURE_RUNS]; /**< of an enumeration, in ascending order, or of all fields that are one */
    size_t run_count;         /**< 0: it has no values of its own */
};

/** One parameter. */
struct signature_parameter {
    char name[SIGNATURE_NAME]; /**< as written, or "argumentN" */
    struct scalar_type type;
};

/** One function. */
struct signature {
    char name[2 * SIGNATURE_NAME]; /**< may hold "::" */
    struct scalar_type result;
    struct signature_parameter parameters[SIGNATURE_PARAMETERS];
    size_t count;
};

/** Whether a type is of a structure that inputs are made of. */
bool signature_is_record(const struct scalar_type *type);

/** Index of a parameter by name, or -1. */
int signature_find(const struct signature *signature, const char *name);

/** Whether a parameter is an integer by value (not bool, char or an enumeration), which can be a length. */
bool signature_is_integer(const struct signature_parameter *parameter);

/**
 * Index of the integer that says how many elements array `array` has, or -1 if no convention tells: the
 * next one behind it whose name is a length's (n, len, length, count, size, num, or with such a word before
 * or behind a "_", or n and another letter), else the only such one, else the only integer of all, but of a
 * string, which ends itself, or of a structure, which is one where no name tells a length.
 */
int signature_length_of(const struct signature *signature, size_t array);

#endif
