/* The text of a drafted setup. */
#include "compile/setup_draft.h"

#include "compile/callback_body.h"

#include <string.h>

/* Functions' names begin so: C has no namespaces, and the source may have a function of that name. */
static const char *prefix(const struct draft *draft) {
    return draft->cxx ? "" : "own_";
}

static bool is_array(const struct draft_part *part) {
    return part->shape == DRAFT_ARRAY || part->shape == DRAFT_RECORDS;
}

static bool is_text(const struct draft_part *part) {
    return part->shape == DRAFT_ARRAY && part->type->kind == SCALAR_TEXT;
}

/* What the function changes, in a way that can be copied. */
static bool is_restored(const struct draft_part *part) {
    return part->written && part->shape != DRAFT_OTHER && part->shape != DRAFT_ROWS;
}

/* Of what each row points to, `const char *`. */
static const char *row_const(const struct draft_part *part) {
    return part->type->row_constant ? "const " : "";
}

static bool is_answer(const struct draft_part *part) {
    return part->compared && (part->returned || part->written);
}

/* An expression of the state `s`, of another one. */
static void print_of(FILE *stream, const char *expression, const char *state) {
    const char *found = strstr(expression, "s->");
    if (!found) {
        fputs(expression, stream);
        return;
    }
    fprintf(stream, "%.*s%s%s", (int)(found - expression), expression, state, found + 1);
}

static void print_field(FILE *stream, const struct draft *draft, const struct draft_part *part,
                        const char *end) {
    const char *value = part->value;
    if (!is_array(part) || !draft->cxx)
        fprintf(stream, "    %s%s%s%s;\n", value,
                is_array(part)                    ? " *"
                : value[strlen(value) - 1] == '*' ? ""
                                                  : " ",
                part->name, end);
    else if (is_text(part))
        fprintf(stream, "    std::string %s%s;\n", part->name, end);
    else
        fprintf(stream, "    std::vector<%s> %s%s;\n",
                part->shape == DRAFT_ARRAY && part->type->kind == SCALAR_BOOL ? "char" : value, part->name,
                end);
}

/* Pointers, a NULL behind the last, and what they point to, row behind row. */
static void print_rows_fields(FILE *stream, const struct draft *draft, const struct draft_part *part) {
    const char *list = draft->cxx ? "std::vector<" : "", *end = draft->cxx ? ">" : " *";
    fprintf(stream, "    %s%s%s *%s%s;\n", list, row_const(part), part->value, draft->cxx ? "> " : "*",
            part->name);
    fprintf(stream, "    %s%s%s%s%s_rows;\n", list, part->value, end, draft->cxx ? " " : "", part->name);
    if (part->written)
        fprintf(stream, "    %s%s%s%s%s_rows_made;\n", list, part->value, end, draft->cxx ? " " : "",
                part->name);
}

static void print_state(FILE *stream, const struct draft *draft) {
    bool empty = !draft->count && !draft->sized;
    fprintf(stream, "%s%s {\n", draft->cxx ? "struct " : "", draft->state);
    for (size_t i = 0; i < draft->count; i++) {
        if (draft->parts[i].shape == DRAFT_ROWS) {
            print_rows_fields(stream, draft, &draft->parts[i]);
            continue;
        }
        print_field(stream, draft, &draft->parts[i], "");
        if (is_restored(&draft->parts[i]))
            print_field(stream, draft, &draft->parts[i], "_made");
    }
    if (draft->sized)
        fputs("    size_t elements;\n", stream);
    fputs(empty ? "    char nothing;\n};\n\n" : "};\n\n", stream);
}

/* Elements of arrays have the whole range; one number may be how often something is done. */
static void print_draw(FILE *stream, const struct draft *draft, const char *type, enum scalar_kind kind,
                       bool element) {
    const char *draw = draft->cxx ? "random()" : "own_draw(&seed)";
    if (kind == SCALAR_FLOAT)
        fprintf(stream, "(%s)((double)(%s >> 11) * 0x1p-53)", type, draw);
    else if (kind == SCALAR_BOOL)
        fprintf(stream, "%s %% 2 == 0", draw);
    else if (kind == SCALAR_TEXT)
        fprintf(stream, "(char)('a' + %s %% 26)", draw);
    else if (element)
        fprintf(stream, "(%s)%s", type, draw);
    else
        fprintf(stream, "(%s)(%s %% 100)", type, draw);
}

