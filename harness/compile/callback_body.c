#include "compile/callback_body.h"

#include <string.h>
#include <strings.h>

/* What a pointer leads to. */
struct target {
    struct scalar_field one; /* where it is a scalar */
    const struct scalar_field *fields;
    size_t count;
    unsigned bytes; /* of all */
    bool text;      /* a string that ends itself */
};

enum body { BODY_ORDER, BODY_EXCHANGE, BODY_COMPUTE };

bool callback_is_bytes(const struct scalar_type *type) {
    return type->pointer && !type->rows && type->kind == SCALAR_UNSIGNED && strstr(type->text, "void *");
}

static bool is_unknown(const struct callback_value *value) {
    return value->pointer && value->kind == SCALAR_VOID;
}

static bool is_alike(const struct callback_value *a, const struct callback_value *b) {
    return a->pointer && b->pointer && a->kind == b->kind && a->size == b->size && a->constant == b->constant;
}

/* The first of two pointers of one type, or -1. */
static int find_pair(const struct callback *callback) {
    for (size_t i = 0; i + 1 < callback->count; i++)
        if (is_alike(&callback->parameters[i], &callback->parameters[i + 1]))
            return (int)i;
    return -1;
}

int callback_context(const struct callback *callback) {
    int pair = find_pair(callback);
    for (size_t i = callback->count; i-- > 0;)
        if (is_unknown(&callback->parameters[i]) && callback->parameters[i].size == 1 &&
            (pair < 0 || ((int)i != pair && (int)i != pair + 1)))
            return (int)i;
    return -1;
}

static int context_of(const struct generate_request *request, const struct callback *callback) {
    for (size_t i = 0; i < request->signature->count; i++)
        if (request->arguments[i].context)
            return callback_context(callback);
    return -1;
}

bool callback_can_be_generated(const struct callback *callback) {
    bool returns = !callback->result.pointer;
    for (size_t i = 0; i < callback->count; i++)
        returns |= is_alike(&callback->parameters[i], &callback->result) ||
                   (is_unknown(&callback->result) && callback->parameters[i].pointer);
    return callback->told && returns && callback->result.kind != SCALAR_STRUCTURE;
}

static void take_scalar(struct target *target, enum scalar_kind kind, unsigned size) {
    target->one = (struct scalar_field){
        .kind = (unsigned char)kind, .size = (unsigned char)size, .count = 1, .stride = size};
    target->fields = &target->one;
    target->count = 1;
    target->bytes = size;
}

/* Elements of the function's first array: of bytes as many as its `size` tells. */
static void take_element(const struct generate_request *request, struct target *target) {
    const struct signature *signature = request->signature;
    take_scalar(target, SCALAR_UNSIGNED, 1);
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        const struct argument *argument = &request->arguments[i];
        if (argument->role < ROLE_INPUT || argument->context)
            continue;
        if (type->kind == SCALAR_STRUCTURE) {
            target->fields = type->fields;
            target->count = type->field_count;
            target->bytes = type->size;
        } else if (type->rows && type->size < sizeof(void *)) /* the row, or the pointer to it */
            take_scalar(target, SCALAR_UNSIGNED,
                        argument->row_extra < sizeof(void *) ? type->size : sizeof(void *));
        else
            take_scalar(target, type->kind, type->size);
        if (argument->element >= 0 && type->size == 1) {
            target->bytes = (unsigned)request->arguments[argument->element].low;
            target->count = target->bytes == 1;
        }
        return;
    }
}

static bool takes_strings(const struct signature *signature) {
    bool any = false;
    for (size_t i = 0; i < signature->count; i++)
        any |= signature->parameters[i].type.rows && signature->parameters[i].type.kind == SCALAR_TEXT;
    return any;
}

static void find_target(const struct generate_request *request, size_t i, const struct callback_value *value,
                        struct target *target) {
    const struct scalar_type *type = &request->signature->parameters[i].type;
    *target = (struct target){.fields = NULL};
    if (!value->pointer || value->size == 0)
        return;
    if (value->kind == SCALAR_STRUCTURE) {
        target->fields = type->fields;
        target->count = type->field_count;
        target->bytes = value->size;
    } else if (value->kind == SCALAR_VOID)
        take_element(request, target);
    else if (value->kind == SCALAR_TEXT && takes_strings(request->signature))
        target->text = true;
    else
        take_scalar(target, value->kind, value->size);
}

/* Two numbers are ordered where the name says so. */
static bool is_named_order(const char *name) {
    return strcasestr(name, "cmp") || strcasestr(name, "comp") || strcasestr(name, "less") ||
           strcasestr(name, "order");
}

static enum body body_of(const struct generate_request *request, size_t i, int *first) {
    const struct signature_parameter *parameter = &request->signature->parameters[i];
    const struct callback *callback = &parameter->type.callback;
    const struct callback_value *result = &callback->result, *values = callback->parameters;
    *first = find_pair(callback);
    bool whole = !result->pointer && result->kind >= SCALAR_BOOL && result->kind <= SCALAR_UNSIGNED;
    if (*first >= 0 && values[*first].size > 0) {
        if (whole)
            return BODY_ORDER;
        if (!result->pointer && result->kind == SCALAR_VOID && !values[*first].constant)
            return BODY_EXCHANGE;
    }
    if (*first < 0 && whole && callback->count == 2 && !values[0].pointer && !values[1].pointer &&
        values[0].kind == values[1].kind && is_named_order(parameter->name)) {
        *first = 0;
        return BODY_ORDER;
    }
    return BODY_COMPUTE;
}

