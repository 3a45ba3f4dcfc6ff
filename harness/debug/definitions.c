#include "debug/definitions.h"

#include "debug/types.h"

#include <ctype.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being read. */
struct reading {
    struct definitions *definitions;
    bool library, no_memory;
};

static bool has_flag(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attribute;
    bool set = false;
    return dwarf_attr_integrate(die, name, &attribute) && dwarf_formflag(&attribute, &set) == 0 && set;
}

/* Where its code stands: gcc has the place of the first declaration, which may be a header's, as that of a function. */
static const char *file_of(Dwarf_Die *die) {
    Dwarf_Addr start;
    Dwarf_Die unit;
    Dwarf_Line *line = dwarf_entrypc(die, &start) == 0 && dwarf_diecu(die, &unit, NULL, NULL)
                           ? dwarf_getsrc_die(&unit, start)
                           : NULL;
    const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
    return file ? file : dwarf_decl_file(die);
}

static bool is_of_the_system(Dwarf_Die *die) {
    const char *file = file_of(die);
    return file && (!strncmp(file, "/usr/include/", 13) || !strncmp(file, "/usr/lib/", 9));
}

/* Where the DIE stands by its declaration: "own::inner::" into `prefix`. False in a class, or in a function. */
static bool read_scope(Dwarf_Die *die, char *prefix, size_t size) {
    Dwarf_Attribute attribute;
    Dwarf_Die declared = *die, *scopes = NULL;
    while (dwarf_attr(&declared, DW_AT_specification, &attribute) ||
           dwarf_attr(&declared, DW_AT_abstract_origin, &attribute))
        if (!dwarf_formref_die(&attribute, &declared))
            return false;
    int count = dwarf_getscopes_die(&declared, &scopes);
    bool good = count > 0;
    prefix[0] = '\0';
    for (int i = count - 1; i > 0 && good; i--) {
        int tag = dwarf_tag(&scopes[i]);
        const char *name = tag == DW_TAG_namespace ? dwarf_diename(&scopes[i]) : NULL;
        size_t length = strlen(prefix);
        good = tag == DW_TAG_namespace || tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit;
        if (name)
            good &= snprintf(prefix + length, size - length, "%s::", name) < (int)(size - length);
    }
    free(scopes);
    return good;
}

__attribute__((format(printf, 2, 3))) static void refuse(struct definition *definition, const char *format,
                                                         ...) {
    va_list arguments;
    va_start(arguments, format);
    if (!definition->refusal[0])
        vsnprintf(definition->refusal, sizeof definition->refusal, format, arguments);
    va_end(arguments);
}

static void read_parameter(struct definition *definition, Dwarf_Die *die) {
    struct signature *signature = &definition->signature;
    char text[120];
    if (signature->count == SIGNATURE_PARAMETERS) {
        refuse(definition, "it has more than %d parameters", SIGNATURE_PARAMETERS);
        definition->told = false;
        return;
    }
    struct signature_parameter *parameter = &signature->parameters[signature->count];
    const char *name = dwarf_diename(die);
    if (name && !strncmp(name, "__", 2) && isalpha((unsigned char)name[2]))
        name += 2; /* the system's headers: const void *__s */
    if (name && strlen(name) < SIGNATURE_NAME)
        memcpy(parameter->name, name, strlen(name) + 1);
    else
        snprintf(parameter->name, sizeof parameter->name, "argument%zu", signature->count + 1);
    if (!type_read(die, &parameter->type, text, sizeof text))
        refuse(definition, "%s is %s", parameter->name, text);
    definition->told &= parameter->type.text[0] != '\0';
    signature->count++;
}

static void read_parameters(struct definition *definition, Dwarf_Die *die) {
    Dwarf_Die child;
    for (int status = dwarf_child(die, &child); status == 0; status = dwarf_siblingof(&child, &child)) {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_formal_parameter)
            read_parameter(definition, &child);
        else if (tag == DW_TAG_unspecified_parameters) {
            refuse(definition, "it takes any number of arguments (...)");
            definition->told = false;
        }
    }
}

static bool is_defined(const struct reading *reading, Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    return (dwarf_hasattr(die, DW_AT_low_pc) || dwarf_hasattr(die, DW_AT_ranges)) &&
           !dwarf_attr(die, DW_AT_declaration, &attribute) && !has_flag(die, DW_AT_artificial) &&
           (!reading->library || has_flag(die, DW_AT_external)) && !is_of_the_system(die);
}

static void read_symbol(struct definition *definition, Dwarf_Die *die, const char *name) {
    Dwarf_Attribute attribute;
    const char *mangled =
        dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ? dwarf_formstring(&attribute) : NULL;
    const char *symbol = mangled ? mangled : name;
    if (strlen(symbol) < sizeof definition->symbol)
        memcpy(definition->symbol, symbol, strlen(symbol) + 1);
}

