/* What a setup keeps of each parameter. */
#include "compile/setup_draft.h"

#include "compile/callback_body.h"
#include "compile/generate_callback.h"

#include <string.h>

bool setup_draft_number(const char *type, enum scalar_kind *kind) {
    static const char *const words[] = {"unsigned", "signed", "char", "short", "int", "long"};
    *kind = !strcmp(type, "float") || !strcmp(type, "double") ? SCALAR_FLOAT
            : !strcmp(type, "bool")                           ? SCALAR_BOOL
            : !strcmp(type, "char")                           ? SCALAR_TEXT
            : strstr(type, "unsigned")                        ? SCALAR_UNSIGNED
                                                              : SCALAR_SIGNED;
    if (*kind != SCALAR_SIGNED && *kind != SCALAR_UNSIGNED)
        return true;
    for (const char *word = type; *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        bool known = false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            known |= strlen(words[i]) == length && !strncmp(word, words[i], length);
        if (!known)
            return false;
        word += length;
    }
    return *type != '\0';
}

/* "std::vector<T>" to "T"; "std::array<T, 4>" as well. False where there are other arguments. */
static bool take_element(const char *type, const char *head, char *inner) {
    size_t length = strlen(head), end = strlen(type);
    if (strncmp(type, head, length) != 0 || type[end - 1] != '>')
        return false;
    int open = 0;
    size_t comma = end - 1;
    for (size_t i = length; i < end - 1; i++) {
        open += type[i] == '<' ? 1 : type[i] == '>' ? -1 : 0;
        if (type[i] == ',' && open == 0)
            comma = i < comma ? i : comma;
    }
    bool array = !strcmp(head, "std::array<");
    if ((comma != end - 1) != array)
        return false;
    snprintf(inner, 256, "%.*s", (int)(comma - length), type + length);
    return true;
}

bool setup_draft_container(const char *type, char *inner) {
    static const char *const heads[] = {"std::vector<", "std::deque<", "std::list<", "std::array<"};
    enum scalar_kind kind;
    char deeper[256];
    strcpy(inner, "char");
    if (!strcmp(type, "std::string"))
        return true;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (take_element(type, heads[i], inner))
            return setup_draft_number(inner, &kind) || setup_draft_container(inner, deeper);
    return false;
}

/* The type without what says how it is passed: "const own::point &" is kept as an own::point. */
static void strip(const struct scalar_type *type, char *value) {
    size_t length = strlen(type->text);
    char mark = length ? type->text[length - 1] : '\0';
    bool passed = mark == '&' || (type->pointer && mark == '*');
    while (passed && length && (type->text[length - 1] == mark || type->text[length - 1] == ' ') &&
           (mark == '&' || type->text[length - 1] == ' ' || length == strlen(type->text)))
        length--;
    bool constant = passed && !strncmp(type->text, "const ", 6) && type->text[length - 1] != '*';
    snprintf(value, 256, "%.*s", (int)(length - (constant ? 6 : 0)), type->text + (constant ? 6 : 0));
    if (passed && !strncmp(value, "volatile ", 9))
        memmove(value, value + 9, strlen(value + 9) + 1);
    if (!strcmp(value, "void"))
        strcpy(value, "unsigned char");
}

/* Views are made of what they look at. */
static bool take_view(struct draft_part *part) {
    char *value = part->value, element[256];
    if (!strcmp(value, "std::string_view")) {
        strcpy(value, "std::string");
        return true;
    }
    if (!take_element(value, "std::span<", element))
        return false;
    size_t length = strlen(element), skipped = strncmp(element, "const ", 6) ? 0 : 6;
    if (length > 6 && !strcmp(element + length - 6, " const")) /* as gcc has it */
        element[length - 6] = '\0', part->written = false;
    else
        part->written = skipped == 0;
    snprintf(value, sizeof part->value, "std::vector<%.200s>", element + skipped);
    return true;
}

bool setup_draft_is_enumeration(const struct scalar_type *type) {
    return type->enumeration && !type->pointer;
}

static bool is_number(const struct scalar_type *type) {
    return type->kind >= SCALAR_BOOL && type->kind <= SCALAR_FLOAT && !type->enumeration && !type->columns;
}

