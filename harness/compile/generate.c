/* From a signature and what the user says of it to what every parameter is for. */
#include "compile/generate.h"

#include "base/numbers.h"
#include "compile/generate_callback.h"
#include "compile/generate_rows.h"

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

static void set_field_default(const struct scalar_field *field, struct field_values *values) {
    values->fill = field->kind == SCALAR_TEXT   ? FILL_TEXT
                   : field->kind == SCALAR_BOOL ? FILL_RANGE
                                                : FILL_ANY;
    values->high = field->kind == SCALAR_BOOL;
}

static bool is_read_only(const struct scalar_type *type) {
    return type->pointer && (type->rows ? type->row_constant : type->constant);
}

static bool has_input(const struct signature *signature) {
    for (size_t i = 0; i < signature->count; i++)
        if (is_read_only(&signature->parameters[i].type))
            return true;
    return false;
}

/* A string ends itself, and what a copy of it is written to has as much room. */
static bool is_as_long_as_text(const struct signature *signature, size_t i) {
    const struct scalar_type *type = &signature->parameters[i].type;
    bool text = false;
    for (size_t k = 0; k < signature->count; k++) {
        const struct scalar_type *other = &signature->parameters[k].type;
        text |= other->constant && other->kind == SCALAR_TEXT && other->pointer && !other->reference &&
                !other->rows && signature_length_of(signature, k) < 0;
    }
    return text && type->kind == SCALAR_TEXT && type->pointer && !type->reference && !type->rows;
}

/* A length is what an array's is told by; nothing else is. */
static void assign_lengths(const struct signature *signature, struct argument *arguments) {
    for (size_t i = 0; i < signature->count; i++)
        if (arguments[i].role == ROLE_LENGTH)
            arguments[i].role = ROLE_SCALAR;
    for (size_t i = 0; i < signature->count; i++)
        if (arguments[i].role >= ROLE_INPUT && arguments[i].length >= 0)
            arguments[arguments[i].length].role = ROLE_LENGTH;
    for (size_t i = 0; i < signature->count; i++)
        if (arguments[i].role >= ROLE_INPUT && arguments[i].row_length >= 0)
            arguments[arguments[i].row_length].role = ROLE_LENGTH;
}

/* Lengths of arrays of arrays count those; what is filled and compared are elements. */
static void multiply_columns(const struct scalar_type *type, struct argument *argument) {
    size_t columns = type->columns ? type->columns : 1;
    argument->factor *= columns;
    argument->extra *= columns;
}

void generate_defaults(const struct signature *signature, struct argument *arguments) {
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        arguments[i] = (struct argument){
            .role = ROLE_SCALAR, .length = -1, .row_length = -1, .element = -1, .limit = ANSWER_WHOLE};
        for (size_t f = 0; f < type->field_count; f++)
            set_field_default(&type->fields[f], &arguments[i].fields[f]);
        if (type->kind == SCALAR_TEXT)
            arguments[i].fill = FILL_TEXT;
        if (type->kind == SCALAR_BOOL)
            set_range(&arguments[i], 0, 1);
        if (type->pointer)
            arguments[i].role = is_read_only(type) ? ROLE_INPUT
                                : has_input(signature) && !type->columns
                                    ? ROLE_OUTPUT
                                    : ROLE_IN_OUT; /* gcc loses const of a typedef's array */
    }
    for (size_t i = 0; i < signature->count; i++) {
        const struct signature_parameter *parameter = &signature->parameters[i];
        int length = parameter->type.pointer ? signature_length_of(signature, i) : -1;
        arguments[i].length = length;
        if (length >= 0 || (parameter->type.constant && parameter->type.kind == SCALAR_TEXT))
            arguments[i].factor = 1;
        else if (is_as_long_as_text(signature, i))
            arguments[i].factor = arguments[i].extra = 1;
        else if (parameter->type.reference ||
                 (parameter->type.pointer && signature_is_record(&parameter->type)))
            arguments[i].extra = 1;
        multiply_columns(&parameter->type, &arguments[i]);
    }
    rows_defaults(signature, arguments);
    callback_defaults(signature, arguments);
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
    if (type->kind == SCALAR_STRUCTURE && strncmp(text, "file:", 5) != 0)
        return problem_set(problem, EINVAL, "%s: is filled field by field: --input %s.%s=FILL, or file:PATH",
                           parameter->name, parameter->name, type->fields[0].name);
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