static void read_place(struct definition *definition, Dwarf_Die *die) {
    const char *file = file_of(die), *slash = file ? strrchr(file, '/') : NULL;
    snprintf(definition->file, sizeof definition->file, "%s", slash ? slash + 1 : file ? file : "");
}

static void read_function(struct reading *reading, Dwarf_Die *die) {
    struct definitions *all = reading->definitions;
    char prefix[SIGNATURE_NAME], text[120];
    const char *name = dwarf_diename(die);
    if (!name || !strcmp(name, "main") || !is_defined(reading, die) ||
        !read_scope(die, prefix, sizeof prefix) ||
        strlen(prefix) + strlen(name) >= sizeof all->items->signature.name)
        return;
    struct definition *grown = realloc(all->items, (all->count + 1) * sizeof *grown);
    if (!grown) {
        reading->no_memory = true;
        return;
    }
    all->items = grown;
    struct definition *definition = &grown[all->count++];
    *definition = (struct definition){0};
    snprintf(definition->signature.name, sizeof definition->signature.name, "%s%s", prefix, name);
    definition->external = has_flag(die, DW_AT_external);
    read_symbol(definition, die, name);
    read_place(definition, die);
    if (!type_read(die, &definition->signature.result, text, sizeof text))
        refuse(definition, "its result is %s", text);
    else if (definition->signature.result.kind == SCALAR_CALLBACK)
        refuse(definition, "its result is a pointer to a function");
    definition->told = definition->signature.result.text[0] != '\0';
    read_parameters(definition, die);
}

static void read_scope_of(struct reading *reading, Dwarf_Die *die, int depth) {
    Dwarf_Die child;
    for (int status = dwarf_child(die, &child); status == 0; status = dwarf_siblingof(&child, &child)) {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_subprogram)
            read_function(reading, &child);
        else if (tag == DW_TAG_namespace && depth < 16)
            read_scope_of(reading, &child, depth + 1);
    }
}

/* By name, so that lists do not depend on the compiler. */
static int compare_names(const void *a, const void *b) {
    const struct definition *left = a, *right = b;
    return strcmp(left->signature.name, right->signature.name);
}

static bool read_units(struct reading *reading, Dwarf *dwarf) {
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    bool any = false;
    while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0) {
        any = true;
        read_scope_of(reading, &die, 0);
    }
    return any;
}

/* An object is not linked: libdwfl relocates its debug data, libdw alone does not. */
int definitions_read(struct definitions *definitions, const char *file, bool library,
                     struct problem *problem) {
    char *search = NULL;
    const Dwfl_Callbacks callbacks = {.find_debuginfo = dwfl_standard_find_debuginfo,
                                      .section_address = dwfl_offline_section_address,
                                      .debuginfo_path = &search};
    struct reading reading = {.definitions = definitions, .library = library};
    Dwarf_Addr bias;
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (!dwfl)
        return problem_set(problem, ENOMEM, "out of memory");
    Dwfl_Module *module = dwfl_report_offline(dwfl, file, file, -1);
    dwfl_report_end(dwfl, NULL, NULL);
    Dwarf *dwarf = module ? dwfl_module_getdwarf(module, &bias) : NULL;
    bool any = dwarf && read_units(&reading, dwarf);
    dwfl_end(dwfl);
    if (definitions->count)
        qsort(definitions->items, definitions->count, sizeof *definitions->items, compare_names);
    if (reading.no_memory)
        return problem_set(problem, ENOMEM, "out of memory");
    return any ? 0
               : problem_set(problem, ENODATA, "%s has no debug data that tells its functions' types", file);
}

void definitions_clear(struct definitions *definitions) {
    free(definitions->items);
    *definitions = (struct definitions){0};
}

bool definition_is_called(const struct definition *definition, const char *name) {
    const char *own = definition->signature.name, *last = strrchr(own, ':');
    return !strcmp(own, name) || (last && !strcmp(last + 1, name));
}

static bool ends_in_mark(const struct scalar_type *type) {
    size_t length = strlen(type->text);
    return length && strchr("*&", type->text[length - 1]);
}

static void print(const struct signature *signature, bool named, char *text, size_t size) {
    FILE *stream = fmemopen(text, size, "w");
    text[0] = text[size - 1] = '\0';
    if (!stream)
        return;
    fprintf(stream, "%s%s%s(%s", signature->result.text, ends_in_mark(&signature->result) ? "" : " ",
            signature->name, signature->count ? "" : "void");
    for (size_t i = 0; i < signature->count; i++) {
        const struct signature_parameter *parameter = &signature->parameters[i];
        fprintf(stream, "%s%s", i ? ", " : "", parameter->type.text);
        if (named)
            fprintf(stream, "%s%s", ends_in_mark(&parameter->type) ? "" : " ", parameter->name);
    }
    fputc(')', stream);
    fclose(stream);
    text[size - 1] = '\0';
}

void definition_print(const struct signature *signature, char *text, size_t size) {
    print(signature, true, text, size);
}

void definition_types_print(const struct signature *signature, char *text, size_t size) {
    print(signature, false, text, size);
}