/* Rows of which a parameter tells how many there are; others are single pointers, as to where a function left off. */
static bool take_rows(struct draft_part *part, const struct argument *argument) {
    const struct scalar_type *type = part->type;
    size_t skipped = type->row_constant ? 6 : 0, length = strcspn(type->text, "*");
    if (!type->rows || type->enumeration || argument->length < 0 || strchr(type->text, '<') ||
        strstr(type->text, "void *") || type->kind == SCALAR_BOOL ||
        (type->kind == SCALAR_STRUCTURE && (!type->field_count || type->closed)))
        return false;
    snprintf(part->value, sizeof part->value, "%.*s", (int)(length - skipped - 1), type->text + skipped);
    part->shape = DRAFT_ROWS;
    part->written = !type->constant || !type->row_constant;
    part->filled = part->compared = true;
    return true;
}

/* What inputs are made for as `duel` does it. */
static bool take_generated(struct draft_part *part, const struct argument *argument) {
    const struct scalar_type *type = part->type;
    part->written = false;
    if (type->kind == SCALAR_CALLBACK && !type->rows && callback_can_be_generated(&type->callback)) {
        part->shape = DRAFT_CALLBACK;
        snprintf(part->value, sizeof part->value, "%s", type->text);
        part->filled = true;
        return true;
    }
    return take_rows(part, argument);
}

static void tell_shape(struct draft_part *part, const struct argument *argument, bool cxx) {
    const struct scalar_type *type = part->type;
    char inner[256];
    size_t length = strlen(type->text);
    bool moved = length > 2 && !strcmp(type->text + length - 2, "&&");
    if (take_generated(part, argument))
        return;
    if ((type->enumeration || type->columns) && type->pointer &&
        !type->reference) { /* a pointer to what has no values here */
        part->shape = DRAFT_OTHER;
        snprintf(part->value, sizeof part->value, "%s", type->text);
        return;
    }
    strip(type, part->value);
    part->written = moved || (type->pointer && !type->constant);
    bool view = cxx && take_view(part);
    if (view || (cxx && setup_draft_container(part->value, inner))) {
        part->shape = setup_draft_container(part->value, inner) ? DRAFT_CONTAINER : DRAFT_OTHER;
        part->filled = part->compared = part->shape == DRAFT_CONTAINER;
    } else if (is_number(type) && !type->rows) {
        part->shape = type->pointer && !type->reference ? DRAFT_ARRAY : DRAFT_NUMBER;
        part->filled = part->compared = true;
    } else if (type->kind == SCALAR_STRUCTURE && type->size && !type->rows) {
        part->shape =
            type->pointer && !type->reference && argument->length >= 0 ? DRAFT_RECORDS : DRAFT_RECORD;
        part->filled = part->compared = type->field_count > 0 && !type->closed;
    } else {
        part->shape = DRAFT_OTHER;
        part->compared = setup_draft_is_enumeration(type);
        part->written &= !type->rows;
        part->written |= length > 1 && type->text[length - 1] == '&' && strncmp(type->text, "const ", 6) != 0;
    }
    part->compared &= !moved; /* what is left of it is anything */
}

static void tell_rows(struct draft *draft, struct draft_part *part, const struct argument *argument) {
    const struct signature *signature = draft->signature;
    bool text = part->type->kind == SCALAR_TEXT, swept = argument->row_length >= 0;
    snprintf(part->size, sizeof part->size, "(size_t)s->%s", signature->parameters[argument->length].name);
    if (swept)
        snprintf(part->each, sizeof part->each, "(size_t)s->%s",
                 signature->parameters[argument->row_length].name);
    else
        snprintf(part->each, sizeof part->each, "%zu", argument->row_extra + text);
    if (!draft->items[0])
        snprintf(draft->items, sizeof draft->items, "%.44s%s%.44s", part->size, swept ? " * " : "",
                 swept ? part->each : "");
}

static void tell_size(struct draft *draft, struct draft_part *part, const struct argument *argument) {
    if (part->shape == DRAFT_ROWS)
        tell_rows(draft, part, argument);
    if (part->shape != DRAFT_ARRAY && part->shape != DRAFT_RECORDS && part->shape != DRAFT_CONTAINER)
        return;
    if (part->elements) {
        snprintf(part->size, sizeof part->size, "%zu", part->elements);
        return;
    }
    if (argument->length >= 0)
        snprintf(part->size, sizeof part->size, "(size_t)s->%s",
                 draft->signature->parameters[argument->length].name);
    else if (draft->cxx)
        snprintf(part->size, sizeof part->size, "s->%s.size()", part->name);
    else {
        strcpy(part->size, "s->elements");
        draft->sized = true;
    }
    if (!draft->items[0] && strncmp(part->value, "std::array<", 11) != 0)
        strcpy(draft->items, part->size);
}