int generate_read_field_fill(const struct signature_parameter *parameter, const char *field, const char *text,
                             struct argument *argument, struct problem *problem) {
    const struct scalar_type *type = &parameter->type;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct scalar_field *found = &type->fields[i];
        struct signature_parameter alone = {
            .type = {.kind = (enum scalar_kind)found->kind, .size = found->size}};
        struct argument values = {.fill = FILL_ANY};
        if (strcmp(found->name, field) != 0)
            continue;
        snprintf(alone.name, sizeof alone.name, "%.30s.%.30s", parameter->name, field);
        snprintf(alone.type.text, sizeof alone.type.text, "its type's");
        int status = generate_read_fill(&alone, text, &values, problem);
        argument->fields[i] =
            (struct field_values){values.fill, values.low, values.high, values.real_low, values.real_high};
        return status;
    }
    return problem_set(problem, EINVAL, "%s has no field named '%s'", parameter->name, field);
}

int generate_read_output(const struct signature *signature, const char *text, struct argument *arguments,
                         struct problem *problem) {
    char name[SIGNATURE_NAME] = "", limit[SIGNATURE_NAME] = "", end[4] = "";
    int got = sscanf(text, "%63[^[][0..%63[^)]%3s", name, limit, end);
    int array = signature_find(signature, name), by = signature_find(signature, limit + (*limit == '*'));
    bool returned = !strcmp(limit, "return");
    if (got != 3 || strcmp(end, ")") != 0 || (!returned && (*limit != '*' || by < 0)) || array < 0)
        return problem_set(
            problem, EINVAL,
            "--answer: expected ARRAY[0..return) or ARRAY[0..*COUNT), of parameters' names, got '%.200s'",
            text);
    const struct scalar_type *counter = returned ? &signature->result : &signature->parameters[by].type;
    bool whole = counter->kind == SCALAR_SIGNED || counter->kind == SCALAR_UNSIGNED;
    if (!whole || counter->rows || counter->pointer == returned || (!returned && counter->constant) ||
        by == array)
        return problem_set(problem, EINVAL, "--answer: %s is no integer that counts elements", limit);
    if (arguments[array].role < ROLE_OUTPUT)
        return problem_set(problem, EINVAL, "--answer: %s is no array that is written", name);
    if (signature->parameters[array].type.columns)
        return problem_set(problem, EINVAL,
                           "--answer: %s is an array of arrays, of which no part is told to be the answer",
                           name);
    arguments[array].limit = returned ? ANSWER_RETURNED : by;
    if (!returned) {
        arguments[by].factor = 0, arguments[by].extra = 1, arguments[by].length = -1;
        assign_lengths(signature, arguments);
    }
    return 0;
}

static bool read_positive(const char *text, const char *word, double *number) {
    size_t length = strlen(word);
    char *end;
    if (strncmp(text, word, length) != 0 || text[length] != '=')
        return false;
    *number = strtod(text + length + 1, &end);
    if (*end || end == text + length + 1 || !isfinite(*number) || *number < 0)
        *number = NAN;
    return true;
}

