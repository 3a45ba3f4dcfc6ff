#include "cli/duel_arguments.h"

#include "cli/cli.h"
#include "compile/generate_callback.h"

#include <ctype.h>
#include <string.h>

/* What is said something of. */
struct target {
    struct signature *signature;
    struct generate_request *request;
};

const char *duel_setting_name(enum duel_setting setting) {
    static const char *const names[] = {
        [SETTING_LENGTH] = "--length",  [SETTING_FIX] = "--fix",       [SETTING_IN_OUT] = "--in-out",
        [SETTING_INPUT] = "--input",    [SETTING_ANSWER] = "--answer", [SETTING_CALLBACK] = "--callback",
        [SETTING_COMPARE] = "--compare"};
    return names[setting];
}

int duel_note_setting(struct duel_settings *settings, enum duel_setting setting, const char *text) {
    if (settings->count == sizeof settings->texts / sizeof *settings->texts)
        return fail(EXIT_USAGE, "duel: more than %zu options about arguments", settings->count);
    settings->kinds[settings->count] = setting;
    settings->texts[settings->count++] = text;
    return 0;
}

/* The parameter that "NAME=VALUE" or "NAME" speaks of; *value is behind the "=". -1 after a message. */
static int find_parameter(const struct target *target, const char *option, const char *text, bool with_value,
                          const char **value) {
    char name[SIGNATURE_NAME];
    size_t length = strcspn(text, "="), letters = length;
    if (length > 2 && !strncmp(text + length - 2, "[]", 2))
        letters -= 2;
    snprintf(name, sizeof name, "%.*s", (int)(letters < sizeof name ? letters : sizeof name - 1), text);
    *value = text[length] ? text + length + 1 : text + length;
    int found = signature_find(target->signature, name);
    if (found < 0)
        fail(EXIT_USAGE, "%s: %s has no parameter named '%s'", option, target->signature->name, name);
    else if (with_value != (text[length] == '='))
        return fail(-1, "%s: expected %s, got '%s'", option, with_value ? "NAME=VALUE" : "NAME", text);
    return found;
}

/* "p.x=range:0..9": of one field. */
static int apply_field(const struct target *target, const char *text) {
    char name[SIGNATURE_NAME], field[SIGNATURE_NAME];
    struct problem problem;
    size_t equals = strcspn(text, "="), dot = strcspn(text, ".");
    snprintf(name, sizeof name, "%.*s", (int)dot, text);
    snprintf(field, sizeof field, "%.*s", (int)(equals - dot - 1), text + dot + 1);
    int i = signature_find(target->signature, name);
    if (i < 0)
        return fail(EXIT_USAGE, "--input: %s has no parameter named '%s'", target->signature->name, name);
    if (!text[equals])
        return fail(EXIT_USAGE, "--input: expected NAME.FIELD=FILL, got '%s'", text);
    return generate_read_field_fill(&target->signature->parameters[i], field, text + equals + 1,
                                    &target->request->arguments[i], &problem)
               ? fail(EXIT_USAGE, "--input: %s", problem.text)
               : 0;
}

/* What is said of answers, and not of one parameter. */
static int apply_answer(const struct target *target, enum duel_setting option, const char *text) {
    struct problem problem;
    int status = option == SETTING_ANSWER
                     ? generate_read_output(target->signature, text, target->request->arguments, &problem)
                     : generate_read_compare(target->request, text, &problem);
    return status ? fail(EXIT_USAGE, "%s", problem.text) : 0;
}

static int apply_callback(const struct signature_parameter *parameter, struct argument *argument,
                          enum duel_setting option, const char *value) {
    if (argument->role != ROLE_CALLBACK)
        return fail(EXIT_USAGE, "--callback: %s is no pointer to a function", parameter->name);
    if (option != SETTING_CALLBACK || !*value || strpbrk(value, "\n\r"))
        return fail(EXIT_USAGE, "%s is a pointer to a function; expected --callback %s=FUNCTION",
                    parameter->name, parameter->name);
    argument->callback = value;
    return 0;
}

static int apply_in_out(const struct signature_parameter *parameter, struct argument *argument) {
    const struct scalar_type *type = &parameter->type;
    if (!type->pointer || (type->rows ? type->row_constant : type->constant))
        return fail(EXIT_USAGE, "--in-out: %s is no pointer to what may be written", parameter->name);
    *(type->rows ? &argument->row_role : &argument->role) = ROLE_IN_OUT;
    return 0;
}

static int apply_setting(const struct target *target, enum duel_setting option, const char *text) {
    if (option == SETTING_ANSWER || option == SETTING_COMPARE)
        return apply_answer(target, option, text);
    if (option == SETTING_INPUT && strcspn(text, ".") < strcspn(text, "="))
        return apply_field(target, text);
    const char *name = duel_setting_name(option), *value;
    struct problem problem;
    bool each = option == SETTING_LENGTH && strstr(text, "[]=");
    int i = find_parameter(target, name, text, option != SETTING_IN_OUT, &value);
    if (i < 0)
        return EXIT_USAGE;
    const struct signature_parameter *parameter = &target->signature->parameters[i];
    struct argument *argument = &target->request->arguments[i];
    bool pointer = parameter->type.pointer, rows = parameter->type.rows;
    if (option == SETTING_CALLBACK || argument->role == ROLE_CALLBACK)
        return apply_callback(parameter, argument, option, value);
    if (argument->role == ROLE_LENGTH)
        return fail(EXIT_USAGE,
                    "%s: %s is the length of an array, which --sizes tells; --length says if another is",
                    name, parameter->name);
    if (option == SETTING_IN_OUT)
        return apply_in_out(parameter, argument);
    if (pointer ? option == SETTING_FIX : option == SETTING_LENGTH)
        return fail(EXIT_USAGE, "%s: %s is %s", name, parameter->name, pointer ? "an array" : "no array");
    if (each && !rows)
        return fail(EXIT_USAGE, "--length: %s is no pointer to pointers; expected %s=N", parameter->name,
                    parameter->name);
    if (option == SETTING_INPUT && (rows ? argument->row_role : argument->role) == ROLE_OUTPUT)
        return fail(EXIT_USAGE, "--input: %s is an output; --in-out %s if it is read, too", parameter->name,
                    parameter->name);
    if (option == SETTING_FIX && (isalpha((unsigned char)value[0]) || !*value))
        return fail(EXIT_USAGE, "--fix: expected a number, got '%s'", text);
    int status = option == SETTING_LENGTH ? generate_read_length(target->signature, (size_t)i, each, value,
                                                                 target->request->arguments, &problem)
                                          : generate_read_fill(parameter, value, argument, &problem);
    return status ? fail(EXIT_USAGE, "%s%s%s", option == SETTING_LENGTH ? "" : name,
                         option == SETTING_LENGTH ? "" : ": ", problem.text)
                  : 0;
}

int duel_apply_settings(const struct duel_settings *settings, struct signature *signature,
                        struct generate_request *request) {
    const struct target target = {signature, request};
    struct problem problem;
    for (enum duel_setting pass = SETTING_LENGTH; pass <= SETTING_COMPARE; pass++) {
        if (pass == SETTING_IN_OUT && callback_settle(signature, request->arguments, &problem))
            return fail(EXIT_USAGE, "%s", problem.text);
        for (size_t i = 0; i < settings->count; i++)
            if (settings->kinds[i] == pass && apply_setting(&target, pass, settings->texts[i]))
                return EXIT_USAGE;
    }
    return 0;
}
