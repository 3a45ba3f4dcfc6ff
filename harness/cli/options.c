/* Reading options and their values. */
#include "cli/cli.h"

#include "base/numbers.h"
#include "store/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 128

bool option_is_first(const struct option_row *rows, const struct option_row *row) {
    for (const struct option_row *other = rows; other->name || other->help; other++)
        if (other != row && other->name && !strcmp(other->name, row->name) &&
            (other->elsewhere == row->elsewhere ? other < row : row->elsewhere))
            return false;
    return true;
}

static bool is_end(const struct option_row *row) {
    return !row->name && !row->help;
}

void options_inherit(struct option_row *rows, const struct option_row *from) {
    for (struct option_row *row = rows; !is_end(row); row++)
        for (const struct option_row *other = from; row->name && row->value == 0 && !is_end(other); other++)
            if (other->name && !strcmp(row->name, other->name)) {
                const char *help = row->help ? row->help : other->help;
                bool elsewhere = row->elsewhere;
                *row = *other;
                row->help = help;
                row->elsewhere = elsewhere;
            }
}

/* The table as getopt_long wants it, and which row each of its entries is. */
static void fill_options(const struct option_row *rows, struct option *options, size_t *indices) {
    size_t count = 0;
    for (size_t i = 0; !is_end(&rows[i]) && count < MOST_ROWS - 1; i++)
        if (rows[i].name && option_is_first(rows, &rows[i])) {
            indices[count] = i;
            options[count++] = (struct option){
                rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, rows[i].value};
        }
    options[count] = (struct option){0};
}

/* "table, markdown, csv or json" */
static void join_words(const char *const *words, char *text, size_t size) {
    size_t length = 0;
    for (size_t i = 0; words[i] && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s",
                                   i == 0         ? ""
                                   : words[i + 1] ? ", "
                                                  : " or ",
                                   words[i]);
}

/* "--name" of "--name=value": the start of several, close to one, or neither, and then all are listed. */
static int unknown_option(const char *verb, const char *word, const struct option *options) {
    const char *names[MOST_ROWS] = {NULL}, *starts[MOST_ROWS] = {NULL};
    char hint[1152], name[64], list_of[512] = "";
    size_t started = 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (size_t i = 0; options[i].name; i++) {
        names[i] = options[i].name;
        if (!strncmp(names[i], name, strlen(name)))
            starts[started++] = names[i];
    }
    if (started > 1) {
        join_words(starts, list_of, sizeof list_of);
        return fail(EXIT_USAGE, "%s: '--%s' may be %s", verb, name, list_of);
    }
    struct name_list list = name_list_of(names);
    suggest_names(name, &list, hint, sizeof hint);
    char *others = strstr(hint, "?; allowed: ");
    if (others)
        others[1] = '\0';
    return fail(EXIT_USAGE, "%s: no option '--%s'%s", verb, name, hint);
}

/* A long option, good or bad, is behind `optind` when it is refused; a short one is known by its letter. */
static void refuse(int option, char **argv, const struct option *options) {
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
}

static int choose_word(const char *option, struct given_option *given) {
    char list[128] = "";
    const char *const *words = given->row->words;
    for (given->choice = 0; words[given->choice]; given->choice++)
        if (!strcmp(given->text, words[given->choice]))
            return 0;
    join_words(words, list, sizeof list);
    return fail(-1, "%s: expected %s, got '%s'", option, list, given->text);
}

static int read_value(struct given_option *given) {
    const struct option_row *row = given->row;
    char name[64];
    snprintf(name, sizeof name, "--%s", row->name);
    switch (row->kind) {
    case VALUE_NUMBER:
        return parse_number_option(name, given->text, row->least, row->most, &given->number);
    case VALUE_WHOLE:
        return parse_integer_option(name, given->text, row->first, row->last, &given->whole);
    case VALUE_SIZE:
        return parse_size_option(name, given->text, &given->whole);
    case VALUE_WORD:
        return choose_word(name, given);
    default:
        return 0;
    }
}

/* Short names as getopt_long wants them: those of the table, and those that every verb has. */
static void fill_letters(const struct option_row *rows, char *letters, size_t size) {
    size_t length = (size_t)snprintf(letters, size, ":hV");
    for (const struct option_row *row = rows; !is_end(row) && length + 3 < size; row++)
        if (row->letter)
            length += (size_t)snprintf(letters + length, size - length, "%c%s", row->letter,
                                       row->argument ? ":" : "");
}

/* Index of the row that an option is, by its short name or by its index among the long ones. */
static size_t row_of(const struct option_row *rows, int option, size_t long_row) {
    for (size_t i = 0; !is_end(&rows[i]); i++)
        if (rows[i].letter && rows[i].letter == option)
            return i;
    return long_row;
}

int next_option(int argc, char **argv, const struct verb_options *verb, struct given_option *given) {
    struct option options[MOST_ROWS];
    size_t indices[MOST_ROWS];
    char letters[32];
    int index = 0;
    fill_options(verb->rows, options, indices);
    fill_letters(verb->rows, letters, sizeof letters);
    opterr = 0;
    int option = getopt_long(argc, argv, letters, options, &index);
    if (option == 'h' || option == OPTION_HELP)
        exit(print_verb_help(verb));
    if (option == 'V')
        exit(print_version());
    if (option == -1)
        return -1;
    if (option == '?' || option == ':') {
        refuse(option, argv, options);
        return '?';
    }
    *given =
        (struct given_option){.row = &verb->rows[row_of(verb->rows, option, indices[index])], .text = optarg};
    return read_value(given) ? '?' : given->row->value;
}

int parse_number_option(const char *option, const char *text, double low, double high, double *value) {
    if (!number_read(text, strlen(text), value) || *value < low || *value > high) {
        fail(EXIT_USAGE, "%s: expected a number from %s to %s, got '%s'", option, BRIEF(low, 6),
             BRIEF(high, 6), text);
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
    static const char units[] = "KMGT";
    double number;
    size_t length = strspn(text, "0123456789.");
    const char *unit = text[length] ? strchr(units, toupper((unsigned char)text[length])) : NULL;
    const char *rest = text + length + (unit ? 1 : 0);
    if (!number_read(text, length, &number) || number <= 0 ||
        (*rest && strcmp(rest, "B") && strcmp(rest, "iB"))) {
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
        return fail(-1, "%s: expected at most %d native events together, %s is one too many", where,
                    COUNTER_NATIVE_EVENTS, name);
    if (counter_native_check(name, &problem))
        return fail(-1, "%s: %s", where, problem.text);
    snprintf(events[(*count)++], COUNTER_NAME, "%s", name);
    return 0;
}