static const char *name_type(unsigned kind, unsigned size, char name[16]) {
    if (kind == SCALAR_FLOAT)
        return size == sizeof(float) ? "float" : "double";
    if (kind == SCALAR_BOOL || kind == SCALAR_TEXT || size == 0)
        return size == 0 ? "void" : kind == SCALAR_BOOL ? "bool" : "char";
    snprintf(name, 16, "%sint%u_t", kind == SCALAR_SIGNED ? "" : "u", 8 * size);
    return name;
}

static void print_head(FILE *stream, const struct callback *callback, const char *function) {
    char name[16];
    const struct callback_value *result = &callback->result;
    fprintf(stream, "static %s %s(", result->pointer ? "void *" : name_type(result->kind, result->size, name),
            function);
    for (size_t k = 0; k < callback->count; k++) {
        const struct callback_value *value = &callback->parameters[k];
        const char *type = value->pointer ? "unsigned char *" : name_type(value->kind, value->size, name);
        fprintf(stream, "%s%s%s%sa%zu", k ? ", " : "", value->pointer && value->constant ? "const " : "",
                type, value->pointer ? "" : " ", k);
    }
    fputs(callback->count ? ") {\n" : "void) {\n", stream);
    for (size_t k = 0; k < callback->count; k++)
        fprintf(stream, "    (void)a%zu;\n", k);
}

/* `x` is one scalar, and so is `y` where there are two pointers, in a loop over all in the element. */
static void print_field(FILE *stream, const struct scalar_field *field, size_t first, bool two) {
    char name[16];
    fprintf(stream, "    for (size_t k = 0; k < %u; k++) {\n        %s x%s;\n", field->count,
            name_type(field->kind, field->size, name), two ? ", y" : "");
    for (size_t i = 0; i < (two ? 2 : 1); i++)
        fprintf(stream, "        memcpy(&%s, a%zu + %u + k * %u, sizeof x);\n", i ? "y" : "x", first + i,
                field->offset, field->stride);
}

static void print_order(FILE *stream, const struct generate_request *request, size_t i, size_t first) {
    const struct callback *callback = &request->signature->parameters[i].type.callback;
    struct target target;
    int context = context_of(request, callback);
    char answer[64];
    find_target(request, i, &callback->parameters[first], &target);
    snprintf(answer, sizeof answer, "%s%s", context < 0 ? "x < y" : "(x < y) != turned",
             callback->result.kind == SCALAR_SIGNED ? " ? -1 : 1" : "");
    if (context >= 0)
        fprintf(stream, "    bool turned = a%d[0] & 1;\n", context);
    if (!callback->parameters[first].pointer)
        fprintf(
            stream,
            "    if (a%zu != a%zu) {\n        bool x = a%zu > a%zu, y = a%zu < a%zu;\n        return %s;\n    }\n",
            first, first + 1, first, first + 1, first, first + 1, answer);
    else if (target.text || target.count == 0) {
        fprintf(stream,
                target.text ? "    int x = strcmp((const char *)a%zu, (const char *)a%zu), y = 0;\n"
                            : "    int x = memcmp(a%zu, a%zu, %u), y = 0;\n",
                first, first + 1, target.bytes);
        fprintf(stream, "    if (x != y)\n        return %s;\n", answer);
    }
    for (size_t f = 0; f < target.count && !target.text; f++) {
        print_field(stream, &target.fields[f], first, true);
        fprintf(stream, "        if (x != y)\n            return %s;\n    }\n", answer);
    }
    fputs("    return 0;\n}\n", stream);
}

static void print_exchange(FILE *stream, const struct generate_request *request, size_t i, size_t first) {
    struct target target;
    find_target(request, i, &request->signature->parameters[i].type.callback.parameters[first], &target);
    fprintf(stream,
            "    unsigned char kept[%u];\n    memcpy(kept, a%zu, sizeof kept);\n"
            "    memcpy(a%zu, a%zu, sizeof kept);\n    memcpy(a%zu, kept, sizeof kept);\n}\n",
            target.bytes, first, first, first + 1, first + 1);
}

/* A scalar's part in what is computed. */
static void print_mix(FILE *stream, bool real, unsigned kind, const char *name, const char *indent) {
    if (real)
        fprintf(stream, "%smix = 0.5 * mix + 0.5 * (double)%s;\n", indent, name);
    else if (kind == SCALAR_FLOAT)
        fprintf(stream,
                "%suint64_t bits_of_%s = 0;\n%smemcpy(&bits_of_%s, &%s, sizeof %s);\n"
                "%smix = (mix ^ bits_of_%s) * 0x9e3779b97f4a7c15;\n",
                indent, name, indent, name, name, name, indent, name);
    else
        fprintf(stream, "%smix = (mix ^ (uint64_t)%s) * 0x9e3779b97f4a7c15;\n", indent, name);
}

