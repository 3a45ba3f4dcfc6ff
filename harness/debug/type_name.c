#include "debug/type_name.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 16

bool type_is_of_c(Dwarf_Die *die) {
    Dwarf_Die unit;
    switch (dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : 0) {
    case DW_LANG_C:
    case DW_LANG_C89:
    case DW_LANG_C99:
    case DW_LANG_C11:
        return true;
    default:
        return false;
    }
}

void type_read_scope(Dwarf_Die *die, char *prefix, size_t size) {
    Dwarf_Die *scopes = NULL;
    int count = dwarf_getscopes_die(die, &scopes);
    prefix[0] = '\0';
    for (int i = count - 1; i > 0; i--) {
        int tag = dwarf_tag(&scopes[i]);
        bool named = tag == DW_TAG_namespace || tag == DW_TAG_structure_type || tag == DW_TAG_class_type;
        const char *name = named ? dwarf_diename(&scopes[i]) : NULL;
        size_t length = strlen(prefix);
        if (name)
            snprintf(prefix + length, size - length, "%.40s::", name);
    }
    free(scopes);
}

static bool print_type_of(FILE *stream, Dwarf_Die *die, int depth);

static bool print_own_name(FILE *stream, Dwarf_Die *die, const char *keyword) {
    const char *name = dwarf_diename(die);
    bool c = type_is_of_c(die);
    char scope[120] = "";
    if (!name || strchr(name, '{') || strstr(name, "<lambda") || strstr(name, "(anonymous"))
        return false;
    if (!c)
        type_read_scope(die, scope, sizeof scope);
    fprintf(stream, "%s%s%s", c ? keyword : "", scope, name);
    return true;
}

static bool print_function(FILE *stream, Dwarf_Die *function, int depth) {
    Dwarf_Die child;
    bool told = true;
    int count = 0;
    fputs("__typeof__(", stream);
    told &= print_type_of(stream, function, depth);
    fputs(" (", stream);
    for (int status = dwarf_child(function, &child); status == 0; status = dwarf_siblingof(&child, &child)) {
        bool parameter = dwarf_tag(&child) == DW_TAG_formal_parameter;
        fputs(count++ ? ", " : "", stream);
        if (!parameter)
            fputs("...", stream);
        else
            told &= print_type_of(stream, &child, depth);
    }
    fputs(count ? "))" : "void))", stream);
    return told;
}

static bool print_array(FILE *stream, Dwarf_Die *array, int depth) {
    Dwarf_Die child;
    Dwarf_Attribute attribute;
    Dwarf_Word upper;
    fputs("__typeof__(", stream);
    bool told = print_type_of(stream, array, depth);
    for (int status = dwarf_child(array, &child); status == 0; status = dwarf_siblingof(&child, &child)) {
        if (dwarf_tag(&child) != DW_TAG_subrange_type)
            continue;
        if (dwarf_attr_integrate(&child, DW_AT_upper_bound, &attribute) &&
            dwarf_formudata(&attribute, &upper) == 0)
            fprintf(stream, "[%llu]", (unsigned long long)upper + 1);
        else if (dwarf_attr_integrate(&child, DW_AT_count, &attribute) &&
                 dwarf_formudata(&attribute, &upper) == 0)
            fprintf(stream, "[%llu]", (unsigned long long)upper);
        else
            told = false;
    }
    fputc(')', stream);
    return told;
}

/* "const" of a pointer itself stands behind it. */
static bool print_qualified(FILE *stream, Dwarf_Die *qualified, const char *word, int depth) {
    Dwarf_Attribute attribute;
    Dwarf_Die target;
    bool pointer = dwarf_attr_integrate(qualified, DW_AT_type, &attribute) &&
                   dwarf_formref_die(&attribute, &target) && dwarf_tag(&target) == DW_TAG_pointer_type;
    fprintf(stream, "%s%s", pointer ? "" : word, pointer ? "" : " ");
    bool told = print_type_of(stream, qualified, depth);
    fputs(pointer ? word : "", stream);
    return told;
}

