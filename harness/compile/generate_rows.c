#include "compile/generate_rows.h"

#include "base/numbers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MOST_CHARACTERS 16

static bool is_integer(const struct signature *signature, int i) {
    return i >= 0 && (size_t)i < signature->count && signature_is_integer(&signature->parameters[i]);
}

/* As of strtol and strsep: where the function leaves off. */
static bool is_end(const char *name) {
    static const char *const words[] = {"end", "endptr", "next", "rest", "tail", "saveptr", "stringp"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(name, words[i]))
            return true;
    return length > 4 && !strcasecmp(name + length - 4, "_end");
}

/* Rows, and columns. False: no integers tell them. */
static bool find_shape(const struct signature *signature, size_t i, int *rows, int *columns) {
    int first = (int)i + 1, named = signature_length_of(signature, i);
    while (first < (int)signature->count && !is_integer(signature, first))
        first++;
    if (!is_integer(signature, first) && is_integer(signature, (int)i - 1) &&
        is_integer(signature, (int)i - 2))
        first = (int)i - 2;
    bool both = is_integer(signature, first) && is_integer(signature, first + 1);
    *rows = both ? first : named >= 0 ? named : is_integer(signature, first) ? first : -1;
    *columns = both ? first + 1 : *rows;
    return *rows >= 0;
}

static void set_shape(const struct signature *signature, size_t i, struct argument *argument) {
    const struct signature_parameter *parameter = &signature->parameters[i];
    const struct scalar_type *type = &parameter->type;
    bool numbers = type->kind != SCALAR_TEXT && type->kind != SCALAR_STRUCTURE;
    bool end = is_end(parameter->name);
    int rows = -1, columns = -1, named = signature_length_of(signature, i);
    bool told = !end && find_shape(signature, i, &rows, &columns);
    argument->row_extra = type->kind == SCALAR_TEXT ? MOST_CHARACTERS : type->kind == SCALAR_STRUCTURE;
    argument->length = !told ? -1 : !numbers && named >= 0 ? named : rows;
    argument->factor = told;
    argument->extra = !told;
    argument->row_factor = told && numbers;
    argument->row_length = told && numbers ? columns : -1;
    argument->row_role = end ? ROLE_INPUT : argument->role;
    argument->role = type->constant ? ROLE_INPUT : ROLE_IN_OUT;
}

void rows_defaults(const struct signature *signature, struct argument *arguments) {
    for (size_t i = 0; i < signature->count; i++)
        if (signature->parameters[i].type.rows)
            set_shape(signature, i, &arguments[i]);
}

size_t rows_count(const struct signature *signature) {
    size_t count = 0;
    for (size_t i = 0; i < signature->count; i++)
        count += signature->parameters[i].type.rows;
    return count;
}

/* As a real number: a product of lengths may be any. */
static double bytes_of_rows(const struct scalar_type *type, const struct argument *argument, uint64_t size) {
    double rows = (double)argument->factor * (double)size + (double)argument->extra;
    double each = (double)argument->row_factor * (double)size + (double)argument->row_extra +
                  (type->kind == SCALAR_TEXT);
    return rows * each * type->size * (argument->row_role == ROLE_OUTPUT ? 1 : 2);
}

uint64_t rows_bytes(const struct scalar_type *type, const struct argument *argument, uint64_t size) {
    double bytes = bytes_of_rows(type, argument, size);
    return bytes < 0x1p60 ? (uint64_t)bytes : (uint64_t)1 << 60;
}

int rows_check(const struct generate_request *request, struct problem *problem) {
    const struct signature *signature = request->signature;
    for (size_t i = 0; i < signature->count; i++) {
        const struct argument *argument = &request->arguments[i];
        const char *name = signature->parameters[i].name;
        if (signature->parameters[i].type.rows && argument->row_factor + argument->row_extra == 0)
            return problem_set(
                problem, EINVAL,
                "%s: no parameter says how many elements each row of %s has; tell with --length '%s[]=NAME' or "
                "--length '%s[]=16'",
                signature->name, name, name, name);
    }
    return 0;
}

int rows_check_size(const struct generate_request *request, uint64_t size, struct problem *problem) {
    double bytes = 0;
    for (size_t i = 0; i < request->signature->count; i++) {
        const struct scalar_type *type = &request->signature->parameters[i].type;
        bytes += type->rows ? bytes_of_rows(type, &request->arguments[i], size) : 0;
    }
    return bytes <= (double)GENERATE_MOST_BYTES
               ? 0
               : problem_set(problem, EINVAL,
                             "--sizes: the rows of one call take %s MiB with n = %llu, more than %llu MiB",
                             BRIEF(bytes / 0x1p20, 4), (unsigned long long)size,
                             (unsigned long long)(GENERATE_MOST_BYTES >> 20));
}
