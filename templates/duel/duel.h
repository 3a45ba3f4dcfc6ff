/* What the calls of all variants share: the arguments of every call, and the places of their results. */
#ifndef DUEL_H
#define DUEL_H

#include <countersign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DUEL_MOST_ARGUMENTS 24
#define DUEL_MOST_VARIANTS 8
#define DUEL_MOST_OUTPUTS 16

enum duel_kind { DUEL_SIGNED, DUEL_UNSIGNED, DUEL_FLOAT, DUEL_POINTER };
enum duel_role { DUEL_LENGTH, DUEL_CALLBACK, DUEL_SCALAR, DUEL_INPUT, DUEL_OUTPUT, DUEL_IN_OUT };
enum duel_fill { DUEL_ANY, DUEL_RANGE, DUEL_PRINTABLE };

/** Values of an enumeration that follow on each other, both ends included. */
struct duel_run {
    int64_t low, high;
};

/** A scalar in an element, or `count` of them: of a structure there are several. */
struct duel_field {
    const char *name; /**< "x" or "position.x"; NULL: all of the element */
    enum duel_kind kind;
    size_t size; /**< bytes of one */
    size_t offset, count, stride;
    enum duel_fill fill;
    int64_t low, high; /**< DUEL_RANGE, both included */
    double real_low, real_high;
    const struct duel_run *runs; /**< DUEL_ANY: what is drawn from; NULL: any value */
    size_t run_count;
};

/** What limits an array's answer, beside the index of the argument that holds how many elements count. */
enum duel_limit { DUEL_ALL = -1, DUEL_RETURN = -2 };

/**
 * One argument, or the result: what it is for, and how it is filled. An array has factor * n + extra elements. A pointer to
 * pointers is an array of those; all that they point to is one more array, behind the arguments, of so many elements a row.
 */
struct duel_argument {
    const char *name;
    enum duel_role role;
    size_t size; /**< bytes of an element */
    const struct duel_field *fields;
    size_t field_count;
    size_t factor, extra;
    bool ended; /**< an element 0 follows the last: a string */
    bool sorted;
    const char *path; /**< of what fills it, or NULL */
    int limit;
    bool unordered;                   /**< its elements count, and not their order */
    const struct duel_argument *rows; /**< what its elements point to, or NULL */
    const struct duel_argument *of;   /**< what points to its rows, or NULL */
    bool text;                        /**< each row ends with 0, after any number of characters */
};

/** Calls that a program made, and where the file has them: in place of what would be drawn. */
struct duel_recorded {
    const char *path; /**< NULL: there are none */
    const char *program;
    size_t calls, seen;   /**< that are saved; that were made */
    size_t offset, bytes; /**< of all calls in the file */
    const char *digest;   /**< which stands before them */
};

/**
 * Memory of one argument, or of the results: that of call i begins at data + i * stride. A recorded array has as many
 * elements as its call had: see duel_slot.
 */
struct duel_memory {
    unsigned char *block, *data, *pristine;
    size_t stride, size; /**< size: of a whole block */
    size_t *slots;       /**< of a recorded array: bytes before each call's, and of all; or NULL */
    size_t *before;      /**< of a recorded array: elements before each call's, and of all */
    unsigned char **at;  /**< of a recorded array: what each call is given, which may be NULL */
};

/** Bytes from `data` to the memory of a call. */
static inline size_t duel_slot(const struct duel_memory *memory, size_t call) {
    return memory->slots ? memory->slots[call] : call * memory->stride;
}

struct duel {
    size_t length;
    size_t sets; /**< of arguments, one for each call: inputs repeat after so many */
    size_t run;  /**< calls of one run, which divide `sets` */
    size_t first,
        span; /**< of the next run: its first call, and how many; all of them where it is verified */
    struct duel_memory arguments[DUEL_MOST_ARGUMENTS], result;
    int64_t *offsets;                             /**< of results that are pointers: see pointer_offset */
    int64_t *places[DUEL_MOST_ARGUMENTS];         /**< the same of arguments that are pointers to pointers */
    void (*functions[DUEL_MOST_VARIANTS])(void);  /**< those of libraries */
    void (*callbacks[DUEL_MOST_ARGUMENTS])(void); /**< the same for all variants */
    unsigned char *gathered[DUEL_MOST_OUTPUTS];   /**< of recorded arrays: answers, one behind the other */
    unsigned last; /**< the variant that ran; tells the variants' loops apart */
    char names[DUEL_MOST_OUTPUTS][96];
};

/** What the answer is; signature.h has it. */
struct duel_answer {
    const struct duel_argument *arguments, *result;
    size_t argument_count;
    bool offsets; /**< the result is a pointer, of which there are offsets */
    double tolerance, absolute, norm;
    bool (*equal)(const void *expected, const void *got, size_t count); /**< the user's, or NULL */
};

/** Of an array that is not made of rows, or of one row. */
static inline size_t duel_row(const struct duel *duel, const struct duel_argument *argument) {
    return argument->role >= DUEL_INPUT ? argument->factor * duel->length + argument->extra : 1;
}

static inline size_t duel_elements(const struct duel *duel, const struct duel_argument *argument) {
    return duel_row(duel, argument) * (argument->of ? duel_row(duel, argument->of) : 1);
}

/** The same of one call: as many as were recorded, or as of every call. */
static inline size_t duel_elements_of(const struct duel *duel, const struct duel_argument *argument,
                                      const struct duel_memory *memory, size_t call) {
    return memory->before ? memory->before[call + 1] - memory->before[call] : duel_elements(duel, argument);
}

/* Where a pointer leads to: into argument `place / DUEL_SPAN`, so many bytes behind its beginning; or to nowhere. */
#define DUEL_NULL (-1)
#define DUEL_ELSEWHERE (-2)
#define DUEL_SPAN ((int64_t)1 << 48)

/** The next run's first argument, or place of a result. */
static inline unsigned char *duel_begin(const struct duel *duel, const struct duel_memory *memory) {
    return memory->data + duel->first * memory->stride;
}

/** Ends a run of variant `last - 1`: the next one goes on behind it, and from the beginning where there is no more. */
static inline void duel_end(struct duel *duel, unsigned last) {
    size_t next = duel->first + duel->span;
    duel->first = next < duel->sets ? next : 0;
    duel->span = duel->run;
    duel->last = last;
}

/** Fills an argument of all calls. 0, or -errno after a reason. */
int duel_fill(const struct cs_env *env, const struct duel *duel, const struct duel_argument *argument,
              struct duel_memory *memory, struct cs_random *random);

/** What a file has of recorded calls, as they are to be found in it. */
struct duel_calls {
    unsigned char *bytes;         /**< all of them */
    const unsigned char **values; /**< of call i and argument k: values[i * arguments + k] */
};

/** Reads the file, and finds each value in it. 0, or -errno after a reason. Free with duel_forget_calls. */
int duel_read_calls(const struct cs_env *env, const struct duel_recorded *recorded,
                    const struct duel_argument *arguments, size_t argument_count, struct duel_calls *calls);
void duel_forget_calls(struct duel_calls *calls);

/** Elements of an array that was recorded; *null: there was no array. */
size_t duel_recorded_elements(const unsigned char *value, bool *null);

/** kernel.c's descriptor's: whether answers that differ are as good as each other, and what would make them so. */
int duel_compare(const struct duel *duel, const struct duel_answer *answer, const struct cs_output *expected,
                 const struct cs_output *got, struct cs_mismatch *mismatch);

#endif