int generate_read_compare(struct generate_request *request, const char *text, struct problem *problem) {
    double *const numbers[] = {&request->tolerance, &request->absolute, &request->norm};
    static const char *const words[] = {"tolerance", "absolute", "norm"};
    double number = NAN;
    if (!strcmp(text, "unordered")) {
        for (size_t i = 0; i < request->signature->count; i++)
            request->arguments[i].unordered = request->arguments[i].role >= ROLE_OUTPUT;
        return 0;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (read_positive(text, words[i], &number)) {
            *numbers[i] = number;
            if (!isnan(number))
                return 0;
        }
    if (!*text || text[strcspn(text, "= (")])
        return problem_set(
            problem, EINVAL,
            "--compare: expected unordered, tolerance=X, absolute=X, norm=X, or the name of a function of "
            "the first file, got '%.200s'",
            text);
    request->compare = text;
    return 0;
}

int generate_read_length(const struct signature *signature, size_t array, bool rows, const char *text,
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
    struct argument *argument = &arguments[array];
    *(rows ? &argument->row_factor : &argument->factor) = factor;
    *(rows ? &argument->row_extra : &argument->extra) = extra;
    *(rows ? &argument->row_length : &argument->length) = factor ? found : -1;
    multiply_columns(&signature->parameters[array].type, argument);
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
        swept |= request->arguments[i].role >= ROLE_INPUT &&
                 (request->arguments[i].factor > 0 || request->arguments[i].row_factor > 0);
    return swept;
}

/* Whether C lays these fields out so by itself: what is passed by value must be told to a compiler by them alone. */
static bool is_plain(const struct scalar_type *type) {
    unsigned end = 0, most = 1;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct scalar_field *field = &type->fields[i];
        end = (end + field->size - 1) / field->size * field->size;
        if (field->offset != end || (field->count > 1 && field->stride != field->size))
            return false;
        end += field->count * field->size;
        most = field->size > most ? field->size : most;
    }
    return type->size == (end + most - 1) / most * most;
}

static int check_records(const struct generate_request *request, struct problem *problem) {
    const struct signature *signature = request->signature;
    size_t outputs =
        signature->result.field_count && !signature->result.pointer ? signature->result.field_count : 1;
    if (!signature->result.pointer && signature_is_record(&signature->result) &&
        !is_plain(&signature->result))
        return problem_set(problem, EINVAL,
                           "%s: returns a structure with gaps or of another order than its fields have",
                           signature->name);
    for (size_t i = 0; i < signature->count; i++) {
        const struct signature_parameter *parameter = &signature->parameters[i];
        const struct scalar_type *type = &parameter->type;
        const struct argument *argument = &request->arguments[i];
        bool array = argument->factor || argument->extra > 1;
        if (!type->pointer && signature_is_record(type) && !is_plain(type))
            return problem_set(
                problem, EINVAL,
                "%s: is a structure by value with gaps or of another order than its fields have",
                parameter->name);
        for (size_t f = 0; f < type->field_count && argument->role >= ROLE_OUTPUT; f++)
            if ((array || type->rows) && type->fields[f].count > 1)
                return problem_set(
                    problem, EINVAL,
                    "%s: is written, and has arrays in its elements (%s), which are not compared; with a setup "
                    "of your own they are: --setup (docs/DUEL.md)",
                    parameter->name, type->fields[f].name);
        if (argument->role >= ROLE_OUTPUT)
            outputs += type->field_count && !type->rows ? type->field_count : 1;
        if (type->rows && argument->row_role >= ROLE_OUTPUT)
            outputs += type->field_count ? type->field_count : 1;
    }
    return outputs <= 16
               ? 0
               : problem_set(
                     problem, EINVAL,
                     "%s: writes to %zu fields, of 16 that are compared at most; with a setup of your own "
                     "there may be more: --setup (docs/DUEL.md)",
                     signature->name, outputs);
}

static int check_compare(const struct generate_request *request, struct problem *problem) {
    const struct signature *signature = request->signature;
    size_t answers = 0, records = 0;
    for (size_t i = 0; i < signature->count; i++) {
        bool answer = request->arguments[i].role >= ROLE_OUTPUT;
        answers += answer + (request->arguments[i].row_role >= ROLE_OUTPUT);
        records += answer && (signature->parameters[i].type.field_count > 1 ||
                              signature->parameters[i].type.rows || signature->parameters[i].type.columns);
    }
    if (answers > 1 || records || request->variants[0].library || signature_is_record(&signature->result) ||
        (answers == 0 && signature->result.pointer))
        return problem_set(
            problem, EINVAL,
            "--compare: a function of the first file, a source, compares one array of scalars, or the result "
            "where no array is written; with a setup of your own there may be more: --setup (docs/DUEL.md)");
    return 0;
}