static void print_update(FILE *stream, const struct scalar_field *field, size_t k) {
    char name[16];
    print_field(stream, field, k, false);
    if (field->kind == SCALAR_FLOAT)
        fputs("        x = x / 2 + (float)(mix >> 40) / (1 << 24);\n", stream);
    else if (field->kind == SCALAR_BOOL)
        fputs("        x = x != (mix >> 63);\n", stream);
    else
        fprintf(stream, "        x = (%s)((uint64_t)x * 5 + mix);\n",
                name_type(field->kind, field->size, name));
    fprintf(stream, "        memcpy(a%zu + %u + k * %u, &x, sizeof x);\n    }\n", k, field->offset,
            field->stride);
}

static void print_result(FILE *stream, const struct callback *callback) {
    const struct callback_value *result = &callback->result;
    char name[16];
    size_t k = 0;
    while (result->pointer && !is_alike(&callback->parameters[k], result) && k + 1 < callback->count)
        k++;
    if (result->pointer) {
        for (size_t i = 0; !callback->parameters[k].pointer && i < callback->count; i++)
            k = callback->parameters[i].pointer ? i : k;
        fprintf(stream, "    return (void *)(uintptr_t)a%zu;\n", k);
    } else if (result->kind == SCALAR_BOOL)
        fputs("    return mix >> 63;\n", stream);
    else if (result->size)
        fprintf(stream, "    return (%s)%s;\n", name_type(result->kind, result->size, name),
                result->kind == SCALAR_FLOAT ? "mix"
                : result->size == 8          ? "mix"
                                             : "(mix >> 32)");
}

static void print_compute(FILE *stream, const struct generate_request *request, size_t i) {
    const struct callback *callback = &request->signature->parameters[i].type.callback;
    bool real = callback->result.kind == SCALAR_FLOAT && !callback->result.pointer;
    int context = context_of(request, callback);
    struct scalar_field word = {.kind = SCALAR_UNSIGNED, .size = 8, .count = 1};
    struct target target;
    char name[24];
    fprintf(stream,
            real ? "    double mix = 0.25;\n" : "    uint64_t mix = 0x9e3779b97f4a7c15;\n    (void)mix;\n");
    for (size_t k = 0; k < callback->count; k++) {
        const struct callback_value *value = &callback->parameters[k];
        snprintf(name, sizeof name, "a%zu", k);
        if (!value->pointer)
            print_mix(stream, real, value->kind, name, "    ");
        find_target(request, i, value, &target);
        if ((int)k == context)
            target.fields = &word, target.count = 1;
        for (size_t f = 0; f < target.count; f++) {
            print_field(stream, &target.fields[f], k, false);
            print_mix(stream, real, target.fields[f].kind, "x", "        ");
            fputs("    }\n", stream);
        }
    }
    for (size_t k = 0; k < callback->count && callback->result.size == 0; k++) {
        const struct callback_value *value = &callback->parameters[k];
        find_target(request, i, value, &target);
        if ((int)k == context)
            target.fields = &word, target.count = 1;
        for (size_t f = 0; f < target.count && !value->constant; f++)
            print_update(stream, &target.fields[f], k);
    }
    print_result(stream, callback);
    fputs("}\n", stream);
}

void callback_print_body(FILE *stream, const struct generate_request *request, size_t i, const char *name) {
    int first;
    enum body body = body_of(request, i, &first);
    print_head(stream, &request->signature->parameters[i].type.callback, name);
    if (body == BODY_ORDER)
        print_order(stream, request, i, (size_t)first);
    else if (body == BODY_EXCHANGE)
        print_exchange(stream, request, i, (size_t)first);
    else
        print_compute(stream, request, i);
}

void callback_describe(const struct generate_request *request, size_t i, char *text, size_t size) {
    const struct callback *callback = &request->signature->parameters[i].type.callback;
    int first, context = context_of(request, callback);
    char name[16];
    struct target target = {.fields = NULL};
    enum body body = body_of(request, i, &first);
    if (body != BODY_COMPUTE)
        find_target(request, i, &callback->parameters[first], &target);
    if (body == BODY_EXCHANGE)
        snprintf(text, size, "exchanges %u bytes", target.bytes);
    else if (body == BODY_COMPUTE)
        snprintf(text, size, "computes with all that it is given%s",
                 callback->result.size ? "" : ", into what it may write to");
    else if (target.text)
        snprintf(text, size, "orders strings");
    else if (target.count == 0 && callback->parameters[first].pointer)
        snprintf(text, size, "orders %u bytes as memcmp does", target.bytes);
    else if (target.count > 1)
        snprintf(text, size, "orders by all %zu fields", target.count);
    else
        snprintf(text, size, "orders by %s",
                 target.count
                     ? name_type(target.fields[0].kind, target.fields[0].size, name)
                     : name_type(callback->parameters[first].kind, callback->parameters[first].size, name));
    if (body == BODY_ORDER && context >= 0)
        strncat(text, ", turned round by the context", size - strlen(text) - 1);
}