static const char *name_scalar(const struct scalar_field *field) {
    static const char *const names[2][9] = {
        {[1] = "int8_t", [2] = "int16_t", [4] = "int32_t", [8] = "int64_t"},
        {[1] = "uint8_t", [2] = "uint16_t", [4] = "uint32_t", [8] = "uint64_t"}};
    switch (field->kind) {
    case SCALAR_FLOAT:
        return field->size == 4 ? "float" : "double";
    case SCALAR_TEXT:
        return "char";
    case SCALAR_BOOL:
        return "bool";
    default:
        return names[field->kind == SCALAR_UNSIGNED][field->size];
    }
}

static void fill_record(FILE *stream, const struct draft *draft, const struct draft_part *part,
                        const char *indent, const char *which, bool element) {
    for (size_t i = 0; i < part->type->field_count; i++) {
        const struct scalar_field *field = &part->type->fields[i];
        const char *type = name_scalar(field);
        if (field->count > 1)
            fprintf(stream, "%sfor (size_t k = 0; k < %u; k++)\n%s    ((%s *)&s->%s%s.%s)[k] = ", indent,
                    field->count, indent, type, part->name, which, field->name);
        else
            fprintf(stream, "%ss->%s%s.%s = ", indent, part->name, which, field->name);
        print_draw(stream, draft, type, (enum scalar_kind)field->kind, element || field->count > 1);
        fputs(";\n", stream);
    }
}

/* Containers in containers have 16 elements, so that n tells how much there is in all. */
static void fill_container(FILE *stream, const struct draft *draft, const char *expression, const char *type,
                           bool filled, int depth) {
    enum scalar_kind kind;
    char inner[256], name[16];
    int indent = 4 * (depth + 1);
    if (setup_draft_number(type, &kind)) {
        fprintf(stream, "%*s%s = ", indent, "", expression);
        print_draw(stream, draft, type, kind, true);
        fputs(";\n", stream);
        return;
    }
    setup_draft_container(type, inner);
    snprintf(name, sizeof name, "x%d", depth + 1);
    bool fixed = !strncmp(type, "std::array<", 11);
    if (!fixed)
        fprintf(stream, "%*s%s.resize(%s);\n", indent, "", expression, depth ? "16" : "n");
    if (!filled)
        return;
    fprintf(stream, "%*sfor (auto &&%s : %s) {\n", indent, "", name, expression);
    fill_container(stream, draft, name, inner, true, depth + 1);
    fprintf(stream, "%*s}\n", indent, "");
}

/* How many elements `make` makes: n, or a constant. */
static const char *count_of(const struct draft_part *part) {
    return part->elements ? part->size : "n";
}

static void make_array(FILE *stream, const struct draft *draft, const struct draft_part *part) {
    const char *count = count_of(part);
    if (draft->cxx)
        fprintf(stream, "    s->%s.resize(%s);\n", part->name, count);
    else
        fprintf(stream, "    s->%s = (%s *)own_array(%s%s, sizeof *s->%s);\n", part->name, part->value, count,
                is_text(part) ? " + 1" : "", part->name);
    if (!part->filled)
        return;
    if (part->sorted)
        fputs("    /* In order, as what is searched is. */\n", stream);
    fprintf(stream, "    for (size_t i = 0; i < %s; i++)%s\n", count,
            part->shape == DRAFT_RECORDS ? " {" : "");
    if (part->shape == DRAFT_RECORDS) {
        fill_record(stream, draft, part, "        ", "[i]", true);
        fputs("    }\n", stream);
        return;
    }
    const char *draw = draft->cxx ? "random()" : "own_draw(&seed)";
    fprintf(stream, "        s->%s[i] = ", part->name);
    if (part->sorted)
        fprintf(stream, "(i ? s->%s[i - 1] : 0) + 1 + %s %% 3;\n", part->name, draw);
    else if (part->element_bytes && part->elements) /* found as often as not */
        fprintf(stream, "%s %% (2 * n + 1);\n", draw);
    else {
        print_draw(stream, draft, part->value, part->type->kind, true);
        fputs(";\n", stream);
    }
}

/* Elements of each row as `make` has them: n, or a constant. */
static const char *each_of(const struct draft_part *part) {
    return part->each[0] == '(' ? "n" : part->each;
}

