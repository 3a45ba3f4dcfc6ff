#include "compile/signature.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

/* Text under way. */
struct reader {
    const char *text, *next; /* whole, and what is left */
    char word[2 * SIGNATURE_NAME];
    struct problem *problem;
};

static int refuse(const struct reader *reader, const char *expected, const char *got) {
    return problem_set(
        reader->problem, EINVAL,
        "--call: expected %s, got '%.60s' in: %.200s; what inputs cannot be made for is measured "
        "as a kernel of your own: `countersign new`",
        expected, *got ? got : "the end", reader->text);
}

static void skip_blanks(struct reader *reader) {
    reader->next += strspn(reader->next, " \t\r\n");
}

/* The next name into reader->word; false where there is none. "::" may be within. */
static bool read_name(struct reader *reader) {
    skip_blanks(reader);
    const char *end = reader->next;
    if (!isalpha((unsigned char)*end) && *end != '_')
        return false;
    while (isalnum((unsigned char)*end) || *end == '_' || (end[0] == ':' && end[1] == ':') ||
           (end[0] == ':' && end[-1] == ':'))
        end++;
    size_t length = (size_t)(end - reader->next);
    if (length >= sizeof reader->word)
        return false;
    memcpy(reader->word, reader->next, length);
    reader->word[length] = '\0';
    reader->next = end;
    return true;
}

static bool take(struct reader *reader, char sign) {
    skip_blanks(reader);
    if (*reader->next != sign)
        return false;
    reader->next++;
    return true;
}

/* Types of one word. */
static const struct {
    const char *name;
    enum scalar_kind kind;
    unsigned size;
} words[] = {{"int8_t", SCALAR_SIGNED, 1},
             {"int16_t", SCALAR_SIGNED, 2},
             {"int32_t", SCALAR_SIGNED, 4},
             {"int64_t", SCALAR_SIGNED, 8},
             {"uint8_t", SCALAR_UNSIGNED, 1},
             {"uint16_t", SCALAR_UNSIGNED, 2},
             {"uint32_t", SCALAR_UNSIGNED, 4},
             {"uint64_t", SCALAR_UNSIGNED, 8},
             {"size_t", SCALAR_UNSIGNED, sizeof(size_t)},
             {"ssize_t", SCALAR_SIGNED, sizeof(ssize_t)},
             {"ptrdiff_t", SCALAR_SIGNED, sizeof(ptrdiff_t)},
             {"intptr_t", SCALAR_SIGNED, sizeof(intptr_t)},
             {"uintptr_t", SCALAR_UNSIGNED, sizeof(uintptr_t)},
             {"float", SCALAR_FLOAT, 4},
             {"bool", SCALAR_BOOL, 1},
             {"_Bool", SCALAR_BOOL, 1},
             {"void", SCALAR_VOID, 0}};

/* The words of C's own integers and double, in whatever order they stand. */
struct specifiers {
    unsigned is_signed, is_unsigned, is_short, is_long, is_int, is_char, is_double;
};

static bool count_specifier(struct specifiers *seen, const char *word) {
    const struct {
        const char *name;
        unsigned *count;
    } names[] = {{"signed", &seen->is_signed}, {"unsigned", &seen->is_unsigned}, {"short", &seen->is_short},
                 {"long", &seen->is_long},     {"int", &seen->is_int},           {"char", &seen->is_char},
                 {"double", &seen->is_double}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(word, names[i].name)) {
            ++*names[i].count;
            return true;
        }
    return false;
}

static bool are_legal(const struct specifiers *seen) {
    unsigned signs = seen->is_signed + seen->is_unsigned;
    if (seen->is_double)
        return seen->is_double == 1 && !signs && !seen->is_short && !seen->is_long && !seen->is_int &&
               !seen->is_char;
    if (seen->is_char)
        return seen->is_char == 1 && signs <= 1 && !seen->is_short && !seen->is_long && !seen->is_int;
    return signs <= 1 && seen->is_int <= 1 && seen->is_short <= 1 && seen->is_long <= 2 &&
           !(seen->is_short && seen->is_long);
}

