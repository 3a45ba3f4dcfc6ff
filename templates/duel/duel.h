/* What the calls of all variants share: the arguments of every call, and the places of their results. */
#ifndef DUEL_H
#define DUEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DUEL_MOST_ARGUMENTS 12
#define DUEL_MOST_VARIANTS 8

enum duel_kind { DUEL_SIGNED, DUEL_UNSIGNED, DUEL_FLOAT, DUEL_POINTER };
enum duel_role { DUEL_LENGTH, DUEL_SCALAR, DUEL_INPUT, DUEL_OUTPUT, DUEL_IN_OUT };
enum duel_fill { DUEL_ANY, DUEL_SORTED, DUEL_RANGE, DUEL_PRINTABLE, DUEL_FILE };

/** One argument: what it is for, and how it is filled. An array has factor * n + extra elements. */
struct duel_argument {
    const char *name;
    enum duel_role role;
    enum duel_kind kind;
    size_t size; /**< bytes of an element */
    size_t factor, extra;
    bool ended; /**< an element 0 follows the last: a string */
    enum duel_fill fill;
    int64_t low, high; /**< DUEL_RANGE, both included */
    double real_low, real_high;
    const char *path; /**< DUEL_FILE */
};

/** Memory of one argument, or of the results: that of call i begins at data + i * stride. */
struct duel_memory {
    unsigned char *block, *data, *pristine;
    size_t stride, size; /**< size: of a whole block */
};

struct duel {
    size_t length, calls;
    struct duel_memory arguments[DUEL_MOST_ARGUMENTS], result;
    int64_t *offsets;                            /**< of results that are pointers: see pointer_offset */
    void (*functions[DUEL_MOST_VARIANTS])(void); /**< those of libraries */
    unsigned last;                               /**< the variant that ran; tells the variants' loops apart */
    char names[DUEL_MOST_ARGUMENTS + 1][96];
};

#endif
