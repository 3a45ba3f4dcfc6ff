#include "compile/generate_calls.h"

#include "compile/generate_setup.h"
#include "compile/text_file.h"

#include <string.h>

unsigned generate_result_size(const struct signature *signature) {
    return signature->result.pointer ? sizeof(void *) : signature->result.size;
}

static bool is_by_value(const struct scalar_type *type) {
    return !type->pointer && signature_is_record(type);
}

/* Where the user's types are not known, an enumeration is an integer, a structure by value one of the same scalars, and
 * others are pointed to. */
static void print_one_type(FILE *stream, const struct scalar_type *type, const char *name, bool spelled) {
    if (spelled || (!type->reference && type->kind < SCALAR_STRUCTURE && !type->enumeration))
        fputs(type->text, stream);
    else if (type->enumeration && !type->pointer)
        fprintf(stream, "%s%u_t", type->kind == SCALAR_SIGNED ? "int" : "uint", 8 * type->size);
    else if (type->pointer || type->kind == SCALAR_CALLBACK)
        fputs("void *", stream);
    else
        fprintf(stream, "struct countersign_%s", name);
}

static void print_record(FILE *stream, const struct scalar_type *type, const char *name) {
    static const char *const kinds[] = {[SCALAR_SIGNED] = "int", [SCALAR_UNSIGNED] = "uint"};
    if (!is_by_value(type))
        return;
    fprintf(stream, "struct countersign_%s {\n", name);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct scalar_field *field = &type->fields[i];
        if (field->kind == SCALAR_FLOAT)
            fprintf(stream, "    %s", field->size == sizeof(float) ? "float" : "double");
        else if (field->kind == SCALAR_BOOL || field->kind == SCALAR_TEXT)
            fprintf(stream, "    %s", field->kind == SCALAR_BOOL ? "bool" : "char");
        else
            fprintf(stream, "    %s%u_t", kinds[field->kind], 8u * field->size);
        fprintf(stream, field->count > 1 ? " f%zu[%u];\n" : " f%zu;\n", i, field->count);
    }
    fputs("};\n", stream);
}

static void print_records(FILE *stream, const struct signature *signature) {
    char name[24];
    print_record(stream, &signature->result, "result");
    for (size_t i = 0; i < signature->count; i++) {
        snprintf(name, sizeof name, "%zu", i);
        print_record(stream, &signature->parameters[i].type, name);
    }
}

/* spelled: in the user's words. */
void generate_print_type(FILE *stream, const struct signature *signature, bool spelled) {
    char name[24];
    fputs("typedef ", stream);
    print_one_type(stream, &signature->result, "result", spelled);
    fputs(" countersign_call(", stream);
    for (size_t i = 0; i < signature->count; i++) {
        snprintf(name, sizeof name, "%zu", i);
        fputs(i ? ", " : "", stream);
        print_one_type(stream, &signature->parameters[i].type, name, spelled);
    }
    fprintf(stream, "%s);\n", signature->count ? "" : "void");
}

/* spelled: in the words of the user's file, as `function` is called there. */
static void print_loop(FILE *stream, const struct generate_request *request, const char *function,
                       bool spelled) {
    const struct signature *signature = request->signature;
    fprintf(stream, "    for (size_t i = 0; i < calls; i++)\n        %s%s(",
            generate_result_size(signature) ? "result[i] = " : "", function);
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        fputs(i ? ", " : "", stream);
        if (request->arguments[i].role == ROLE_LENGTH)
            fprintf(stream, "a%zu", i);
        else if (request->arguments[i].role == ROLE_CALLBACK)
            fprintf(stream, "(%s)a%zu", spelled ? type->text : "void *", i);
        else if (type->reference && spelled)
            fprintf(stream, request->recorded ? "(%s)*a%zu[i]" : "(%s)*(a%zu + i * s%zu)", type->text, i, i);
        else if (type->pointer)
            fprintf(stream, request->recorded ? "(%s)(void *)a%zu[i]" : "(%s)(void *)(a%zu + i * s%zu)",
                    !spelled && (type->reference || type->kind == SCALAR_STRUCTURE || type->enumeration)
                        ? "void *"
                        : type->text,
                    i, i);
        else {
            char record[24];
            snprintf(record, sizeof record, "%zu", i);
            fputs("((const ", stream);
            print_one_type(stream, type, record, spelled);
            fprintf(stream, " *)(const void *)a%zu)[i]", i);
        }
    }
}

