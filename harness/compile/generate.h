/* A kernel's folder out of files that define one function, or a setup that calls it: what `duel` of sources measures. */
#ifndef COMPILE_GENERATE_H
#define COMPILE_GENERATE_H

#include "base/problem.h"
#include "compile/signature.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GENERATE_VARIANTS 8
#define GENERATE_SIZES 32
#define GENERATE_PARTS 8
/** Of the inputs and answers of all calls that `fresh` asks for. */
#define GENERATE_MOST_BYTES ((uint64_t)1 << 30)

/** What a parameter is for. */
enum argument_role { ROLE_LENGTH, ROLE_CALLBACK, ROLE_SCALAR, ROLE_INPUT, ROLE_OUTPUT, ROLE_IN_OUT };

/** How it is filled. */
enum argument_fill {
    FILL_ANY,    /**< integers of the whole range, floating-point numbers of [0, 1) */
    FILL_SORTED, /**< the same in ascending order */
    FILL_RANGE,  /**< low to high */
    FILL_TEXT,   /**< printable characters */
    FILL_FILE    /**< what a file holds */
};

/** What limits the elements of an array that are its answer, beside the index of a parameter. */
enum answer_limit { ANSWER_WHOLE = -1, ANSWER_RETURNED = -2 };

/** How a field of a structure is filled. */
struct field_values {
    enum argument_fill fill; /**< FILL_ANY, FILL_RANGE or FILL_TEXT */
    int64_t low, high;
    double real_low, real_high;
};

/** One parameter's values. */
struct argument {
    enum argument_role role;
    enum argument_fill fill; /**< of a structure FILL_ANY, for what `fields` say, or FILL_FILE */
    int64_t low, high;       /**< FILL_RANGE, both included; floating-point numbers have the other two */
    double real_low, real_high;
    char path[4096]; /**< FILL_FILE, absolute */
    struct field_values fields[SIGNATURE_FIELDS];
    int limit; /**< of an output: ANSWER_…, or the index of the parameter that points to how many elements count */
    bool unordered;       /**< the order of its elements does not matter */
    size_t factor, extra; /**< an array has factor * n + extra elements */
    int length;           /**< index of the parameter that tells an array's length, or -1 */
    int element; /**< index of the parameter that tells the bytes of an element of an array of void, or -1 */
    /* Of a pointer to pointers, of which there are as many as the above says: what those point to. */
    enum argument_role row_role;
    size_t row_factor, row_extra; /**< elements of each; of text, its most characters */
    int row_length;
    bool context;         /**< is handed on to callbacks */
    const char *callback; /**< expression that gives the function, or NULL: it is generated */
};

/** A further source that a file is linked with. */
struct duel_part {
    char path[4096]; /**< absolute */
    bool cxx;
};

/** One file to compare. */
struct duel_variant {
    char name[SIGNATURE_NAME]; /**< legal as a variant's name, unlike the others' */
    char path[4096];           /**< absolute */
    char summary[128];
    bool library, cxx; /**< a shared library; a C++ source */
    const char *flags; /**< of the compiler, behind all others; NULL: none */
    bool alone;        /**< in place of $CFLAGS and $CXXFLAGS: those of its own build */
    struct duel_part parts[GENERATE_PARTS];
    size_t part_count;
};

/** Functions of a setup; there is one of SETUP_COMPARE and SETUP_ANSWER, and those behind may be missing. */
enum setup_function {
    SETUP_MAKE,
    SETUP_CALL,
    SETUP_COMPARE,
    SETUP_ANSWER,
    SETUP_DESTROY,
    SETUP_RESET,
    SETUP_ITEMS,
    SETUP_FUNCTIONS
};

/** A file of the user's that makes inputs, calls the function and compares answers (docs/DUEL.md, "Setups"). */
struct generate_setup {
    char path[4096];                             /**< absolute */
    bool cxx;                                    /**< a C++ source */
    struct signature functions[SETUP_FUNCTIONS]; /**< without a name where it is missing */
};

/** Calls that a program made, in place of inputs that are drawn (record/recording.h has the file). */
struct generate_recorded {
    char path[4096]; /**< absolute */
    const char *program;
    uint64_t saved, seen;   /**< calls in the file, and of the program */
    uint64_t offset, bytes; /**< of all calls in the file */
    uint64_t digest;
};