static void fill_row(FILE *stream, const struct draft *draft, const struct draft_part *part) {
    const char *each = each_of(part);
    bool text = part->type->kind == SCALAR_TEXT;
    if (part->type->kind == SCALAR_STRUCTURE) {
        fill_record(stream, draft, part, "        ", "_rows[i]", true);
        return;
    }
    if (text)
        fprintf(stream, "        size_t length = 1 + %s %% (%s - 1);\n",
                draft->cxx ? "random()" : "own_draw(&seed)", each);
    fprintf(stream, "        for (size_t k = 0; k < %s; k++)\n            s->%s_rows[i * %s + k] = ",
            text ? "length" : each, part->name, each);
    print_draw(stream, draft, part->value, part->type->kind, true);
    fputs(";\n", stream);
}

static void make_rows(FILE *stream, const struct draft *draft, const struct draft_part *part) {
    const char *each = each_of(part), *name = part->name, *value = part->value;
    if (draft->cxx)
        fprintf(stream, "    s->%s.resize(n + 1);\n    s->%s_rows.resize(n * %s);\n", name, name, each);
    else
        fprintf(stream,
                "    s->%s = (%s%s **)own_array(n + 1, sizeof *s->%s);\n"
                "    s->%s_rows = (%s *)own_array(n * %s, sizeof *s->%s_rows);\n",
                name, row_const(part), value, name, name, value, each, name);
    fprintf(stream, "    for (size_t i = 0; i < n; i++) {\n        s->%s[i] = &s->%s_rows[i * %s];\n", name,
            name, each);
    fill_row(stream, draft, part);
    fputs("    }\n", stream);
    if (part->written && draft->cxx)
        fprintf(stream, "    s->%s_rows_made = s->%s_rows;\n", name, name);
    else if (part->written)
        fprintf(stream,
                "    s->%s_rows_made = (%s *)own_array(n * %s, sizeof *s->%s_rows);\n"
                "    memcpy(s->%s_rows_made, s->%s_rows, n * %s * sizeof *s->%s_rows);\n",
                name, value, each, name, name, name, each, name);
}

static void make_part(FILE *stream, const struct draft *draft, const struct draft_part *part) {
    char expression[SIGNATURE_NAME + 16];
    const char *left = setup_draft_left(part);
    snprintf(expression, sizeof expression, "s->%s", part->name);
    if (left)
        fprintf(stream, "    /* %s %s. */\n", part->name, left);
    if (part->length)
        fprintf(stream, "    s->%s = (%s)n;\n", part->name, part->value);
    else if (part->element >= 0)
        fprintf(stream, "    s->%s = (%s)sizeof s->%s[0];\n", part->name, part->value,
                draft->parts[part->element].name);
    else if (part->shape == DRAFT_CALLBACK)
        fprintf(stream, "    s->%s = (%s)own_callback_%s;\n", part->name, part->value, part->name);
    else if (part->shape == DRAFT_ROWS)
        make_rows(stream, draft, part);
    else if (is_array(part))
        make_array(stream, draft, part);
    else if (part->shape == DRAFT_CONTAINER)
        fill_container(stream, draft, expression, part->value, part->filled, 0);
    else if (part->shape == DRAFT_RECORD && part->filled)
        fill_record(stream, draft, part, "    ", "", false);
    else if (part->shape == DRAFT_NUMBER && part->filled) {
        fprintf(stream, "    s->%s = ", part->name);
        print_draw(stream, draft, part->value, part->type->kind, false);
        fputs(";\n", stream);
    }
    if (!is_restored(part))
        return;
    if (is_array(part) && !draft->cxx)
        fprintf(stream,
                "    s->%s_made = (%s *)own_array(%s%s, sizeof *s->%s);\n"
                "    memcpy(s->%s_made, s->%s, %s * sizeof *s->%s);\n",
                part->name, part->value, count_of(part), is_text(part) ? " + 1" : "", part->name, part->name,
                part->name, is_text(part) ? "(n + 1)" : count_of(part), part->name);
    else
        fprintf(stream, "    s->%s_made = s->%s;\n", part->name, part->name);
}

