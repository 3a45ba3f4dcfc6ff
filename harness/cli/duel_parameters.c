#include "cli/duel_parameters.h"

#include "base/numbers.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_name(const char *text, size_t length) {
    if (length == 0 || length >= RESULT_NAME || isdigit((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' && text[i] != '-')
            return false;
    return true;
}

/* Whether it is a number whose text comes of it again: 007 or +5 is text. */
static bool is_numeric(const char *text) {
    int64_t number;
    char again[32];
    if (!number_read_whole(text, strlen(text), &number))
        return false;
    snprintf(again, sizeof again, "%lld", (long long)number);
    return !strcmp(again, text);
}

static int add_value(struct duel_parameter *parameter, const char *text, size_t length) {
    if (parameter->count == DUEL_VALUES)
        return fail(-1, "--parameter %s: expected at most %d values", parameter->name, DUEL_VALUES);
    if (length == 0 || length >= RESULT_NAME)
        return fail(-1, "--parameter %s: expected values of 1 to %d characters", parameter->name,
                    RESULT_NAME - 1);
    char *value = parameter->values[parameter->count];
    memcpy(value, text, length);
    value[length] = '\0';
    for (size_t i = 0; i < parameter->count; i++)
        if (!strcmp(parameter->values[i], value))
            return fail(-1, "--parameter %s: the value %s is there twice", parameter->name, value);
    parameter->numeric &= is_numeric(value);
    parameter->count++;
    return 0;
}

/* The ".." of a range FROM..TO, whether it is one that can be read or not; NULL: there is none. A path (../a,
 * a/../b) and an ellipsis are none. */
static const char *find_range(const char *text) {
    for (const char *dots = text; (dots = strstr(dots, "..")); dots++) {
        char left = dots > text ? dots[-1] : '\0', right = dots[2];
        bool from = left && !strchr("/.", left), to = right && !strchr("/.", right);
        if ((from && to) || (from && isdigit((unsigned char)left)) || (to && isdigit((unsigned char)right)))
            return dots;
    }
    return NULL;
}

static int refuse_range(const struct duel_parameter *parameter, const char *text) {
    return fail(-1,
                "--parameter %s: expected FROM..TO[:STEP] of whole numbers, such as 1..9:2, got '%s'; name "
                "other values one by one: %s=0.1,0.2",
                parameter->name, text, parameter->name);
}

/* 1: it is a range, and its values were added; 0: it is none; -1: printed. */
static int add_range(struct duel_parameter *parameter, const char *text) {
    const char *dots = find_range(text), *colon = dots ? strchr(dots, ':') : NULL;
    int64_t from, to, step = 1;
    char value[32];
    if (!dots)
        return 0;
    size_t to_length = colon ? (size_t)(colon - dots) - 2 : strlen(dots + 2);
    if (!number_read_whole(text, (size_t)(dots - text), &from) ||
        !number_read_whole(dots + 2, to_length, &to) ||
        (colon && !number_read_whole(colon + 1, strlen(colon + 1), &step)))
        return refuse_range(parameter, text);
    if (step < 1 || to < from)
        return fail(-1, "--parameter %s: expected FROM..TO[:STEP] with FROM <= TO and STEP >= 1, got '%s'",
                    parameter->name, text);
    for (int64_t i = from; i <= to && i >= from; i += step) {
        int length = snprintf(value, sizeof value, "%lld", (long long)i);
        if (add_value(parameter, value, (size_t)length))
            return -1;
        if (to - i < step)
            break;
    }
    return 1;
}

int parse_duel_parameter(const char *text, struct duel_parameter *parameter) {
    const char *equals = strchr(text, '=');
    *parameter = (struct duel_parameter){.numeric = true};
    if (!equals || !is_name(text, (size_t)(equals - text)))
        return fail(-1, "--parameter: expected NAME=V1,V2,… or NAME=FROM..TO[:STEP], got '%s'", text);
    memcpy(parameter->name, text, (size_t)(equals - text));
    parameter->values = calloc(DUEL_VALUES, sizeof *parameter->values);
    if (!parameter->values)
        return fail(-1, "out of memory");
    int range = add_range(parameter, equals + 1);
    for (const char *value = equals + 1; range == 0 && value;) {
        size_t length = strcspn(value, ",");
        range = add_value(parameter, value, length);
        value = value[length] ? value + length + 1 : NULL;
    }
    if (range < 0) {
        free(parameter->values);
        parameter->values = NULL;
    }
    return range < 0 ? -1 : 0;
}

static bool is_used_in(const struct duel_parameter *parameter, const char *text) {
    size_t length = strlen(parameter->name);
    for (const char *at = text; (at = strchr(at, '{')); at++)
        if (!strncmp(at + 1, parameter->name, length) && at[1 + length] == '}')
            return true;
    return false;
}

const char *find_unused_parameter(const struct duel_commands *duel) {
    const struct words *const helpers[] = {&duel->setup, &duel->prepare, &duel->conclude, &duel->cleanup,
                                           &duel->servers};
    for (size_t i = 0; i < duel->parameter_count; i++) {
        bool used = false;
        for (size_t j = 0; j < duel->command_count; j++)
            used |= is_used_in(&duel->parameters[i], duel->commands[j].text);
        for (size_t j = 0; j < sizeof helpers / sizeof *helpers; j++)
            for (size_t k = 0; k < helpers[j]->count; k++)
                used |= is_used_in(&duel->parameters[i], helpers[j]->items[k]);
        if (!used)
            return duel->parameters[i].name;
    }
    return NULL;
}

size_t count_duel_points(const struct duel_commands *duel) {
    size_t count = 1;
    for (size_t i = 0; i < duel->parameter_count; i++)
        count *= duel->parameters[i].count;
    return count;
}

void fill_duel_point(const struct duel_commands *duel, size_t index, struct point *point) {
    *point = (struct point){.count = duel->parameter_count};
    for (size_t i = duel->parameter_count; i-- > 0;) {
        const struct duel_parameter *parameter = &duel->parameters[i];
        struct point_value *value = &point->values[i];
        size_t which = index % parameter->count;
        index /= parameter->count;
        memcpy(value->name, parameter->name, sizeof value->name);
        value->value = parameter->numeric ? strtoll(parameter->values[which], NULL, 10) : (int64_t)which;
        if (!parameter->numeric)
            memcpy(value->choice, parameter->values[which], sizeof value->choice);
    }
}

/* The value whose {NAME} stands at `text`; NULL: none does. */
static const struct point_value *placeholder_at(const struct point *point, const char *text) {
    for (size_t i = 0; i < point->count && *text == '{'; i++) {
        size_t length = strlen(point->values[i].name);
        if (!strncmp(text + 1, point->values[i].name, length) && text[1 + length] == '}')
            return &point->values[i];
    }
    return NULL;
}

char *substitute_duel_point(const struct point *point, const char *text) {
    char *result = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&result, &size);
    while (stream && *text) {
        const struct point_value *value = placeholder_at(point, text);
        if (!value) {
            fputc(*text++, stream);
            continue;
        }
        if (value->choice[0])
            fputs(value->choice, stream);
        else
            fprintf(stream, "%lld", (long long)value->value);
        text += strlen(value->name) + 2;
    }
    if (stream && fclose(stream) != 0) {
        free(result);
        return NULL;
    }
    return result;
}
