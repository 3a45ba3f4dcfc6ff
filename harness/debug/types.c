#include "debug/types.h"

#include <dwarf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

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
    bool is_void, constant;
    int alias;             /* the outermost of `names` that it was called by, or -1 */
    const char *type_name; /* the outermost of typedef, or NULL */
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
            if (!peeled->type_name)
                peeled->type_name = dwarf_diename(&die);
            break;
        case DW_TAG_const_type:
            peeled->constant = true;
            break;
        case DW_TAG_volatile_type:
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
    case DW_TAG_enumeration_type:
        return "an enumeration";
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

/* By what the compiler calls it, and its name in stdint.h where it was called by that. */
static bool read_scalar(struct peeled *peeled, struct scalar_type *type) {
    Dwarf_Word bytes = 0, encoding = 0;
    Dwarf_Attribute attribute;
    if (peeled->is_void) {
        *type = (struct scalar_type){.kind = SCALAR_VOID, .text = "void"};
        return true;
    }
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

/* By its own name, which all that it is called by have in common, else by the one that it was called by. */
static void read_structure(struct peeled *target, bool reference, struct scalar_type *type) {
    Dwarf_Word bytes = 0;
    const char *own = dwarf_diename(&target->die), *name = own ? own : target->type_name;
    bool told = dwarf_aggregate_size(&target->die, &bytes) == 0 && bytes <= UINT32_MAX;
    *type = (struct scalar_type){.kind = SCALAR_STRUCTURE,
                                 .size = told ? (unsigned)bytes : 0,
                                 .pointer = true,
                                 .reference = reference,
                                 .constant = target->constant};
    snprintf(type->text, sizeof type->text, "%s%.80s %s", target->constant ? "const " : "",
             name ? name : "structure", reference ? "&" : "*");
}

static bool read_target(struct peeled *pointer, struct scalar_type *type, char *text, size_t size) {
    struct peeled target;
    char name[sizeof type->text];
    if (!peel(&pointer->die, &target))
        return false;
    if (!read_scalar(&target, type)) {
        char what[60];
        if (is_structure(&target))
            read_structure(&target, false, type);
        snprintf(what, sizeof what, "a pointer to %s", what_it_is(&target));
        describe(&target, what, text, size);
        return false;
    }
    type->pointer = true;
    type->constant = target.constant;
    snprintf(name, sizeof name, "%s%.80s *", target.constant ? "const " : "", type->text);
    memcpy(type->text, name, sizeof name);
    if (type->kind == SCALAR_VOID)
        type->kind = SCALAR_UNSIGNED, type->size = 1;
    return true;
}

bool type_read(Dwarf_Die *die, struct scalar_type *type, char *text, size_t size) {
    struct peeled peeled;
    *type = (struct scalar_type){0};
    snprintf(text, size, "damaged");
    if (!peel(die, &peeled))
        return false;
    if (!peeled.is_void && dwarf_tag(&peeled.die) == DW_TAG_pointer_type)
        return read_target(&peeled, type, text, size);
    if (read_scalar(&peeled, type))
        return true;
    struct peeled target;
    if (dwarf_tag(&peeled.die) == DW_TAG_reference_type && peel(&peeled.die, &target) &&
        is_structure(&target))
        read_structure(&target, true, type);
    describe(&peeled, what_it_is(&peeled), text, size);
    return false;
}