static void print_make(FILE *stream, const struct draft *draft) {
    bool draws = false, sizes = draft->sized;
    for (size_t i = 0; i < draft->count; i++) {
        draws |= draft->parts[i].filled;
        sizes |= draft->parts[i].length || draft->parts[i].size[0];
    }
    if (!draft->cxx)
        fprintf(stream, "/* Numbers that follow from the seed alone: SplitMix64. */\n"
                        "static inline uint64_t own_draw(uint64_t *seed) {\n"
                        "    uint64_t x = *seed += 0x9e3779b97f4a7c15;\n"
                        "    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;\n"
                        "    x = (x ^ x >> 27) * 0x94d049bb133111eb;\n"
                        "    return x ^ x >> 31;\n}\n\n"
                        "static inline void *own_array(size_t count, size_t size) {\n"
                        "    void *array = calloc(count ? count : 1, size);\n"
                        "    if (!array)\n        abort();\n    return array;\n}\n\n");
    fprintf(
        stream,
        "/* Inputs of one call: from the seed alone, of n elements. */\n%s *%smake(uint64_t seed, size_t n) {\n",
        draft->state, prefix(draft));
    if (draft->cxx)
        fprintf(stream, "%s    auto *s = new %s{};\n", draws ? "    std::mt19937_64 random(seed);\n" : "",
                draft->state);
    else
        fprintf(stream, "    %s *s = (%s *)own_array(1, sizeof *s);\n", draft->state, draft->state);
    fprintf(stream, "%s%s%s", draws ? "" : "    (void)seed;\n", sizes ? "" : "    (void)n;\n",
            draft->sized ? "    s->elements = n;\n" : "");
    for (size_t i = 0; i < draft->count; i++)
        if (!draft->parts[i].returned)
            make_part(stream, draft, &draft->parts[i]);
    fputs("    return s;\n}\n\n", stream);
}

/* The argument, of a state by name. */
static void print_argument(FILE *stream, const struct draft *draft, const struct draft_part *part,
                           const char *state) {
    const struct scalar_type *type = part->type;
    size_t length = strlen(type->text);
    bool pointer = type->pointer && !type->reference,
         array = (is_array(part) || part->shape == DRAFT_ROWS) && draft->cxx;
    bool moved = length > 2 && !strcmp(type->text + length - 2, "&&");
    if (array && type->kind == SCALAR_BOOL)
        fprintf(stream, "(%s)%s->%s.data()", type->text, state, part->name);
    else if (array)
        fprintf(stream, "%s->%s.%s", state, part->name,
                is_text(part) && type->constant ? "c_str()" : "data()");
    else if (moved)
        fprintf(stream, "std::move(%s->%s)", state, part->name);
    else
        fprintf(stream, "%s%s->%s",
                pointer && (part->shape == DRAFT_RECORD || part->shape == DRAFT_CONTAINER) ? "&" : "", state,
                part->name);
}

static void print_call(FILE *stream, const struct draft *draft) {
    const struct draft_part *last = draft->count ? &draft->parts[draft->count - 1] : NULL;
    fprintf(stream, "void %scall(%s *s) { ", prefix(draft), draft->state);
    if (last && last->returned)
        fprintf(stream, "s->%s = ", last->name);
    fprintf(stream, "%s%s(", draft->cxx ? "::" : "", draft->signature->name);
    for (size_t i = 0; i < draft->signature->count; i++) {
        fputs(i ? ", " : "", stream);
        print_argument(stream, draft, &draft->parts[i], "s");
    }
    fputs("); }\n\n", stream);
}

/* A returned pointer is told by where in the argument it points, since each state has arrays of its own. */
static void print_value(FILE *stream, const struct draft *draft, const struct draft_part *part,
                        const char *state) {
    bool pointer = part->returned && draft->returned_array >= 0;
    if (pointer) {
        fprintf(stream, "(%s->%s ? (const char *)%s->%s - (const char *)", state, part->name, state,
                part->name);
        print_argument(stream, draft, &draft->parts[draft->returned_array], state);
        fputs(" : -1)", stream);
    } else
        fprintf(stream, "%s%s->%s", setup_draft_is_enumeration(part->type) ? "(int64_t)" : "", state,
                part->name);
}

static void compare_record(FILE *stream, const struct draft_part *part, const char *indent,
                           const char *which) {
    for (size_t i = 0; i < part->type->field_count; i++) {
        const char *field = part->type->fields[i].name;
        fprintf(stream,
                "%sif (memcmp(&a->%s%s.%s, &b->%s%s.%s, sizeof a->%s%s.%s) != 0)\n%s    return false;\n",
                indent, part->name, which, field, part->name, which, field, part->name, which, field, indent);
    }
}

