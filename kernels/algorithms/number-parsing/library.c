#include "number-parsing.h"

static void parse_integers(const char *text, size_t fields, uint64_t *answers) {
    for (size_t i = 0; i < fields; i++) {
        char *end;
        answers[i] = strtoul(text, &end, 10);
        text = end + 1;
    }
}

static void parse_decimals(const char *text, size_t fields, double *answers) {
    for (size_t i = 0; i < fields; i++) {
        char *end;
        answers[i] = strtod(text, &end);
        text = end + 1;
    }
}

void run_library(void *state) {
    struct numbers *numbers = state;
    const char *text = numbers_take_window(numbers);
    if (numbers->format == FORMAT_INTEGER)
        parse_integers(text, numbers->fields, numbers->integers);
    else
        parse_decimals(text, numbers->fields, numbers->decimals);
}
