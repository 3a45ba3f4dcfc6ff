/* From a signature and what the user says of it to what every parameter is for. */
#include "compile/generate.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_range(struct argument *argument, int64_t low, int64_t high) {
    argument->fill = FILL_RANGE;
    argument->low = low, argument->high = high;
    argument->real_low = (double)low, argument->real_high = (double)high;
}

static bool has_input(const struct signature *signature) {
    for (size_t i = 0; i < signature->count; i++)
        if (signature->parameters[i].type.pointer && signature->parameters[i].type.constant)
            return true;
    return false;
}

/* A length is what an array's is told by; nothing else is. */
static void assign_lengths(const struct signature *signature, struct argument *arguments) {
    for (size_t i = 0; i < signature->count; i++)
        if (arguments[i].role == ROLE_LENGTH)
            arguments[i].role = ROLE_SCALAR;
    for (size_t i = 0; i < signature->count; i++)
        if (arguments[i].role >= ROLE_INPUT && arguments[i].length >= 0)
            arguments[arguments[i].length].role = ROLE_LENGTH;
}

void generate_defaults(const struct signature *signature, struct argument *arguments) {
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        arguments[i] = (struct argument){.role = ROLE_SCALAR, .length = -1};
        if (type->kind == SCALAR_TEXT)
            arguments[i].fill = FILL_TEXT;
        if (type->kind == SCALAR_BOOL)
            set_range(&arguments[i], 0, 1);
        if (type->pointer)
            arguments[i].role = type->constant         ? ROLE_INPUT
                                : has_input(signature) ? ROLE_OUTPUT
                                                       : ROLE_IN_OUT;
    }
    for (size_t i = 0; i < signature->count; i++) {
        const struct signature_parameter *parameter = &signature->parameters[i];
        int length = parameter->type.pointer ? signature_length_of(signature, i) : -1;
        arguments[i].length = length;
        /* A string ends itself. */
        if (length >= 0 || (parameter->type.constant && parameter->type.kind == SCALAR_TEXT))
            arguments[i].factor = 1;
    }
    assign_lengths(signature, arguments);
}

static int refuse_fill(const struct signature_parameter *parameter, const char *text,
                       struct problem *problem) {
    bool real = parameter->type.kind == SCALAR_FLOAT;
    return problem_set(
        problem, EINVAL,
        "%s: expected uniform, sorted, zeros, small:MAX, range:LOW..HIGH, text (of one byte an "
        "element) or file:PATH, within the type's limits (%s), got '%.200s'",
        parameter->name, real ? "floating-point numbers" : parameter->type.text, text);
}

static bool is_within(const struct scalar_type *type, int64_t value) {
    if (type->kind == SCALAR_BOOL)
        return value == 0 || value == 1;
    unsigned bits = 8 * type->size;
    if (type->kind == SCALAR_UNSIGNED)
        return value >= 0 && (bits == 64 || value < (int64_t)1 << bits);
    return bits == 64 || (value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1));
}

/* One bound from *text on; moves it behind. */
static bool read_bound(const struct scalar_type *type, const char **text, int64_t *whole, double *real) {
    char *end;
    errno = 0;
    if (type->kind == SCALAR_FLOAT) {
        /* strtod would take "1." of "1..2" */
        char part[64];
        const char *dots = strstr(*text, "..");
        size_t length = dots ? (size_t)(dots - *text) : strlen(*text);
        if (length == 0 || length >= sizeof part)
            return false;
        memcpy(part, *text, length);
        part[length] = '\0';
        *real = strtod(part, &end);
        *text += length;
        return !*end && isfinite(*real) && !isspace((unsigned char)part[0]);
    }
    if (!isdigit((unsigned char)**text) && **text != '-')
        return false;
    const char *digits = *text + (**text == '-');
    *whole = strtoll(*text, &end, digits[0] == '0' && tolower((unsigned char)digits[1]) == 'x' ? 16 : 10);
    *text = end;
    return !errno && end > digits && is_within(type, *whole);
}

/* "LOW..HIGH" or, after "small:", "MAX", or one value. */
static bool read_range(const struct scalar_type *type, const char *text, bool single, bool from_zero,
                       struct argument *argument) {
    struct argument read = *argument;
    read.fill = FILL_RANGE;
    if (!read_bound(type, &text, &read.low, &read.real_low))
        return false;
    read.high = read.low, read.real_high = read.real_low;
    if (from_zero)
        read.low = 0, read.real_low = 0;
    if (!single) {
        if (strncmp(text, "..", 2))
            return false;
        text += 2;
        if (!read_bound(type, &text, &read.high, &read.real_high))
            return false;
    }
    if (*text || (type->kind == SCALAR_FLOAT ? read.real_low > read.real_high : read.low > read.high))
        return false;
    *argument = read;
    return true;
}

static int read_file_fill(const char *path, struct argument *argument, struct problem *problem) {
    char *absolute = realpath(path, NULL);
    if (!absolute)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    int length = snprintf(argument->path, sizeof argument->path, "%s", absolute);
    free(absolute);
    argument->fill = FILL_FILE;
    return length < (int)sizeof argument->path
               ? 0
               : problem_set(problem, ENAMETOOLONG, "%s: the path is too long", path);
}

