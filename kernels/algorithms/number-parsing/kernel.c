/*
 * What number is this? Fields of text, one number each, as from a file of comma-separated values: unsigned
 * integers, or decimals whose last digits stand behind a point.
 */
#include "number-parsing.h"

#include <math.h>
#include <string.h>

enum { LENGTHS_FIXED, LENGTHS_VARIED };

/* Fields before the first comes again: more than a predictor remembers the lengths of. */
#define LEAST_POOL 65536

/* `length` digits, the first not 0 where others follow; no integer of 18 digits is too large for 64 bits. */
static uint64_t draw(struct cs_random *random, unsigned length) {
    uint64_t value = length > 1 ? 1 + cs_random_below(random, 9) : cs_random_below(random, 10);
    for (unsigned i = 1; i < length; i++)
        value = value * 10 + cs_random_below(random, 10);
    return value;
}

/* Writes a field and its separator, and returns where the next begins. */
static char *write_field(char *text, uint64_t value, unsigned length, unsigned fraction) {
    char *end = text + length + (fraction > 0);
    *end = NUMBER_SEPARATOR;
    for (char *at = end; at > text; value /= 10, length--) {
        *--at = (char)('0' + value % 10);
        if (fraction > 0 && --fraction == 0)
            *--at = '.';
    }
    return end + 1;
}

/* Every length from 1 to `digits` as often as the others, in an order of its own: all windows are as long. */
static void draw_lengths(struct cs_random *random, uint32_t *lengths, size_t fields, unsigned digits,
                         int varied) {
    for (size_t i = 0; i < fields; i++)
        lengths[i] = varied ? (uint32_t)(1 + i % digits) : digits;
    cs_random_shuffle(random, lengths, fields);
}

static unsigned choose_fraction(const struct numbers *numbers, uint32_t length) {
    return numbers->format == FORMAT_DECIMAL ? length / 2 : 0;
}

static void fill_windows(struct numbers *numbers, struct cs_random *random, uint32_t *lengths,
                         unsigned digits, int varied) {
    char *text = numbers->text;
    for (size_t window = 0; window < numbers->windows; window++) {
        draw_lengths(random, lengths, numbers->fields, digits, varied);
        for (size_t i = 0; i < numbers->fields; i++) {
            size_t field = window * numbers->fields + i;
            unsigned fraction = choose_fraction(numbers, lengths[i]);
            numbers->drawn[field] = draw(random, lengths[i]);
            numbers->fraction[field] = (uint8_t)fraction;
            text = write_field(text, numbers->drawn[field], lengths[i], fraction);
        }
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct numbers *numbers = state;
    struct cs_random random = cs_random_seed(env->seed);
    unsigned digits = (unsigned)cs_value(env, "digits");
    int varied = cs_value(env, "lengths") == LENGTHS_VARIED;
    numbers->format = (enum number_format)cs_value(env, "format");
    numbers->fields = cs_size(env, "fields");
    numbers->windows = (LEAST_POOL + numbers->fields - 1) / numbers->fields;

    uint32_t *lengths = cs_array(env, "lengths", numbers->fields, uint32_t);
    draw_lengths(&random, lengths, numbers->fields, digits, varied);
    for (size_t i = 0; i < numbers->fields; i++)
        numbers->window_bytes += lengths[i] + (choose_fraction(numbers, lengths[i]) > 0) + 1;

    size_t pool = numbers->windows * numbers->fields;
    numbers->text = cs_array(env, "text", numbers->windows * numbers->window_bytes + NUMBER_PADDING, char);
    numbers->drawn = cs_array(env, "numbers as drawn", pool, uint64_t);
    numbers->fraction = cs_array(env, "places of points", pool, uint8_t);
    numbers->integers = cs_array(env, "integers", numbers->fields, uint64_t);
    numbers->decimals = cs_array(env, "decimals", numbers->fields, double);
    if (numbers->format == FORMAT_INTEGER)
        cs_output(env, "integer", numbers->integers, numbers->fields);
    else
        cs_output(env, "decimal", numbers->decimals, numbers->fields);
    fill_windows(numbers, &random, lengths, digits, varied);
    cs_free(env, lengths);
    cs_work(env, numbers->fields, numbers->window_bytes);
    cs_rewind(env, &numbers->next);
    return 0;
}

/*
 * Is `answer` a double nearest to digits / 10^fraction? Nothing is parsed or divided: with answer = m * 2^-e,
 * m below 2^53, the error m * 10^fraction - digits * 2^e is an integer of at most 90 bits, and half a unit
 * in the last place of m is 10^fraction / 2.
 */
static int is_nearest(double answer, uint64_t digits, unsigned fraction) {
    int exponent;
    double mantissa = ldexp(frexp(answer, &exponent), 53);
    int shift = 53 - exponent;
    if (digits == 0 || !(answer > 0) || shift < 0 || shift > 64)
        return digits == 0 && answer == 0;
    __int128 power = 1;
    for (unsigned i = 0; i < fraction; i++)
        power *= 10;
    __int128 error = (int64_t)mantissa * power - ((__int128)digits << shift);
    return 2 * (error < 0 ? -error : error) <= power;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct numbers *numbers = state;
    size_t first = cs_last_window(numbers->next, 1, numbers->windows) * numbers->fields;
    for (size_t i = 0; i < numbers->fields; i++) {
        uint64_t digits = numbers->drawn[first + i];
        unsigned fraction = numbers->fraction[first + i];
        if (numbers->format == FORMAT_INTEGER)
            cs_expect(mismatch, "integer", i, numbers->integers[i], digits);
        if (numbers->format == FORMAT_DECIMAL && !is_nearest(numbers->decimals[i], digits, fraction)) {
            *mismatch = (struct cs_mismatch){.output = "decimal", .index = i};
            snprintf(mismatch->got, sizeof mismatch->got, "%.17g", numbers->decimals[i]);
            snprintf(mismatch->expected, sizeof mismatch->expected, "%llu / 10^%u",
                     (unsigned long long)digits, fraction);
            return CS_WRONG;
        }
    }
    return 0;
}

static const char *const lengths[] = {"fixed", "varied", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL("number-parsing", "field", "parse fields of text, an unsigned integer or a decimal each"),
    .parameters = {CS_CHOICE("format", FORMAT_INTEGER,
                             "integer: digits alone; decimal: half of the digits behind a point", "integer",
                             "decimal"),
                   CS_NUMBER("digits", "digits", 1, 18, 8, "of the longest"),
                   {.name = "lengths",
                    .choices = lengths,
                    .def = LENGTHS_VARIED,
                    .summary =
                        "fixed: all have so many digits; varied: from one to so many, in random order"},
                   CS_NUMBER("fields", "fields", 1, 65536, 512, "fields of one run")},
    .variants = {CS_VARIANT("library", run_library, "strtoul or strtod a field"),
                 CS_VARIANT("loop", run_loop, "a loop over digits, written for the format"),
                 CS_VARIANT("eight", run_eight, "eight digits at a time, with three multiplications")},
    CS_STATE(struct numbers, setup),
    .check = check,
    .scale = "fields",
};
