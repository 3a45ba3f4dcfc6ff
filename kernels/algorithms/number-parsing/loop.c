#include "number-parsing.h"

/* Appends the digits at `text` to those of `value`. */
static inline struct number_digits parse_digits(const char *text, uint64_t value) {
    for (unsigned digit; (digit = (unsigned char)*text - '0') < 10; text++)
        value = value * 10 + digit;
    return (struct number_digits){text, value};
}

static void parse_integers(const char *text, size_t fields, uint64_t *answers) {
    for (size_t i = 0; i < fields; i++) {
        struct number_digits digits = parse_digits(text, 0);
        answers[i] = digits.value;
        text = digits.end + 1;
    }
}

static void parse_decimals(const char *text, size_t fields, double *answers) {
    for (size_t i = 0; i < fields; i++) {
        struct number_digits digits = parse_digits(text, 0);
        const char *point = digits.end;
        if (*point == '.')
            digits = parse_digits(++point, digits.value);
        answers[i] = number_scale(text, digits.value, (size_t)(digits.end - point));
        text = digits.end + 1;
    }
}

void run_loop(void *state) {
    struct numbers *numbers = state;
    const char *text = numbers_take_window(numbers);
    if (numbers->format == FORMAT_INTEGER)
        parse_integers(text, numbers->fields, numbers->integers);
    else
        parse_decimals(text, numbers->fields, numbers->decimals);
}