int generate_read_fill(const struct signature_parameter *parameter, const char *text,
                       struct argument *argument, struct problem *problem) {
    const struct scalar_type *type = &parameter->type;
    if (!strcmp(text, "uniform") && type->kind == SCALAR_BOOL)
        set_range(argument, 0, 1);
    else if (!strcmp(text, "uniform"))
        argument->fill = FILL_ANY;
    else if (!strcmp(text, "sorted") && type->pointer && type->kind != SCALAR_BOOL)
        argument->fill = FILL_SORTED;
    else if (!strcmp(text, "zeros"))
        set_range(argument, 0, 0);
    else if (!strcmp(text, "text") && type->size == 1 && type->kind != SCALAR_BOOL)
        argument->fill = FILL_TEXT;
    else if (!strncmp(text, "file:", 5) && type->pointer && type->kind != SCALAR_BOOL)
        return read_file_fill(text + 5, argument, problem);
    else if (strncmp(text, "small:", 6)
                 ? strncmp(text, "range:", 6) || !read_range(type, text + 6, false, false, argument)
                 : !read_range(type, text + 6, true, true, argument))
        return read_range(type, text, true, false, argument) && !type->pointer
                   ? 0
                   : refuse_fill(parameter, text, problem);
    return 0;
}

int generate_read_length(const struct signature *signature, size_t array, const char *text,
                         struct argument *arguments, struct problem *problem) {
    const char *c = text;
    char *end;
    char name[SIGNATURE_NAME] = "";
    bool wrong = false;
    size_t factor = 1, extra = 0;
    if (isdigit((unsigned char)*c)) {
        factor = strtoull(c, &end, 10);
        wrong = *end && *end != '*';
        if (!*end)
            extra = factor, factor = 0;
        c = *end ? end + 1 : end;
    }
    size_t letters = strcspn(c, "+");
    if (factor && letters && letters < sizeof name) {
        memcpy(name, c, letters);
        c += letters;
        if (*c == '+' && isdigit((unsigned char)c[1])) {
            extra = strtoull(c + 1, &end, 10);
            c = end;
        }
    }
    int found = signature_find(signature, name);
    if (wrong || *c || factor > 1 << 20 || extra > 1 << 30 || factor + extra == 0 ||
        (factor && (found < 0 || !signature_is_integer(&signature->parameters[found]))))
        return problem_set(problem, EINVAL,
                           "--length: expected elements such as p=n, p=2*n, p=n+1 or p=16, where n is an "
                           "integer among the parameters, got '%.200s'",
                           text);
    arguments[array].factor = factor;
    arguments[array].extra = extra;
    arguments[array].length = factor ? found : -1;
    assign_lengths(signature, arguments);
    return 0;
}

static int check_size(const struct generate_request *request, uint64_t size, struct problem *problem) {
    for (size_t i = 0; i < request->signature->count; i++) {
        const struct signature_parameter *parameter = &request->signature->parameters[i];
        if (request->arguments[i].role == ROLE_LENGTH && !is_within(&parameter->type, (int64_t)size))
            return problem_set(problem, EINVAL, "--sizes: %s %s cannot be %llu", parameter->type.text,
                               parameter->name, (unsigned long long)size);
    }
    return 0;
}

bool generate_is_swept(const struct generate_request *request) {
    bool swept = false;
    for (size_t i = 0; i < request->signature->count; i++)
        swept |= request->arguments[i].role >= ROLE_INPUT && request->arguments[i].factor > 0;
    return swept;
}

int generate_check(const struct generate_request *request, struct problem *problem) {
    const struct signature *signature = request->signature;
    for (size_t i = 0; i < signature->count; i++) {
        const struct argument *argument = &request->arguments[i];
        if (argument->role < ROLE_INPUT)
            continue;
        if (argument->factor + argument->extra == 0)
            return problem_set(
                problem, EINVAL,
                "%s: no parameter says how many elements %s has; tell with --length %s=NAME or "
                "--length %s=16",
                signature->name, signature->parameters[i].name, signature->parameters[i].name,
                signature->parameters[i].name);
    }
    bool arrays = false;
    for (size_t i = 0; i < signature->count; i++)
        arrays |= request->arguments[i].role >= ROLE_INPUT;
    if (signature->result.pointer && !arrays)
        return problem_set(
            problem, EINVAL,
            "%s: returns a pointer, and takes no array that it could point into: there is no answer "
            "to compare",
            signature->name);
    if (signature->result.kind == SCALAR_VOID && !signature->result.pointer) {
        bool answers = false;
        for (size_t i = 0; i < signature->count; i++)
            answers |= request->arguments[i].role >= ROLE_OUTPUT;
        if (!answers)
            return problem_set(problem, EINVAL,
                               "%s: returns nothing and writes to no array: there is no answer to compare",
                               signature->name);
    }
    if (!generate_is_swept(request) && request->size_count)
        return problem_set(problem, EINVAL, "--sizes: %s has no array whose length could change",
                           signature->name);
    int status = 0;
    for (size_t i = 0; i < request->size_count && status == 0; i++)
        status = check_size(request, request->sizes[i], problem);
    return status;
}

void generate_name(const struct signature *signature, char *name, size_t size) {
    const char *last = strrchr(signature->name, ':');
    size_t length = 0;
    for (const char *c = last ? last + 1 : signature->name; *c && length + 1 < size; c++)
        if (isalnum((unsigned char)*c) || *c == '_')
            name[length++] = (char)tolower((unsigned char)*c);
        else if (length && name[length - 1] != '-')
            name[length++] = '-';
    while (length && name[length - 1] == '-')
        length--;
    name[length] = '\0';
}