/* Text by what it says. Of others which row each pointer leads to, and what the rows are. */
static void compare_rows(FILE *stream, const struct draft_part *part) {
    const char *name = part->name;
    fputs("    for (size_t i = 0; i < ", stream);
    print_of(stream, part->size, "a");
    fputs("; i++)\n", stream);
    if (part->type->kind == SCALAR_TEXT) {
        fprintf(stream,
                "        if (!a->%s[i] != !b->%s[i] || (a->%s[i] && strcmp(a->%s[i], b->%s[i]) != 0))\n"
                "            return false;\n",
                name, name, name, name, name);
        return;
    }
    fprintf(
        stream,
        "        if (a->%s[i] - &a->%s_rows[0] != b->%s[i] - &b->%s_rows[0])\n            return false;\n",
        name, name, name, name);
    if (part->type->row_constant)
        return;
    fputs("    for (size_t i = 0; i < ", stream);
    print_of(stream, part->size, "a");
    fputs(" * ", stream);
    print_of(stream, part->each, "a");
    fputs("; i++) {\n", stream);
    if (part->type->kind == SCALAR_STRUCTURE)
        compare_record(stream, part, "        ", "_rows[i]");
    else
        fprintf(stream,
                "        if (memcmp(&a->%s_rows[i], &b->%s_rows[i], sizeof a->%s_rows[i]) != 0)\n"
                "            return false;\n",
                name, name, name);
    fputs("    }\n", stream);
}

static void compare_part(FILE *stream, const struct draft *draft, const struct draft_part *part) {
    if (part->shape == DRAFT_RECORD)
        compare_record(stream, part, "    ", "");
    else if (part->shape == DRAFT_ROWS)
        compare_rows(stream, part);
    else if (part->shape == DRAFT_RECORDS) {
        fputs("    for (size_t i = 0; i < ", stream);
        print_of(stream, part->size, "a");
        fputs("; i++) {\n", stream);
        compare_record(stream, part, "        ", "[i]");
        fputs("    }\n", stream);
    } else if (is_array(part) && !draft->cxx) {
        fprintf(stream, "    if (memcmp(a->%s, b->%s, ", part->name, part->name);
        print_of(stream, part->size, "a");
        fprintf(stream, " * sizeof *a->%s) != 0)\n        return false;\n", part->name);
    } else {
        fputs("    if (", stream);
        print_value(stream, draft, part, "a");
        fputs(" != ", stream);
        print_value(stream, draft, part, "b");
        fputs(")\n        return false;\n", stream);
    }
}

/* Whether `answer` can return all that is compared: in C a number, in C++ whatever has an operator ==. */
static bool can_return(const struct draft *draft, size_t *count) {
    bool can = true;
    *count = 0;
    for (size_t i = 0; i < draft->count; i++) {
        const struct draft_part *part = &draft->parts[i];
        if (!is_answer(part))
            continue;
        ++*count;
        can &= part->shape != DRAFT_ROWS;
        can &= draft->cxx ? part->shape != DRAFT_RECORD && part->shape != DRAFT_RECORDS
                          : part->returned && part->shape != DRAFT_RECORD;
    }
    return can && *count && (draft->cxx || *count == 1);
}

static void print_answer(FILE *stream, const struct draft *draft) {
    size_t count, printed = 0;
    if (can_return(draft, &count)) {
        const struct draft_part *only = &draft->parts[draft->count - 1];
        const char *type = setup_draft_is_enumeration(only->type) ? "int64_t"
                           : only->shape == DRAFT_OTHER           ? "ptrdiff_t"
                                                                  : only->value;
        fprintf(stream, "/* What is compared with the baseline's. */\n%s %sanswer(const %s *s) { return %s",
                draft->cxx ? "auto" : type, prefix(draft), draft->state, count > 1 ? "std::make_tuple(" : "");
        for (size_t i = 0; i < draft->count; i++)
            if (is_answer(&draft->parts[i])) {
                fputs(printed++ ? ", " : "", stream);
                print_value(stream, draft, &draft->parts[i], "s");
            }
        fputs(count > 1 ? "); }\n\n" : "; }\n\n", stream);
        return;
    }
    fprintf(stream,
            "/* Whether two answers are equal, bit by bit. */\nbool %scompare(const %s *a, const %s *b) {\n",
            prefix(draft), draft->state, draft->state);
    for (size_t i = 0; i < draft->count; i++)
        if (is_answer(&draft->parts[i]))
            compare_part(stream, draft, &draft->parts[i]);
    fputs(
        count
            ? "    return true;\n}\n\n"
            : "    (void)a, (void)b;\n    return false; /* not told yet: compare what the function leaves */\n}\n\n",
        stream);
}

