/* State of the number-parsing kernel: fields of text, each a number, and what they mean. */
#ifndef NUMBER_PARSING_H
#define NUMBER_PARSING_H

#include <countersign.h>
#include <stdlib.h>

enum number_format { FORMAT_INTEGER, FORMAT_DECIMAL };

/** The byte after each field. */
#define NUMBER_SEPARATOR '\n'
/** Readable bytes behind the last field: a variant may load eight bytes at any byte of the text. */
#define NUMBER_PADDING 8

/** The answer is the number of each field: exact, or the double nearest to it. */
struct numbers {
    char *text;     /**< windows * window_bytes bytes of fields, and padding */
    size_t windows; /**< before the first comes again */
    size_t fields;  /**< of a window, which is what one run parses */
    size_t window_bytes;
    size_t next; /**< window of the next run */
    enum number_format format;

    uint64_t *integers; /**< answers, `fields` of them */
    double *decimals;

    uint64_t *drawn;   /**< for check: the digits of each field as one integer, the point left out */
    uint8_t *fraction; /**< for check: how many of these digits stand behind the point */
};

/** The fields of this run. They change from run to run, since a predictor learns lengths that come again. */
static inline const char *numbers_take_window(struct numbers *numbers) {
    return numbers->text + cs_window(&numbers->next, 1, numbers->windows) * numbers->window_bytes;
}

/** Up to here every integer is a double. */
#define NUMBER_EXACT (UINT64_C(1) << 53)

/**
 * digits / 10^fraction, rounded once and so correctly, since both are exact in a double (W. D. Clinger, "How
 * to read floating point numbers accurately", PLDI 1990). Other numbers are left to strtod, from `field` on.
 */
static inline double number_scale(const char *field, uint64_t digits, size_t fraction) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (digits <= NUMBER_EXACT && fraction < sizeof power / sizeof *power)
        return (double)digits / power[fraction];
    return strtod(field, NULL);
}

/** Where the digits of a number end, and what they and those before them mean. */
struct number_digits {
    const char *end;
    uint64_t value;
};

void run_library(void *state);
void run_loop(void *state);
void run_eight(void *state);

#endif