/* Bytes of one call's arguments, which are kept twice where they are read, and of its answer, at least. */
static uint64_t bytes_of_call(const struct generate_request *request, uint64_t size) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < request->signature->count; i++) {
        const struct argument *argument = &request->arguments[i];
        const struct scalar_type *type = &request->signature->parameters[i].type;
        unsigned element = type->rows ? sizeof(void *) : type->size;
        uint64_t elements = argument->role < ROLE_INPUT ? 1 : argument->factor * size + argument->extra;
        bytes +=
            argument->role < ROLE_SCALAR ? 0 : elements * element * (argument->role == ROLE_OUTPUT ? 1 : 2);
        bytes += type->rows ? rows_bytes(type, argument, size) : 0;
    }
    return bytes + (request->signature->result.pointer ? sizeof(void *) : request->signature->result.size);
}

static int check_fresh(const struct generate_request *request, uint64_t size, struct problem *problem) {
    uint64_t bytes = bytes_of_call(request, size), most = GENERATE_MOST_BYTES / (bytes ? bytes : 1);
    if (request->fresh <= most || request->fresh == 1)
        return 0;
    return problem_set(
        problem, EINVAL,
        "--fresh: inputs and answers of %llu calls%s%.0llu take %s MiB, more than %llu MiB; expected %llu at most%s",
        (unsigned long long)request->fresh, size ? " with n = " : "", (unsigned long long)size,
        BRIEF((double)request->fresh * (double)bytes / 0x1p20, 4),
        (unsigned long long)(GENERATE_MOST_BYTES >> 20), (unsigned long long)(most ? most : 1),
        size ? ", or other --sizes" : "");
}

/* Of several integers (width, height) none is a length: then one fixed value each and all their elements are told. */
static int refuse_length(const struct signature *signature, size_t array, struct problem *problem) {
    const char *name = signature->parameters[array].name;
    char fixed[400] = "", what[60] = "elements";
    if (signature->parameters[array].type.columns)
        snprintf(what, sizeof what, "arrays of %u elements", signature->parameters[array].type.columns);
    size_t integers = 0, length = 0;
    for (size_t i = 0; i < signature->count; i++)
        if (signature_is_integer(&signature->parameters[i]) && length + SIGNATURE_NAME + 16 < sizeof fixed) {
            length += (size_t)snprintf(fixed + length, sizeof fixed - length, "%s--fix %s=64",
                                       integers ? " " : ", or ", signature->parameters[i].name);
            integers++;
        }
    return problem_set(
        problem, EINVAL,
        "%s: no parameter says how many %s %s has; tell with --length %s=NAME or --length %s=16%s%s%s%s",
        signature->name, what, name, name, name, integers > 1 ? fixed : "", integers > 1 ? " --length " : "",
        integers > 1 ? name : "", integers > 1 ? "=4096" : "");
}

int generate_check(const struct generate_request *request, struct problem *problem) {
    const struct signature *signature = request->signature;
    for (size_t i = 0; i < signature->count; i++) {
        const struct argument *argument = &request->arguments[i];
        if (argument->role < ROLE_INPUT)
            continue;
        if (argument->factor + argument->extra == 0)
            return refuse_length(signature, i, problem);
    }
    int status = callback_check(request, problem);
    if (status == 0)
        status = rows_check(request, problem);
    if (status == 0)
        status = check_records(request, problem);
    if (status == 0 && request->compare)
        status = check_compare(request, problem);
    if (status)
        return status;
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
    for (size_t i = 0; i < request->size_count && status == 0; i++)
        status = check_size(request, request->sizes[i], problem);
    for (size_t i = 0; i < request->size_count && status == 0; i++)
        status = rows_check_size(request, request->sizes[i], problem);
    for (size_t i = 0; i < (request->size_count ? request->size_count : 1) && status == 0; i++)
        status = check_fresh(request, request->size_count ? request->sizes[i] : 0, problem);
    return status;
}

void generate_take_recorded(struct generate_request *request, const struct generate_recorded *recorded) {
    request->recorded = recorded;
    for (size_t i = 0; i < request->signature->count; i++) {
        struct argument *argument = &request->arguments[i];
        if (argument->role == ROLE_LENGTH)
            argument->role = ROLE_SCALAR;
        argument->factor = 0;
        argument->extra = argument->role >= ROLE_INPUT;
        argument->length = -1;
    }
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
