#include "debug/types.h"

#include "debug/enumeration.h"
#include "debug/type_name.h"

#include <dwarf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define MOST_COLUMNS ((Dwarf_Word)1 << 20)
#define MOST_NAME 230 /* of a type, in a text with "const volatile" and its mark */

/* Names of C and stdint.h, and as compilers write the former in debug data. */
static const struct {
    const char *name, *in_c;
    enum scalar_kind kind;
    unsigned size;
} names[] = {{"char", "char", SCALAR_TEXT, 1},
             {"signed char", "signed char", SCALAR_SIGNED, 1},
             {"unsigned char", "unsigned char", SCALAR_UNSIGNED, 1},
             {"short int", "short", SCALAR_SIGNED, sizeof(short)},
             {"short", "short", SCALAR_SIGNED, sizeof(short)},
             {"short unsigned int", "unsigned short", SCALAR_UNSIGNED, sizeof(short)},
             {"unsigned short", "unsigned short", SCALAR_UNSIGNED, sizeof(short)},
             {"int", "int", SCALAR_SIGNED, sizeof(int)},
             {"unsigned int", "unsigned int", SCALAR_UNSIGNED, sizeof(int)},
             {"long int", "long", SCALAR_SIGNED, sizeof(long)},
             {"long", "long", SCALAR_SIGNED, sizeof(long)},
             {"long unsigned int", "unsigned long", SCALAR_UNSIGNED, sizeof(long)},
             {"unsigned long", "unsigned long", SCALAR_UNSIGNED, sizeof(long)},
             {"long long int", "long long", SCALAR_SIGNED, sizeof(long long)},
             {"long long", "long long", SCALAR_SIGNED, sizeof(long long)},
             {"long long unsigned int", "unsigned long long", SCALAR_UNSIGNED, sizeof(long long)},
             {"unsigned long long", "unsigned long long", SCALAR_UNSIGNED, sizeof(long long)},
             {"float", "float", SCALAR_FLOAT, 4},
             {"double", "double", SCALAR_FLOAT, 8},
             {"bool", "bool", SCALAR_BOOL, 1},
             {"_Bool", "bool", SCALAR_BOOL, 1},
             {"int8_t", "int8_t", SCALAR_SIGNED, 1},
             {"int16_t", "int16_t", SCALAR_SIGNED, 2},
             {"int32_t", "int32_t", SCALAR_SIGNED, 4},
             {"int64_t", "int64_t", SCALAR_SIGNED, 8},
             {"uint8_t", "uint8_t", SCALAR_UNSIGNED, 1},
             {"uint16_t", "uint16_t", SCALAR_UNSIGNED, 2},
             {"uint32_t", "uint32_t", SCALAR_UNSIGNED, 4},
             {"uint64_t", "uint64_t", SCALAR_UNSIGNED, 8},
             {"size_t", "size_t", SCALAR_UNSIGNED, sizeof(size_t)},
             {"ssize_t", "ssize_t", SCALAR_SIGNED, sizeof(ssize_t)},
             {"ptrdiff_t", "ptrdiff_t", SCALAR_SIGNED, sizeof(ptrdiff_t)},
             {"intptr_t", "intptr_t", SCALAR_SIGNED, sizeof(intptr_t)},
             {"uintptr_t", "uintptr_t", SCALAR_UNSIGNED, sizeof(uintptr_t)}};

static int find_name(const char *name) {
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, name))
            return (int)i;
    return -1;
}

/* A type without the names and qualifiers around it. */
struct peeled {
    Dwarf_Die die;
    bool is_void, constant, is_volatile;
    int alias;             /* the outermost of `names` that it was called by, or -1 */
    const char *type_name; /* the outermost of typedef, or NULL */
    Dwarf_Die type_name_die;
};

