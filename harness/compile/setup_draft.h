/* A setup of the user's (docs/DUEL.md, "Setups"), drafted from a function's types: what `new --from OLD NEW` writes. */
#ifndef COMPILE_SETUP_DRAFT_H
#define COMPILE_SETUP_DRAFT_H

#include "compile/generate.h"

#include <stdio.h>

/** How a parameter or the result is kept in the state. */
enum draft_shape {
    DRAFT_NUMBER,    /**< a number, or a reference to one */
    DRAFT_ARRAY,     /**< a pointer to numbers */
    DRAFT_RECORD,    /**< one structure or class, however it is passed */
    DRAFT_RECORDS,   /**< a pointer to an array of structures */
    DRAFT_ROWS,      /**< a pointer to pointers, each to a row of numbers, a string or a structure */
    DRAFT_CALLBACK,  /**< a pointer to a function, which the file has */
    DRAFT_CONTAINER, /**< of C++'s library, of numbers: std::vector, std::array, std::string, std::span … */
    DRAFT_OTHER      /**< anything else: kept as it is */
};

/** One parameter, or the result. */
struct draft_part {
    char name[SIGNATURE_NAME + 8];
    const struct scalar_type *type;
    enum draft_shape shape;
    char value[256];    /**< type of the field, or of one element of an array or of a row */
    char size[96];      /**< elements of an array, or rows, as an expression of the state `s->` */
    char each[80];      /**< elements of one row, as such; of text with its 0 */
    size_t elements;    /**< of an array of so many, whatever n is; 0: n */
    bool element_bytes; /**< of void, of elements whose bytes another part tells */
    int element;        /**< the part of whose elements it tells the bytes, or -1 */
    bool sorted;        /**< filled in ascending order */
    bool written;       /**< by the function: compared, and restored */
    bool filled;        /**< with values; else it stays zero or empty */
    bool length;        /**< it tells how long an array is */
    bool compared;      /**< what is written or returned can be told equal */
    bool returned;      /**< it is the result */
};

/** What is known of the setup before a line is written. */
struct draft {
    const struct generate_request *request; /**< of the signature and its arguments */
    const struct signature *signature;
    bool cxx;                       /**< in C++, else in C that C++ understands, too */
    char space[SIGNATURE_NAME + 8]; /**< C++: the namespace */
    const char *state;              /**< its structure's name, that of no type of the function */
    struct draft_part parts[SIGNATURE_PARAMETERS + 1]; /**< the result last, where there is one */
    size_t count;
    char items
        [96];   /**< elements that one call handles, as an expression of `s->`; "" where nothing is swept */
    bool sized; /**< C: the state keeps n, which no parameter tells */
    int returned_array; /**< the part that a returned pointer points into, or -1 */
};

/**
 * Tells parts by their types. `name` is the setup's. Sets the request's signature and arguments: what is made lives as
 * long as both.
 */
void setup_draft_plan(struct draft *draft, struct generate_request *request, struct signature *signature,
                      const char *name, bool cxx);

/**
 * Writes the setup. `opening`: lines that stand first, a comment; `headers`: "types.h" or "<map>", to be included.
 */
void setup_draft_write(FILE *stream, const struct draft *draft, const char *opening,
                       const char *const *headers, size_t header_count);

/** What is left to the user of one part, "starts empty; …"; NULL: nothing. */
const char *setup_draft_left(const struct draft_part *part);

/** Whether it is an enumeration by value. */
bool setup_draft_is_enumeration(const struct scalar_type *type);

/** Whether a type of C++ is a number by its name, and of which kind. */
bool setup_draft_number(const char *type, enum scalar_kind *kind);

/** Whether it is a container of the library, made of such and of numbers. `inner` (256 bytes): its element. */
bool setup_draft_container(const char *type, char *inner);

#endif