/* Names for what the calls take, and the loop. */
static void print_calls(FILE *stream, const struct generate_request *request, const char *function,
                        bool spelled) {
    const struct signature *signature = request->signature;
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        if (request->arguments[i].role == ROLE_LENGTH)
            fprintf(stream, "    %s a%zu = (%s)duel->length;\n", type->text, i, type->text);
        else if (request->arguments[i].role == ROLE_CALLBACK)
            fprintf(stream, "    void (*a%zu)(void) = duel->callbacks[%zu];\n", i, i);
        else if (request->recorded && type->pointer)
            fprintf(stream, "    unsigned char *const *a%zu = duel->arguments[%zu].at + duel->first;\n", i,
                    i);
        else
            fprintf(stream, "    unsigned char *a%zu = duel_begin(duel, &duel->arguments[%zu]);\n", i, i);
        if (type->pointer && !request->recorded)
            fprintf(stream, "    size_t s%zu = duel->arguments[%zu].stride;\n", i, i);
    }
    if (generate_result_size(signature)) {
        fputs("    ", stream);
        print_one_type(stream, &signature->result, "result", spelled);
        fputs(" *result = (", stream);
        print_one_type(stream, &signature->result, "result", spelled);
        fputs(" *)(void *)duel_begin(duel, &duel->result);\n", stream);
    }
    print_loop(stream, request, function, spelled);
    fputs(");\n", stream);
}

void generate_inlined_calls(FILE *stream, const struct generate_request *request, size_t variant) {
    bool cxx = request->variants[variant].cxx;
    fprintf(
        stream,
        "#include \"duel.h\"\n%svoid countersign_run_%zu(void *state);\n\nvoid countersign_run_%zu(void *state) {\n"
        "    struct duel *duel = (struct duel *)state;\n    size_t calls = duel->span;\n",
        cxx ? "extern \"C\" " : "", variant, variant);
    print_calls(stream, request, request->signature->name, true);
    fputs("    duel_end(duel, 0);\n}\n", stream); /* the same in all: equal sources are equal code */
}

/*
 * The loop over the calls, apart from the function, so that neither is compiled into the other. Its number is
 * stored to tell the loops of two variants apart, which would be the same code else.
 */
int generate_call(const struct generate_request *request, size_t variant, const char *folder,
                  struct problem *problem) {
    const struct signature *signature = request->signature;
    struct text_file file;
    char name[32];
    snprintf(name, sizeof name, "call_%zu.c", variant);
    int status = text_file_open(&file, folder, name, problem);
    if (status)
        return status;
    FILE *stream = file.stream;
    if (request->setup) {
        generate_print_setup_call(stream, variant);
        return text_file_close(&file, problem);
    }
    fputs("#include \"duel.h\"\n\n", stream);
    print_records(stream, signature);
    generate_print_type(stream, signature, false);
    if (!request->variants[variant].library)
        fprintf(stream, "extern countersign_call *const countersign_duel_%zu;\n", variant);
    fprintf(stream,
            "void countersign_run_%zu(void *state);\n\nvoid countersign_run_%zu(void *state) {\n"
            "    struct duel *duel = state;\n    size_t calls = duel->span;\n",
            variant, variant);
    if (request->variants[variant].library)
        fprintf(stream, "    countersign_call *const function = (countersign_call *)duel->functions[%zu];\n",
                variant);
    else
        fprintf(stream, "    countersign_call *const function = countersign_duel_%zu;\n", variant);
    print_calls(stream, request, "function", false);
    fprintf(stream, "    duel_end(duel, %zu);\n}\n", variant + 1);
    return text_file_close(&file, problem);
}

/* The function by which answers are compared, in a copy of the first file's code. */
int generate_compare(const struct generate_request *request, const char *folder, struct problem *problem) {
    const struct duel_variant *first = &request->variants[0];
    const struct scalar_type *type = &request->signature->result;
    bool array = false;
    for (size_t i = 0; i < request->signature->count; i++)
        if (request->arguments[i].role >= ROLE_OUTPUT) {
            type = &request->signature->parameters[i].type;
            array = true;
        }
    char of[sizeof type->text];
    snprintf(of, sizeof of, "%.*s", (int)strcspn(type->text, array ? "*&" : ""), type->text);
    struct text_file file;
    int status = text_file_open(&file, folder, first->cxx ? "compare.cpp" : "compare.c", problem);
    if (status)
        return status;
    fprintf(
        file.stream,
        "#include \"%s\"\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <sys/types.h>\n"
        "%sbool countersign_equal(const void *expected, const void *got, size_t count);\n"
        "#line 1 \"--compare\"\n"
        "%sbool countersign_equal(const void *expected, const void *got, size_t count) {\n    (void)count;\n",
        first->path, first->cxx ? "extern \"C\" " : "", first->cxx ? "extern \"C\" " : "");
    if (array)
        fprintf(file.stream, "    return %s((const %s *)expected, (const %s *)got, count) != 0;\n}\n",
                request->compare, of, of);
    else
        fprintf(file.stream, "    return %s(*(const %s *)expected, *(const %s *)got) != 0;\n}\n",
                request->compare, of, of);
    return text_file_close(&file, problem);
}