/** What to generate. */
struct generate_request {
    const struct signature *signature;        /**< with a setup its name alone, which is the kernel's */
    const struct generate_setup *setup;       /**< NULL: inputs are made by what `arguments` says */
    const struct generate_recorded *recorded; /**< NULL: there are none; see generate_take_recorded */
    struct argument arguments[SIGNATURE_PARAMETERS]; /**< of the parameters, in their order */
    struct duel_variant variants[GENERATE_VARIANTS];
    size_t variant_count;
    uint64_t sizes[GENERATE_SIZES]; /**< values of n; none where no parameter is a length */
    size_t size_count;
    bool inlined;   /**< the loop stands in each source behind the function, which may be compiled into it */
    uint64_t batch; /**< calls a run; 0: by the memory that they take */
    uint64_t fresh; /**< calls after which inputs repeat, rounded up to whole runs; 0: by memory */
    uint64_t threads; /**< that the function may use; 0: the calling one alone */
    double tolerance; /**< largest relative difference of floating-point answers */
    double absolute;  /**< largest difference; 0: none */
    double norm;      /**< largest norm of all differences of an array, of the array's own; 0: none */
    const char
        *compare; /**< function of the first file that says whether two answers are equal; NULL: none */
    const char *ldflags; /**< of the linker; NULL: none */
    const char *symbol;  /**< name of the function in libraries; NULL: the signature's */
};

/**
 * The roles and fills that convention gives: an integer that signature_length_of names is a length; a pointer
 * to const is an input, one to what is not const an output, or in and out where there is no input at all;
 * plain char is text, bool 0 or 1. An array that no convention gives a length has none: factor and extra 0.
 */
void generate_defaults(const struct signature *signature, struct argument *arguments);

/**
 * "uniform", "sorted", "zeros", "small:MAX", "range:LOW..HIGH", "text" or "file:PATH" for a parameter.
 * Returns 0, or -EINVAL (or that of the file) with the problem.
 */
int generate_read_fill(const struct signature_parameter *parameter, const char *text,
                       struct argument *argument, struct problem *problem);

/** The same for one field of a structure. */
int generate_read_field_fill(const struct signature_parameter *parameter, const char *field, const char *text,
                             struct argument *argument, struct problem *problem);

/**
 * "p[0..return)" or "p[0..*n)": the elements of an array that are its answer. Returns 0, or -EINVAL with the problem.
 */
int generate_read_output(const struct signature *signature, const char *text, struct argument *arguments,
                         struct problem *problem);

/**
 * "unordered", "tolerance=X", "absolute=X", "norm=X" or a function's name, into *request. Returns 0, or -EINVAL with the
 * problem.
 */
int generate_read_compare(struct generate_request *request, const char *text, struct problem *problem);

/**
 * "NAME", "16", "2*NAME", "NAME+1" or "2*NAME+1" as the elements of array `array`, or (`rows`) of each row. What was its length
 * and is no other array's becomes a scalar. Returns 0, or -EINVAL with the problem.
 */
int generate_read_length(const struct signature *signature, size_t array, bool rows, const char *text,
                         struct argument *arguments, struct problem *problem);

/** Whether some array's length is swept. */
bool generate_is_swept(const struct generate_request *request);

/** Checks what is wanted as a whole: sizes fit into the lengths' types, every array has elements. */
int generate_check(const struct generate_request *request, struct problem *problem);

/**
 * Takes recorded calls as inputs, once all else is checked: lengths are then values as others are, which each call has of
 * its own, and nothing is swept.
 */
void generate_take_recorded(struct generate_request *request, const struct generate_recorded *recorded);

/** The kernel's and the case's name: that of the function in lower case. */
void generate_name(const struct signature *signature, char *name, size_t size);

/** A key of all that is generated, for the name of a folder. */
uint64_t generate_key(const struct generate_request *request);

/**
 * Writes kernel.c and its headers, two files a variant, kernel.sources and case.yaml into `folder`,
 * which is made if need be; each file is whole or not there. `templates` holds duel/ and setup/. Returns 0 or -errno
 * with the problem.
 */
int generate_write(const struct generate_request *request, const char *templates, const char *folder,
                   struct problem *problem);

#endif