static bool is_taken(const struct signature *signature, const char *name) {
    return signature_find(signature, name) >= 0;
}

/* A name in the state that no parameter has. */
static void name_part(const struct signature *signature, const char *wanted, char *name, size_t size) {
    snprintf(name, size, "%s", wanted);
    while (is_taken(signature, name) && strlen(name) + 2 < size)
        strcat(name, "_");
}

static void plan_result(struct draft *draft) {
    static const struct argument none = {.length = -1};
    const struct scalar_type *type = &draft->signature->result;
    struct draft_part *part = &draft->parts[draft->count];
    if (!type->pointer && type->kind == SCALAR_VOID && !strcmp(type->text, "void"))
        return;
    part->type = type;
    part->returned = true;
    name_part(draft->signature, "result", part->name, sizeof part->name);
    tell_shape(part, &none, draft->cxx);
    part->written = part->filled = false;
    draft->count++;
    if (!type->pointer || type->reference)
        return;
    for (size_t i = 0; i + 1 < draft->count && draft->returned_array < 0; i++) {
        const struct draft_part *from = &draft->parts[i];
        bool array =
            from->shape == DRAFT_ARRAY || from->shape == DRAFT_RECORDS || from->shape == DRAFT_RECORD;
        bool element = from->element_bytes && !from->elements && callback_is_bytes(type);
        if (array && from->type->pointer && !from->type->reference &&
            (element || !strcmp(from->value, part->value)))
            draft->returned_array = (int)i;
    }
    part->shape = DRAFT_OTHER;
    snprintf(part->value, sizeof part->value, "%.255s", type->text);
    part->compared = draft->returned_array >= 0;
}

/* Where callbacks are given elements of void, these are numbers of 8 bytes, or of one where nothing tells their size. */
static void tell_elements(struct draft *draft, struct draft_part *part, const struct argument *argument) {
    bool context = argument->context, element = argument->element >= 0;
    part->element_bytes = element;
    part->elements = context || (element && argument->length < 0) ? argument->extra : 0;
    part->sorted = argument->fill == FILL_SORTED;
    if (element) {
        strcpy(part->value, "uint64_t");
        draft->parts[argument->element].element = (int)(part - draft->parts);
    }
}

void setup_draft_plan(struct draft *draft, struct generate_request *request, struct signature *signature,
                      const char *name, bool cxx) {
    struct argument *arguments = request->arguments;
    struct problem problem;
    *draft = (struct draft){.request = request, .signature = signature, .cxx = cxx, .returned_array = -1};
    request->signature = signature;
    generate_defaults(signature, arguments);
    callback_settle(signature, arguments, &problem); /* defaults are within its limits */
    snprintf(draft->space, sizeof draft->space, "own_%s", name);
    for (char *c = draft->space; *c; c++)
        *c = *c == '-' ? '_' : *c;
    for (size_t i = 0; i < signature->count; i++) {
        struct draft_part *part = &draft->parts[draft->count++];
        part->type = &signature->parameters[i].type;
        snprintf(part->name, sizeof part->name, "%s", signature->parameters[i].name);
        tell_shape(part, &arguments[i], cxx);
        part->length = arguments[i].role == ROLE_LENGTH;
        part->element = -1;
        part->filled &= !part->length && (arguments[i].role != ROLE_OUTPUT || part->shape == DRAFT_RECORD);
    }
    for (size_t i = 0; i < signature->count; i++)
        tell_elements(draft, &draft->parts[i], &arguments[i]);
    for (size_t i = 0; i < signature->count; i++)
        tell_size(draft, &draft->parts[i], &arguments[i]);
    plan_result(draft);
    draft->state = cxx ? "state" : "struct own_state";
    for (size_t i = 0; cxx && i < draft->count; i++)
        if (strstr(draft->parts[i].value, "state"))
            draft->state = "own_state";
}

const char *setup_draft_left(const struct draft_part *part) {
    bool output = part->written && part->compared;
    if (part->returned)
        return part->compared ? NULL : "is not compared: say in compare when two of them are equal";
    if (setup_draft_is_enumeration(part->type))
        return "is 0: draw one of its values";
    if (part->shape == DRAFT_OTHER)
        return "is null or empty: make it what the function takes";
    if (part->filled || part->length || output)
        return NULL;
    return part->written ? "starts zero or empty, and is not compared: fill it, and compare it"
                         : "starts zero or empty: fill it";
}
