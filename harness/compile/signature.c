#include "compile/signature.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

int signature_find(const struct signature *signature, const char *name) {
    for (size_t i = 0; i < signature->count; i++)
        if (!strcmp(signature->parameters[i].name, name))
            return (int)i;
    return -1;
}

bool signature_is_integer(const struct signature_parameter *parameter) {
    return !parameter->type.pointer && !parameter->type.enumeration &&
           (parameter->type.kind == SCALAR_SIGNED || parameter->type.kind == SCALAR_UNSIGNED);
}

bool signature_is_record(const struct scalar_type *type) {
    return type->kind == SCALAR_STRUCTURE && type->field_count > 0;
}

static bool is_length_word(const char *word, size_t length) {
    static const char *const names[] = {"n", "len", "length", "count", "size", "num", "elements"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && !strncasecmp(word, names[i], length))
            return true;
    return false;
}

/* "sourceLen" */
static bool ends_in_length_word(const char *name) {
    size_t last = strlen(name);
    while (last > 0 && !isupper((unsigned char)name[last - 1]))
        last--;
    return last > 1 && islower((unsigned char)name[last - 2]) &&
           is_length_word(name + last - 1, strlen(name + last - 1));
}

static bool is_length_name(const char *name) {
    size_t length = strlen(name);
    const char *first = strchr(name, '_'), *last = strrchr(name, '_');
    return is_length_word(name, length) || (name[0] == 'n' && length == 2) ||
           (first && is_length_word(name, (size_t)(first - name))) ||
           (last && is_length_word(last + 1, strlen(last + 1))) || ends_in_length_word(name);
}

static bool is_length(const struct signature *signature, size_t i) {
    return signature_is_integer(&signature->parameters[i]) && is_length_name(signature->parameters[i].name);
}

int signature_length_of(const struct signature *signature, size_t array) {
    if (signature->parameters[array].type.reference)
        return -1;
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
    const struct scalar_type *type = &signature->parameters[array].type;
    bool ends_itself =
        !type->rows && ((type->kind == SCALAR_TEXT && type->constant) || type->kind == SCALAR_STRUCTURE);
    return lengths == 1 ? length : lengths == 0 && integers == 1 && !ends_itself ? integer : -1;
}
