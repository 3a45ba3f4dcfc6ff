/* A function's types, of which inputs can be made; the compiler tells them (debug/prototype.h). */
#ifndef COMPILE_SIGNATURE_H
#define COMPILE_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#define SIGNATURE_PARAMETERS 12
#define SIGNATURE_NAME 64

/** What the bits of a value mean. */
enum scalar_kind {
    SCALAR_VOID,
    SCALAR_BOOL,
    SCALAR_TEXT,
    SCALAR_SIGNED,
    SCALAR_UNSIGNED,
    SCALAR_FLOAT,
    SCALAR_STRUCTURE /**< a structure, class or union, pointed to: no input is made of it */
};

/** A type: a scalar, or a pointer to one. */
struct scalar_type {
    enum scalar_kind kind; /**< TEXT: plain char. A pointer to void points to bytes: UNSIGNED of size 1 */
    unsigned size;  /**< bytes of the scalar, or of what is pointed to; 0 for void, or where it is not told */
    bool pointer;   /**< a result that is one is compared as an offset into an argument */
    bool reference; /**< a pointer that C++ writes as a reference */
    bool constant;  /**< what is pointed to is const */
    char text[96];  /**< in C, without a name: "const uint32_t *" */
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

/** Index of a parameter by name, or -1. */
int signature_find(const struct signature *signature, const char *name);

/** Whether a parameter is an integer by value (not bool and not char), which can be a length. */
bool signature_is_integer(const struct signature_parameter *parameter);

/**
 * Index of the integer that says how many elements array `array` has, or -1 if no convention tells: the
 * next one behind it whose name is a length's (n, len, length, count, size, num, or with such a word before
 * or behind a "_", or n and another letter), else the only such one, else the only integer of all, but of a
 * string, which ends itself.
 */
int signature_length_of(const struct signature *signature, size_t array);

#endif