/* Writes the type as C has it, too. */
static bool resolve_specifiers(const struct specifiers *seen, struct scalar_type *type) {
    if (!are_legal(seen))
        return false;
    type->kind = seen->is_double                     ? SCALAR_FLOAT
                 : seen->is_unsigned                 ? SCALAR_UNSIGNED
                 : seen->is_char && !seen->is_signed ? SCALAR_TEXT
                                                     : SCALAR_SIGNED;
    type->size = seen->is_double      ? sizeof(double)
                 : seen->is_char      ? 1
                 : seen->is_short     ? sizeof(short)
                 : seen->is_long == 2 ? sizeof(long long)
                 : seen->is_long      ? sizeof(long)
                                      : sizeof(int);
    snprintf(type->text, sizeof type->text, "%s%s",
             seen->is_unsigned                  ? "unsigned "
             : seen->is_char && seen->is_signed ? "signed "
                                                : "",
             seen->is_double      ? "double"
             : seen->is_char      ? "char"
             : seen->is_short     ? "short"
             : seen->is_long == 2 ? "long long"
             : seen->is_long      ? "long"
                                  : "int");
    return true;
}

static bool find_word(const char *word, struct scalar_type *type) {
    const char *name = strncmp(word, "std::", 5) ? word : word + 5;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(name, words[i].name)) {
            type->kind = words[i].kind;
            type->size = words[i].size;
            snprintf(type->text, sizeof type->text, "%s", words[i].name);
            return true;
        }
    return false;
}

static bool is_ignored(const char *word) {
    static const char *const ignored[] = {"extern", "static", "inline"};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (!strcmp(word, ignored[i]))
            return true;
    return false;
}

/* "const T *restrict" up to a name. */
static int read_type(struct reader *reader, struct scalar_type *type) {
    static const char expected[] =
        "a scalar type (an integer, size_t, float, double, bool, char) or a pointer to one";
    *type = (struct scalar_type){0};
    struct specifiers seen = {0};
    bool named = false, own = false;
    for (;;) {
        const char *before = reader->next;
        if (!read_name(reader))
            break;
        if (!strcmp(reader->word, "const"))
            type->constant = true;
        else if (count_specifier(&seen, reader->word))
            own = true;
        else if (!named && !own && find_word(reader->word, type))
            named = true;
        else if (!named && !own && !is_ignored(reader->word))
            return refuse(reader, expected, reader->word);
        else if (named || own) {
            reader->next = before; /* the name of what is declared */
            break;
        }
    }
    if (named == own || (own && !resolve_specifiers(&seen, type)))
        return refuse(reader, expected, reader->next);
    return 0;
}

/* "*" and qualifiers behind it. */
static int read_pointer(struct reader *reader, struct scalar_type *type) {
    if (!take(reader, '*'))
        return 0;
    type->pointer = true;
    for (const char *before = reader->next; read_name(reader); before = reader->next)
        if (strcmp(reader->word, "const") && strcmp(reader->word, "restrict") &&
            strcmp(reader->word, "__restrict") && strcmp(reader->word, "__restrict__")) {
            reader->next = before;
            break;
        }
    skip_blanks(reader);
    return *reader->next == '*'
               ? refuse(reader, "a pointer to a scalar, and no pointer to a pointer", reader->next)
               : 0;
}

static void complete_type(struct scalar_type *type) {
    if (!type->pointer) {
        type->constant = false;
        return;
    }
    char text[sizeof type->text];
    snprintf(text, sizeof text, "%s%.80s *", type->constant ? "const " : "", type->text);
    memcpy(type->text, text, sizeof text);
    if (type->kind == SCALAR_VOID)
        type->kind = SCALAR_UNSIGNED, type->size = 1;
}

/* "[]", "[16]" or "[static n]" behind a parameter's name. */
static int read_brackets(struct reader *reader, struct scalar_type *type) {
    if (!take(reader, '['))
        return 0;
    const char *close = strchr(reader->next, ']');
    if (!close || type->pointer)
        return refuse(reader, "an array of scalars, p[]", reader->next);
    reader->next = close + 1;
    type->pointer = true;
    skip_blanks(reader);
    return *reader->next == '[' ? refuse(reader, "an array of one dimension", reader->next) : 0;
}