static void reset_rows(FILE *stream, const struct draft_part *part) {
    const char *name = part->name;
    fprintf(stream,
            "    for (size_t i = 0; i < %s; i++)\n        s->%s[i] = &s->%s_rows[i * %s];\n"
            "    memcpy(&s->%s_rows[0], &s->%s_rows_made[0], %s * %s * sizeof s->%s_rows[0]);\n",
            part->size, name, name, part->each, name, name, part->size, part->each, name);
}

static void print_reset(FILE *stream, const struct draft *draft) {
    size_t restored = 0;
    fprintf(stream,
            "/* Before each run: what the function changes is as it was made. */\nvoid %sreset(%s *s) {\n",
            prefix(draft), draft->state);
    for (size_t i = 0; i < draft->count; i++) {
        const struct draft_part *part = &draft->parts[i];
        restored += is_restored(part) || (part->shape == DRAFT_ROWS && part->written);
        if (part->shape == DRAFT_ROWS && part->written)
            reset_rows(stream, part);
        if (!is_restored(part))
            continue;
        if (is_array(part) && !draft->cxx)
            fprintf(stream, "    memcpy(s->%s, s->%s_made, %s%s%s * sizeof *s->%s);\n", part->name,
                    part->name, is_text(part) ? "(" : "", part->size, is_text(part) ? " + 1)" : "",
                    part->name);
        else
            fprintf(stream, "    s->%s = s->%s_made;\n", part->name, part->name);
    }
    fputs(restored ? "}\n" : "    (void)s; /* nothing */\n}\n", stream);
}

static void print_destroy(FILE *stream, const struct draft *draft) {
    if (draft->cxx)
        return; /* deleted */
    fprintf(stream, "\nvoid own_destroy(%s *s) {\n", draft->state);
    for (size_t i = 0; i < draft->count; i++) {
        const struct draft_part *part = &draft->parts[i];
        bool rows = part->shape == DRAFT_ROWS;
        if (is_array(part) || rows)
            fprintf(stream, "    free(s->%s);\n", part->name);
        if (rows)
            fprintf(stream, "    free(s->%s_rows);\n", part->name);
        if (rows && part->written)
            fprintf(stream, "    free(s->%s_rows_made);\n", part->name);
        if (is_array(part) && is_restored(part))
            fprintf(stream, "    free(s->%s_made);\n", part->name);
    }
    fputs("    free(s);\n}\n", stream);
}

/* Functions that the function is given, of the user's from now on. */
static void print_callbacks(FILE *stream, const struct draft *draft) {
    for (size_t i = 0; i < draft->signature->count; i++) {
        char name[SIGNATURE_NAME + 16], words[200];
        if (draft->parts[i].shape != DRAFT_CALLBACK)
            continue;
        snprintf(name, sizeof name, "own_callback_%s", draft->parts[i].name);
        callback_describe(draft->request, i, words, sizeof words);
        fprintf(stream, "/* What %s is: it %s. Put your own here. */\n", draft->parts[i].name, words);
        callback_print_body(stream, draft->request, i, name);
        fputc('\n', stream);
    }
}

void setup_draft_write(FILE *stream, const struct draft *draft, const char *opening,
                       const char *const *headers, size_t header_count) {
    fputs(opening, stream);
    for (size_t i = 0; i < header_count; i++)
        fprintf(stream, headers[i][0] == '<' ? "#include %s\n" : "#include \"%s\"\n", headers[i]);
    fputs(
        draft->cxx
            ? "#include <cstddef>\n#include <cstdint>\n#include <cstring>\n#include <random>\n#include <string>\n"
              "#include <tuple>\n#include <utility>\n#include <vector>\n\n"
            : "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n"
              "#include <string.h>\n\n",
        stream);
    if (draft->cxx)
        fprintf(stream, "namespace %s {\n\n", draft->space);
    print_state(stream, draft);
    print_callbacks(stream, draft);
    print_make(stream, draft);
    print_call(stream, draft);
    print_answer(stream, draft);
    print_reset(stream, draft);
    print_destroy(stream, draft);
    if (draft->items[0])
        fprintf(
            stream,
            "\n/* What one call handles: times are per item. */\nsize_t %sitems(const %s *s) { return %s; }\n",
            prefix(draft), draft->state, draft->items);
    if (draft->cxx)
        fprintf(stream, "\n} // namespace %s\n", draft->space);
}