static bool peel(Dwarf_Die *from, struct peeled *peeled) {
    Dwarf_Attribute attribute;
    Dwarf_Die die = *from;
    *peeled = (struct peeled){.alias = -1};
    for (int depth = 0; depth < 64; depth++) {
        if (!dwarf_attr_integrate(&die, DW_AT_type, &attribute)) {
            peeled->is_void = true;
            return true;
        }
        if (!dwarf_formref_die(&attribute, &die))
            return false;
        peeled->die = die;
        switch (dwarf_tag(&die)) {
        case DW_TAG_typedef:
            if (peeled->alias < 0)
                peeled->alias = find_name(dwarf_diename(&die));
            if (!peeled->type_name) {
                peeled->type_name = dwarf_diename(&die);
                peeled->type_name_die = die;
            }
            break;
        case DW_TAG_const_type:
            peeled->constant = true;
            break;
        case DW_TAG_volatile_type:
            peeled->is_volatile = true;
            break;
        case DW_TAG_restrict_type:
            break;
        default:
            return true;
        }
    }
    return false; /* in a circle: damaged */
}

static void describe(const struct peeled *peeled, const char *what, char *text, size_t size) {
    Dwarf_Die die = peeled->die;
    const char *name = peeled->is_void ? NULL : dwarf_diename(&die);
    snprintf(text, size, "%s%s%.60s%s", what, name ? " (" : "", name ? name : "", name ? ")" : "");
}

static const char *what_it_is(const struct peeled *peeled) {
    Dwarf_Die die = peeled->die;
    switch (dwarf_tag(&die)) {
    case DW_TAG_structure_type:
        return "a structure";
    case DW_TAG_class_type:
        return "a class";
    case DW_TAG_union_type:
        return "a union";
    case DW_TAG_enumeration_type: {
        struct scalar_type unused;
        const char *refused = enumeration_read(&die, &unused);
        return refused ? refused : "an enumeration";
    }
    case DW_TAG_pointer_type:
        return "a pointer";
    case DW_TAG_subroutine_type:
        return "a function";
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
        return "a reference";
    case DW_TAG_array_type:
        return "an array";
    default:
        return "a type";
    }
}

static bool is_enumeration(struct peeled *peeled) {
    return !peeled->is_void && dwarf_tag(&peeled->die) == DW_TAG_enumeration_type;
}

/* By its own name, which all that it is called by have in common, else by the one that it was called by. */
static void print_own_name(struct peeled *peeled, const char *keyword, const char *nameless, char *text,
                           size_t size) {
    char scope[120] = "";
    bool c = type_is_of_c(&peeled->die);
    const char *own = dwarf_diename(&peeled->die), *name = own ? own : peeled->type_name;
    if (name && !c)
        type_read_scope(own ? &peeled->die : &peeled->type_name_die, scope, sizeof scope);
    snprintf(text, size, "%s%s%.800s", own && c ? keyword : "", scope, name ? name : nameless);
    type_shorten_name(text);
}

static bool read_enumeration(struct peeled *peeled, struct scalar_type *type) {
    char text[1000];
    *type = (struct scalar_type){.enumeration = true};
    if (enumeration_read(&peeled->die, type)) {
        *type = (struct scalar_type){0};
        return false;
    }
    /* In C one without any name is an int to the compiler, with the sign that its values need. */
    print_own_name(peeled, "enum ", type->kind == SCALAR_SIGNED ? "int" : "unsigned int", text, sizeof text);
    snprintf(type->text, sizeof type->text, "%.*s", MOST_NAME, text);
    return true;
}

/* By what the compiler calls it, and its name in stdint.h where it was called by that. */
static bool read_scalar(struct peeled *peeled, struct scalar_type *type) {
    Dwarf_Word bytes = 0, encoding = 0;
    Dwarf_Attribute attribute;
    if (peeled->is_void) {
        *type = (struct scalar_type){.kind = SCALAR_VOID, .text = "void"};
        return true;
    }
    if (is_enumeration(peeled))
        return read_enumeration(peeled, type);
    int found = dwarf_tag(&peeled->die) == DW_TAG_base_type ? find_name(dwarf_diename(&peeled->die)) : -1;
    if (found < 0 || dwarf_aggregate_size(&peeled->die, &bytes) != 0 || bytes != names[found].size ||
        !dwarf_attr_integrate(&peeled->die, DW_AT_encoding, &attribute) ||
        dwarf_formudata(&attribute, &encoding) != 0)
        return false;
    type->kind = names[found].kind;
    type->size = names[found].size;
    const char *text = names[found].in_c;
    int alias = peeled->alias;
    if (alias >= 0 && names[alias].kind == type->kind && names[alias].size == type->size)
        text = names[alias].in_c;
    snprintf(type->text, sizeof type->text, "%s", text);
    return true;
}