static int read_parameter(struct reader *reader, struct signature *signature) {
    struct signature_parameter *parameter = &signature->parameters[signature->count];
    skip_blanks(reader);
    if (*reader->next == '.')
        return refuse(reader, "parameters that are all named", reader->next);
    int status = read_type(reader, &parameter->type);
    if (status == 0)
        status = read_pointer(reader, &parameter->type);
    if (status)
        return status;
    skip_blanks(reader);
    if (*reader->next == '(' || *reader->next == '&')
        return refuse(reader, "no callback and no reference", reader->next);
    if (read_name(reader)) {
        if (strlen(reader->word) >= SIGNATURE_NAME || strchr(reader->word, ':'))
            return refuse(reader, "a shorter name of a parameter", reader->word);
        memcpy(parameter->name, reader->word, strlen(reader->word) + 1);
    } else
        snprintf(parameter->name, sizeof parameter->name, "argument%zu", signature->count + 1);
    status = read_brackets(reader, &parameter->type);
    if (status)
        return status;
    complete_type(&parameter->type);
    if (!parameter->type.pointer && parameter->type.kind == SCALAR_VOID)
        return refuse(reader, "a parameter that is not void", parameter->name);
    if (signature_find(signature, parameter->name) >= 0)
        return refuse(reader, "parameters of different names", parameter->name);
    signature->count++;
    return 0;
}

/* "()" and "(void)" are both no parameters. */
static bool is_empty(struct reader *reader) {
    const char *before = reader->next;
    if (take(reader, ')') || (read_name(reader) && !strcmp(reader->word, "void") && take(reader, ')')))
        return true;
    reader->next = before;
    return false;
}

static int read_parameters(struct reader *reader, struct signature *signature) {
    if (!take(reader, '('))
        return refuse(reader, "parameters in brackets behind the function's name", reader->next);
    if (is_empty(reader))
        return 0;
    for (;;) {
        if (signature->count == SIGNATURE_PARAMETERS)
            return refuse(reader, "at most 12 parameters", reader->next);
        int status = read_parameter(reader, signature);
        if (status)
            return status;
        if (take(reader, ')'))
            return 0;
        if (!take(reader, ','))
            return refuse(reader, "',' or ')' behind a parameter", reader->next);
    }
}

int signature_read(struct signature *signature, const char *text, struct problem *problem) {
    *signature = (struct signature){0};
    struct reader reader = {.text = text, .next = text, .problem = problem};
    int status = read_type(&reader, &signature->result);
    if (status)
        return status;
    skip_blanks(&reader);
    if (*reader.next == '*' || *reader.next == '&')
        return refuse(&reader, "a result that is a scalar or void", reader.next);
    complete_type(&signature->result);
    if (!read_name(&reader))
        return refuse(&reader, "the function's name, such as 'uint64_t f(const uint32_t *p, size_t n)'",
                      reader.next);
    memcpy(signature->name, reader.word, strlen(reader.word) + 1);
    status = read_parameters(&reader, signature);
    if (status)
        return status;
    take(&reader, ';');
    skip_blanks(&reader);
    return *reader.next ? refuse(&reader, "nothing behind the prototype", reader.next) : 0;
}

int signature_find(const struct signature *signature, const char *name) {
    for (size_t i = 0; i < signature->count; i++)
        if (!strcmp(signature->parameters[i].name, name))
            return (int)i;
    return -1;
}

bool signature_is_integer(const struct signature_parameter *parameter) {
    return !parameter->type.pointer &&
           (parameter->type.kind == SCALAR_SIGNED || parameter->type.kind == SCALAR_UNSIGNED);
}

static bool is_length_word(const char *word, size_t length) {
    static const char *const names[] = {"n", "len", "length", "count", "size", "num", "elements"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && !strncasecmp(word, names[i], length))
            return true;
    return false;
}

static bool is_length_name(const char *name) {
    size_t length = strlen(name);
    const char *first = strchr(name, '_'), *last = strrchr(name, '_');
    return is_length_word(name, length) || (name[0] == 'n' && length == 2) ||
           (first && is_length_word(name, (size_t)(first - name))) ||
           (last && is_length_word(last + 1, strlen(last + 1)));
}

static bool is_length(const struct signature *signature, size_t i) {
    return signature_is_integer(&signature->parameters[i]) && is_length_name(signature->parameters[i].name);
}

int signature_length_of(const struct signature *signature, size_t array) {
    int lengths = 0, integers = 0, length = -1, integer = -1;
    for (size_t i = array + 1; i < signature->count; i++)
        if (is_length(signature, i))
            return (int)i;
    for (size_t i = 0; i < signature->count; i++) {
        lengths += is_length(signature, i);
        length = is_length(signature, i) ? (int)i : length;
        integers += signature_is_integer(&signature->parameters[i]);
        integer = signature_is_integer(&signature->parameters[i]) ? (int)i : integer;
    }
    return lengths == 1 ? length : lengths == 0 && integers == 1 ? integer : -1;
}
