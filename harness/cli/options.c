/* Reading options and their values. */
#include "cli/cli.h"

#include "report/report.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int next_option(int argc, char **argv, const struct option *options) {
    opterr = 0;
    int index = optind ? optind : 1;
    int option = getopt_long(argc, argv, ":", options, NULL);
    if (option != '?' && option != ':')
        return option;
    const char *word = argv[index] ? argv[index] : "";
    if (option == ':')
        fail(EXIT_USAGE, "%s: %s needs a value; see `countersign %s --help`", argv[0], word, argv[0]);
    else
        fail(EXIT_USAGE, "%s: unknown option or value not expected: '%s'; see `countersign %s --help`",
             argv[0], word, argv[0]);
    return '?';
}

int parse_number_option(const char *option, const char *text, double low, double high, double *value) {
    char *end = NULL;
    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end || errno || !isfinite(*value) || *value < low || *value > high) {
        fail(EXIT_USAGE, "%s: expected a number from %g to %g, got '%s'", option, low, high, text);
        return -1;
    }
    return 0;
}

int parse_integer_option(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    *value = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 0) : 0;
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

int parse_format_option(const char *text) {
    static const char *const names[] = {"table", "markdown", "csv", "json"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(text, names[i]))
            return i;
    fail(EXIT_USAGE, "--format: expected table, markdown, csv or json, got '%s'", text);
    return -1;
}

int print_run(const struct run *run, enum table_format format) {
    struct report_style style = report_style_for(stdout);
    int status = format == FORMAT_JSON       ? run_print_json(run, stdout)
                 : format == FORMAT_CSV      ? report_csv(run, stdout)
                 : format == FORMAT_MARKDOWN ? report_markdown(run, stdout)
                                             : report_table(run, &style, stdout);
    if (status == 0 && fflush(stdout) != 0)
        status = -errno;
    return status;
}