static bool is_structure(struct peeled *peeled) {
    int tag = peeled->is_void ? 0 : dwarf_tag(&peeled->die);
    return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

/* Where members lie that are being read: in the structure itself, or in an array of `count` in it. */
struct place {
    const char *prefix;
    unsigned offset, count, stride;
};

static bool read_members(Dwarf_Die *structure, const struct place *place, struct scalar_type *type,
                         int depth);

static bool read_number(Dwarf_Die *die, unsigned name, Dwarf_Word *number) {
    Dwarf_Attribute attribute;
    return dwarf_attr_integrate(die, name, &attribute) && dwarf_formudata(&attribute, number) == 0;
}

/* Elements of an array in all its dimensions; 0 where they are not told. */
static Dwarf_Word count_elements(Dwarf_Die *array) {
    Dwarf_Die child;
    Dwarf_Word all = 1, count, upper;
    for (int status = dwarf_child(array, &child); status == 0; status = dwarf_siblingof(&child, &child)) {
        if (dwarf_tag(&child) != DW_TAG_subrange_type)
            continue;
        if (read_number(&child, DW_AT_upper_bound, &upper))
            count = upper + 1;
        else if (!read_number(&child, DW_AT_count, &count))
            count = 0;
        if (count > UINT32_MAX || (all *= count) > UINT32_MAX)
            return 0;
    }
    return all;
}

static bool add_field(const struct place *place, const char *name, const struct scalar_type *scalar,
                      unsigned count, struct scalar_type *type) {
    struct scalar_field *field = &type->fields[type->field_count];
    bool both = place->count > 1 && count > 1; /* one behind the other, or it is no array that can be told */
    if (type->field_count == SIGNATURE_FIELDS || scalar->size == 0 ||
        (both && count * scalar->size != place->stride) ||
        type->run_count + scalar->run_count > SIGNATURE_RUNS)
        return false;
    *field = (struct scalar_field){.kind = (unsigned char)scalar->kind,
                                   .size = (unsigned char)scalar->size,
                                   .offset = place->offset,
                                   .count = place->count * count,
                                   .stride = place->count > 1 && count == 1 ? place->stride : scalar->size,
                                   .first_run = (unsigned char)type->run_count,
                                   .run_count = (unsigned char)scalar->run_count};
    memcpy(type->runs + type->run_count, scalar->runs, scalar->run_count * sizeof *scalar->runs);
    type->run_count += scalar->run_count;
    bool plain = strncmp(name, "_M_", 3) != 0; /* the library's own, as of std::array */
    size_t length = strlen(place->prefix);
    int whole = snprintf(field->name, sizeof field->name, "%s%s%s", place->prefix, length && plain ? "." : "",
                         plain ? name : "");
    type->closed |=
        whole >= (int)sizeof field->name || place->count > 1 || (plain && !*name) || scalar->enumeration;
    type->field_count++;
    return true;
}

/* The type of a member, or of an array's elements. */
static bool read_member_type(Dwarf_Die *die, const char *name, struct place place, unsigned count,
                             struct scalar_type *type, int depth) {
    struct peeled peeled;
    struct scalar_type scalar = {0};
    Dwarf_Word size = 0, elements;
    if (!peel(die, &peeled) || peeled.is_void)
        return false;
    type->closed |= peeled.constant;
    if (dwarf_tag(&peeled.die) == DW_TAG_array_type) {
        elements = count_elements(&peeled.die);
        return elements && elements * count <= UINT32_MAX &&
               read_member_type(&peeled.die, name, place, (unsigned)elements * count, type, depth);
    }
    if (read_scalar(&peeled, &scalar))
        return add_field(&place, name, &scalar, count, type);
    int tag = dwarf_tag(&peeled.die);
    if ((tag != DW_TAG_structure_type && tag != DW_TAG_class_type) ||
        dwarf_aggregate_size(&peeled.die, &size) != 0)
        return false;
    char prefix[28];
    size_t length = strlen(place.prefix);
    bool plain = strncmp(name, "_M_", 3) != 0;
    snprintf(prefix, sizeof prefix, "%.13s%s%.13s", place.prefix, length && plain ? "." : "",
             plain ? name : "");
    type->closed |= length > 13 || (plain && strlen(name) > 13) || (plain && length && !*name);
    bool both = place.count > 1 && count > 1;
    if (both && count * size != place.stride)
        return false;
    struct place inner = {prefix, place.offset, place.count * count,
                          count > 1 ? (unsigned)size : place.stride};
    return read_members(&peeled.die, &inner, type, depth + 1);
}

static bool read_member(Dwarf_Die *member, const struct place *place, struct scalar_type *type, int depth) {
    Dwarf_Attribute attribute;
    Dwarf_Word offset;
    bool base = dwarf_tag(member) == DW_TAG_inheritance;
    if (!base && dwarf_hasattr(member, DW_AT_external))
        return true; /* static */
    if (dwarf_attr(member, DW_AT_bit_size, &attribute) || dwarf_attr(member, DW_AT_virtuality, &attribute) ||
        (!base && dwarf_hasattr(member, DW_AT_artificial)) ||
        !read_number(member, DW_AT_data_member_location, &offset) || offset > UINT32_MAX)
        return false;
    struct place inner = *place;
    inner.offset += (unsigned)offset;
    const char *name = base ? "_M_" : dwarf_diename(member);
    return read_member_type(member, name ? name : "", inner, 1, type, depth);
}

static bool is_public(Dwarf_Die *structure, Dwarf_Die *member) {
    Dwarf_Word access;
    if (!read_number(member, DW_AT_accessibility, &access))
        access = dwarf_tag(structure) == DW_TAG_class_type ? DW_ACCESS_private : DW_ACCESS_public;
    return access == DW_ACCESS_public;
}

/* All members' scalars; false where there is something else. */
static bool read_members(Dwarf_Die *structure, const struct place *place, struct scalar_type *type,
                         int depth) {
    Dwarf_Die child;
    if (depth > 8)
        return false;
    for (int status = dwarf_child(structure, &child); status == 0; status = dwarf_siblingof(&child, &child)) {
        int tag = dwarf_tag(&child);
        if (tag != DW_TAG_member && tag != DW_TAG_inheritance)
            continue;
        type->closed |= !is_public(structure, &child);
        if (!read_member(&child, place, type, depth))
            return false;
    }
    return true;
}

static void read_fields(struct peeled *structure, struct scalar_type *type) {
    const struct place whole = {"", 0, 1, 0};
    Dwarf_Word convention;
    type->by_hidden_pointer = read_number(&structure->die, DW_AT_calling_convention, &convention) &&
                              convention == DW_CC_pass_by_reference;
    if (dwarf_tag(&structure->die) == DW_TAG_union_type || !read_members(&structure->die, &whole, type, 0))
        type->field_count = 0;
}

static void read_structure(struct peeled *target, const char *mark, struct scalar_type *type) {
    Dwarf_Word bytes = 0;
    char text[1000];
    bool told = dwarf_aggregate_size(&target->die, &bytes) == 0 && bytes <= UINT32_MAX;
    *type = (struct scalar_type){.kind = SCALAR_STRUCTURE,
                                 .size = told ? (unsigned)bytes : 0,
                                 .pointer = *mark != '\0',
                                 .reference = *mark == '&',
                                 .constant = *mark && target->constant};
    print_own_name(target, dwarf_tag(&target->die) == DW_TAG_union_type ? "union " : "struct ", "structure",
                   text, sizeof text);
    snprintf(type->text, sizeof type->text, "%s%.*s%s%s", type->constant ? "const " : "", MOST_NAME, text,
             *mark ? " " : "", mark);
    if (told && (dwarf_diename(&target->die) || target->type_name))
        read_fields(target, type);
}

static bool read_type(Dwarf_Die *die, struct scalar_type *type, char *text, size_t size);

static bool read_target(struct peeled *pointer, struct scalar_type *type, char *text, size_t size);

static struct callback_value value_of(const struct scalar_type *type) {
    bool bytes = type->pointer && type->kind == SCALAR_UNSIGNED && strstr(type->text, "void *");
    return (struct callback_value){bytes ? SCALAR_VOID : type->kind, type->size, type->pointer,
                                   type->constant};
}

static bool is_pointer(Dwarf_Die *die) {
    struct peeled peeled;
    return peel(die, &peeled) && !peeled.is_void && dwarf_tag(&peeled.die) == DW_TAG_pointer_type;
}

static bool is_pointer_to_function(Dwarf_Die *die) {
    struct peeled peeled, target;
    return is_pointer(die) && peel(die, &peeled) && peel(&peeled.die, &target) && !target.is_void &&
           dwarf_tag(&target.die) == DW_TAG_subroutine_type;
}

/* Pointers to what has no scalars are only handed on; callbacks of callbacks, too. */
static struct callback_value read_value(Dwarf_Die *die, struct scalar_type *of, bool *told) {
    struct scalar_type type;
    char text[120];
    bool inner = is_pointer_to_function(die);
    bool known = !inner && read_type(die, &type, text, sizeof text) && !type.reference && !type.enumeration &&
                 !type.columns;
    if (known && type.field_count && type.pointer && of->field_count == 0) {
        memcpy(of->fields, type.fields, sizeof type.fields);
        of->field_count = type.field_count;
    }
    *told &= (is_pointer(die) || (known && type.kind != SCALAR_STRUCTURE)) && !(known && type.rows);
    return known ? value_of(&type) : (struct callback_value){.kind = SCALAR_VOID, .pointer = true};
}

static bool read_callback(struct peeled *function, struct scalar_type *type) {
    Dwarf_Die child;
    char text[sizeof type->text];
    struct callback *callback = &type->callback;
    *type = (struct scalar_type){.kind = SCALAR_CALLBACK, .size = sizeof(void *), .callback.told = true};
    callback->result = read_value(&function->die, type, &callback->told);
    for (int status = dwarf_child(&function->die, &child); status == 0;
         status = dwarf_siblingof(&child, &child)) {
        if (dwarf_tag(&child) != DW_TAG_formal_parameter || callback->count == CALLBACK_PARAMETERS)
            callback->told = false;
        else
            callback->parameters[callback->count++] = read_value(&child, type, &callback->told);
    }
    if (!type_print_function(&function->die, text, sizeof text - 2))
        return false;
    snprintf(type->text, sizeof type->text, "%.253s *", text);
    return true;
}

/* A pointer to pointers: of the kind of what those point to. */
static bool read_rows(struct peeled *pointer, struct scalar_type *type, char *text, size_t size) {
    struct scalar_type row = {0};
    struct peeled inner;
    char name[sizeof type->text];
    if (!peel(&pointer->die, &inner) || (!inner.is_void && dwarf_tag(&inner.die) == DW_TAG_pointer_type) ||
        !read_target(pointer, &row, text, size) || row.kind == SCALAR_CALLBACK || row.columns)
        return false;
    *type = row;
    type->rows = type->pointer = true;
    type->row_constant = row.constant;
    type->constant = pointer->constant;
    snprintf(name, sizeof name, "%.*s%s*", MOST_NAME, row.text, pointer->constant ? "const " : "");
    memcpy(type->text, name, sizeof name);
    return true;
}

/* A pointer or reference to arrays whose extents are numbers: to their scalars, but for text, which ends within. */
static bool read_array(struct peeled *pointer, struct peeled *array, const char *mark,
                       struct scalar_type *type) {
    struct peeled element = *array;
    Dwarf_Word columns = 1;
    bool constant = array->constant;
    char name[MOST_NAME];
    if (array->is_void || dwarf_tag(&element.die) != DW_TAG_array_type)
        return false;
    while (!element.is_void && dwarf_tag(&element.die) == DW_TAG_array_type) {
        Dwarf_Die inner = element.die;
        columns *= count_elements(&inner);
        if (columns == 0 || columns > MOST_COLUMNS || !peel(&inner, &element))
            return false;
        constant |= element.constant;
    }
    if (element.is_void || !read_scalar(&element, type) || type->kind == SCALAR_TEXT ||
        !type_print_name(&pointer->die, name, sizeof name)) {
        *type = (struct scalar_type){0};
        return false;
    }
    type->pointer = true;
    type->reference = *mark == '&';
    type->constant = constant;
    type->columns = (unsigned)columns;
    snprintf(type->text, sizeof type->text, "%s %s", name, mark);
    return true;
}

static bool read_target(struct peeled *pointer, struct scalar_type *type, char *text, size_t size) {
    struct peeled target;
    char name[sizeof type->text];
    if (!peel(&pointer->die, &target))
        return false;
    if (!target.is_void && dwarf_tag(&target.die) == DW_TAG_subroutine_type && read_callback(&target, type))
        return true;
    if (!target.is_void && dwarf_tag(&target.die) == DW_TAG_pointer_type &&
        read_rows(&target, type, text, size))
        return true;
    if (read_array(pointer, &target, "*", type))
        return true;
    if (!read_scalar(&target, type)) {
        char what[60];
        if (is_structure(&target))
            read_structure(&target, "*", type);
        if (type->field_count)
            return true;
        snprintf(what, sizeof what, "a pointer to %s", what_it_is(&target));
        describe(&target, what, text, size);
        return false;
    }
    type->pointer = true;
    type->constant = target.constant;
    snprintf(name, sizeof name, "%s%s%.*s *", target.constant ? "const " : "",
             target.is_volatile ? "volatile " : "", MOST_NAME, type->text);
    memcpy(type->text, name, sizeof name);
    if (type->kind == SCALAR_VOID)
        type->kind = SCALAR_UNSIGNED, type->size = 1;
    return true;
}

/* A pointer that is written otherwise. */
static bool read_reference(struct peeled *reference, struct scalar_type *type) {
    struct peeled target;
    char name[sizeof type->text];
    if (!peel(&reference->die, &target))
        return false;
    if (read_array(reference, &target, "&", type))
        return true;
    if (is_structure(&target)) {
        read_structure(&target, "&", type);
        return type->field_count > 0;
    }
    if (!read_scalar(&target, type) || type->kind == SCALAR_VOID)
        return false;
    type->pointer = type->reference = true;
    type->constant = target.constant;
    snprintf(name, sizeof name, "%s%.*s &", target.constant ? "const " : "", MOST_NAME, type->text);
    memcpy(type->text, name, sizeof name);
    return true;
}

static bool read_type(Dwarf_Die *die, struct scalar_type *type, char *text, size_t size) {
    struct peeled peeled;
    *type = (struct scalar_type){0};
    snprintf(text, size, "damaged");
    if (!peel(die, &peeled))
        return false;
    if (!peeled.is_void && dwarf_tag(&peeled.die) == DW_TAG_pointer_type)
        return read_target(&peeled, type, text, size);
    if (read_scalar(&peeled, type))
        return true;
    if (dwarf_tag(&peeled.die) == DW_TAG_reference_type && read_reference(&peeled, type))
        return true;
    if (is_structure(&peeled)) {
        read_structure(&peeled, "", type);
        if (type->field_count && !type->by_hidden_pointer)
            return true;
        type->field_count = 0;
    }
    type->enumeration = is_enumeration(&peeled);
    describe(&peeled, what_it_is(&peeled), text, size);
    return false;
}

bool type_read(Dwarf_Die *die, struct scalar_type *type, char *text, size_t size) {
    if (read_type(die, type, text, size))
        return true;
    if (type->kind != SCALAR_STRUCTURE)
        type_print_name(die, type->text, sizeof type->text);
    return false;
}