static bool print_type(FILE *stream, Dwarf_Die *die, int depth) {
    switch (dwarf_tag(die)) {
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
        return print_own_name(stream, die, "struct ");
    case DW_TAG_union_type:
        return print_own_name(stream, die, "union ");
    case DW_TAG_enumeration_type:
        return print_own_name(stream, die, "enum ");
    case DW_TAG_base_type:
    case DW_TAG_typedef:
    case DW_TAG_unspecified_type:
        return print_own_name(stream, die, "");
    case DW_TAG_const_type:
        return print_qualified(stream, die, "const", depth);
    case DW_TAG_volatile_type:
        return print_qualified(stream, die, "volatile", depth);
    case DW_TAG_restrict_type:
        return print_type_of(stream, die, depth);
    case DW_TAG_subroutine_type:
        return print_function(stream, die, depth);
    case DW_TAG_array_type:
        return print_array(stream, die, depth);
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type: {
        int tag = dwarf_tag(die);
        bool told = print_type_of(stream, die, depth);
        fputs(tag == DW_TAG_pointer_type ? " *" : tag == DW_TAG_reference_type ? " &" : " &&", stream);
        return told;
    }
    default:
        return false;
    }
}

static bool print_type_of(FILE *stream, Dwarf_Die *die, int depth) {
    Dwarf_Attribute attribute;
    Dwarf_Die target;
    if (!dwarf_attr_integrate(die, DW_AT_type, &attribute))
        return fputs("void", stream) >= 0;
    return depth < DEEPEST && dwarf_formref_die(&attribute, &target) &&
           print_type(stream, &target, depth + 1);
}

/* Takes `length` bytes at `at` out of the text and puts `with`, which is no longer, in their place. */
static void replace(char *at, size_t length, const char *with) {
    size_t kept = strlen(with);
    memcpy(at, with, kept);
    memmove(at + kept, at + length, strlen(at + length) + 1);
}

static void replace_all(char *text, const char *what, const char *with) {
    for (char *found = text; (found = strstr(found, what));)
        replace(found, strlen(what), with);
}

/* ", std::allocator<…>" with all that is in its brackets. */
static void remove_argument(char *text, const char *name) {
    for (char *found; (found = strstr(text, name));) {
        size_t length = strlen(name);
        for (int open = 1; open && found[length]; length++)
            open += found[length] == '<' ? 1 : found[length] == '>' ? -1 : 0;
        replace(found, length, "");
    }
}

void type_shorten_name(char *text) {
    replace_all(text, "std::__cxx11::", "std::");
    replace_all(text, "std::__1::", "std::");
    remove_argument(text, ", std::allocator<");
    remove_argument(text, ", std::char_traits<");
    replace_all(text, " >", ">");
    replace_all(text, "std::basic_string<char>", "std::string");
    replace_all(text, "std::basic_string_view<char>", "std::string_view");
    replace_all(text, ", 18446744073709551615>", ">"); /* std::span of any length */
    replace_all(text, ", 18446744073709551615UL>", ">");
    replace_all(text, "* *", "**");
}

static bool print_into(Dwarf_Die *die, bool (*print)(FILE *, Dwarf_Die *, int), char *text, size_t size) {
    char *whole = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&whole, &length);
    text[0] = '\0';
    if (!stream)
        return false;
    bool told = print(stream, die, 0);
    if (fclose(stream) != 0) {
        free(whole);
        return false;
    }
    type_shorten_name(whole);
    told = told && strlen(whole) < size;
    if (told)
        memcpy(text, whole, strlen(whole) + 1);
    free(whole);
    return told;
}

bool type_print_name(Dwarf_Die *die, char *text, size_t size) {
    return print_into(die, print_type_of, text, size);
}

bool type_print_function(Dwarf_Die *function, char *text, size_t size) {
    return print_into(function, print_function, text, size);
}
