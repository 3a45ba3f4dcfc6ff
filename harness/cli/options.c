/* Reading options and their values. */
#include "cli/cli.h"

#include "store/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "--name" of "--name=value". */
static int unknown_option(const char *verb, const char *word, const struct option *options) {
    const char *names[64] = {NULL};
    char hint[512], name[64];
    size_t count = 0;
    for (; options[count].name && count < sizeof names / sizeof *names - 1; count++)
        names[count] = options[count].name;
    struct name_list list = name_list_of(names);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    return fail(EXIT_USAGE, "%s: no option '--%s'%s", verb, name,
                suggest_names(name, &list, hint, sizeof hint));
}

int next_option(int argc, char **argv, const struct option *options) {
    opterr = 0;
    int option = getopt_long(argc, argv, ":", options, NULL);
    if (option != '?' && option != ':')
        return option;
    /* A long option, good or bad, is behind `optind` when it is refused; a short one is known by its letter.
     */
    const char *verb = argv[0], *word = argv[optind - 1];
    bool given = false;
    for (size_t i = 0; options[i].name; i++)
        given |= options[i].val == optopt && !strncmp(word, "--", 2);
    if (option == ':')
        fail(EXIT_USAGE, "%s: %s needs a value; see `countersign %s --help`", verb, word, verb);
    else if (given)
        fail(EXIT_USAGE, "%s: %.*s takes no value, got '%s'; see `countersign %s --help`", verb,
             (int)strcspn(word, "="), word, strchr(word, '=') ? strchr(word, '=') + 1 : "", verb);
    else if (optopt)
        fail(EXIT_USAGE, "%s: no option '-%c'; options have long names, see `countersign %s --help`", verb,
             optopt, verb);
    else
        unknown_option(verb, word, options);
    return '?';
}

int parse_number_option(const char *option, const char *text, double low, double high, double *value) {
    char *end = NULL;
    errno = 0;
    *value = strtod(text, &end);
    bool decimal = !text[strspn(text, "+-.0123456789eE")]; /* strtod takes hexadecimal and blanks too */
    if (!decimal || end == text || *end || errno || !isfinite(*value) || *value < low || *value > high) {
        fail(EXIT_USAGE, "%s: expected a number from %g to %g, got '%s'", option, low, high, text);
        return -1;
    }
    return 0;
}

int parse_integer_option(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value) {
    char *end = NULL;
    int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
    errno = 0;
    *value = isdigit((unsigned char)text[0]) ? strtoull(text, &end, base) : 0;
    if (!end || *end || errno || *value < low || *value > high) {
        fail(EXIT_USAGE, "%s: expected a whole number from %llu to %llu, got '%s'", option,
             (unsigned long long)low, (unsigned long long)high, text);
        return -1;
    }
    return 0;
}

int parse_size_option(const char *option, const char *text, uint64_t *bytes) {
    char *end = NULL;
    errno = 0;
    double number = isdigit((unsigned char)text[0]) ? strtod(text, &end) : -1;
    static const char units[] = "KMGT";
    const char *unit = end && *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    const char *rest = end ? end + (unit ? 1 : 0) : text;
    if (number <= 0 || errno || (*rest && strcmp(rest, "B") && strcmp(rest, "iB"))) {
        fail(EXIT_USAGE, "%s: expected a size such as 512M or 4G, got '%s'", option, text);
        return -1;
    }
    for (const char *u = units; unit && u <= unit; u++)
        number *= 1024;
    if (number < 0x1p24 || number > 0x1p50) {
        fail(EXIT_USAGE, "%s: expected 16M to 1024T, got '%s'", option, text);
        return -1;
    }
    *bytes = (uint64_t)number;
    return 0;
}

int add_native_event(const char *where, const char *name, char (*events)[COUNTER_NAME], size_t *count) {
    struct problem problem;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(events[i], name) == 0)
            return 0;
    if (*count == COUNTER_NATIVE_EVENTS)
        return fail(-1, "%s: expected at most %d native events in a run, %s is one too many", where,
                    COUNTER_NATIVE_EVENTS, name);
    if (counter_native_check(name, &problem))
        return fail(-1, "%s: %s", where, problem.text);
    snprintf(events[(*count)++], COUNTER_NAME, "%s", name);
    return 0;
}
