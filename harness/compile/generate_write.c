/* The generated folder's files. */
#include "compile/generate.h"

#include "base/folder.h"
#include "base/words.h"
#include "compile/cache.h"
#include "compile/generate_callback.h"
#include "compile/generate_calls.h"
#include "compile/generate_rows.h"
#include "compile/generate_rules.h"
#include "compile/generate_setup.h"
#include "compile/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A string of C, and of YAML, which understands the same escapes. */
static void print_string(FILE *stream, const char *text) {
    fputc('"', stream);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', stream);
        if ((unsigned char)*c >= ' ')
            fputc(*c, stream);
    }
    fputc('"', stream);
}

static const char *kind_of(const struct scalar_type *type) {
    return type->kind == SCALAR_FLOAT    ? "DUEL_FLOAT"
           : type->kind == SCALAR_SIGNED ? "DUEL_SIGNED"
                                         : "DUEL_UNSIGNED";
}

static bool has_length(const struct generate_request *request) {
    return request->size_count > 0;
}

static void print_fill(FILE *stream, const struct field_values *values) {
    static const char *const fills[] = {"DUEL_ANY", "DUEL_ANY", "DUEL_RANGE", "DUEL_PRINTABLE", "DUEL_ANY"};
    fprintf(stream, ".fill = %s", fills[values->fill]);
    if (values->fill == FILL_RANGE)
        fprintf(stream,
                ", .low = (int64_t)0x%llxu, .high = (int64_t)0x%llxu, .real_low = %a, .real_high = %a",
                (unsigned long long)values->low, (unsigned long long)values->high, values->real_low,
                values->real_high);
    fputs("},\n", stream);
}

/* Of enumerations: what is drawn unless the user says otherwise. */
static void print_runs(FILE *stream, const char *name, const struct scalar_type *type) {
    if (type->run_count == 0)
        return;
    fprintf(stream, "static const struct duel_run duel_runs_%s[] = {", name);
    for (size_t i = 0; i < type->run_count; i++)
        fprintf(stream, "%s{(int64_t)0x%llxu, (int64_t)0x%llxu}", i ? ", " : "",
                (unsigned long long)type->runs[i].low, (unsigned long long)type->runs[i].high);
    fputs("};\n", stream);
}

static void print_runs_of(FILE *stream, const char *name, size_t first, size_t count) {
    if (count)
        fprintf(stream, ".runs = duel_runs_%s + %zu, .run_count = %zu, ", name, first, count);
}

/* A scalar is a field without a name; `argument` is NULL of a result. */
static void print_fields(FILE *stream, const char *name, const struct scalar_type *type, unsigned size,
                         const struct argument *argument) {
    const struct field_values none = {.fill = FILL_ANY};
    print_runs(stream, name, type);
    fprintf(stream, "static const struct duel_field duel_fields_%s[] = {\n", name);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct scalar_field *field = &type->fields[i];
        const struct scalar_type scalar = {.kind = (enum scalar_kind)field->kind};
        fprintf(
            stream,
            "    {.name = \"%s\", .kind = %s, .size = %u, .offset = %u, .count = %u, .stride = %u,\n     ",
            field->name, kind_of(&scalar), field->size, field->offset, field->count, field->stride);
        print_runs_of(stream, name, field->first_run, field->run_count);
        print_fill(stream, argument ? &argument->fields[i] : &none);
    }
    if (type->field_count == 0) {
        const struct field_values own =
            argument ? (struct field_values){argument->fill, argument->low, argument->high,
                                             argument->real_low, argument->real_high}
                     : none;
        fprintf(stream, "    {.kind = %s, .size = %u, .count = 1, .stride = %u, ", kind_of(type), size, size);
        print_runs_of(stream, name, 0, type->run_count);
        print_fill(stream, &own);
    }
    fputs("};\n", stream);
}

static void print_argument(FILE *stream, size_t i, const struct signature_parameter *parameter,
                           const struct argument *argument, int row_of) {
    static const char *const roles[] = {"DUEL_LENGTH", "DUEL_CALLBACK", "DUEL_SCALAR",
                                        "DUEL_INPUT",  "DUEL_OUTPUT",   "DUEL_IN_OUT"};
    const struct scalar_type *type = &parameter->type;
    bool text = type->kind == SCALAR_TEXT, ended = argument->role == ROLE_INPUT && text && row_of < 0;
    fprintf(stream,
            "    {.name = \"%s\", .role = %s, .size = %u, .fields = duel_fields_%zu, .field_count = %zu,\n",
            parameter->name, roles[argument->role], type->size, i, type->field_count ? type->field_count : 1);
    fprintf(stream,
            "     .factor = %zu, .extra = %zu, .ended = %s, .sorted = %s, .limit = %d, .unordered = %s",
            argument->factor, argument->extra, ended ? "true" : "false",
            argument->fill == FILL_SORTED ? "true" : "false", argument->limit,
            argument->unordered ? "true" : "false");
    if (argument->fill == FILL_FILE) {
        fputs(", .path = ", stream);
        print_string(stream, argument->path);
    }
    if (row_of >= 0)
        fprintf(stream, ", .of = &duel_arguments[%d], .text = %s", row_of, text ? "true" : "false");
    fputs("},\n", stream);
}

/* A pointer to pointers; behind the parameters there is an array of all that those point to. */
static void print_pointers(FILE *stream, const struct generate_request *request, size_t i, size_t rows) {
    static const char *const roles[] = {
        [ROLE_INPUT] = "DUEL_INPUT", [ROLE_OUTPUT] = "DUEL_OUTPUT", [ROLE_IN_OUT] = "DUEL_IN_OUT"};
    const struct argument *argument = &request->arguments[i];
    fprintf(
        stream,
        "    {.name = \"%s\", .role = %s, .size = sizeof(void *), .fields = &duel_pointer, .field_count = 1,\n"
        "     .factor = %zu, .extra = %zu, .ended = true, .limit = %d, .unordered = %s,\n"
        "     .rows = &duel_arguments[%zu]},\n",
        request->signature->parameters[i].name, roles[argument->role], argument->factor, argument->extra,
        argument->limit, argument->unordered ? "true" : "false", rows);
}

static void print_rows(FILE *stream, const struct generate_request *request, size_t i) {
    const struct signature_parameter *parameter = &request->signature->parameters[i];
    struct signature_parameter named = *parameter;
    struct argument all = request->arguments[i];
    snprintf(named.name, sizeof named.name, "%.60s[]", parameter->name);
    all.role = all.row_role;
    all.factor = all.row_factor;
    all.extra = all.row_extra + (parameter->type.kind == SCALAR_TEXT);
    all.limit = ANSWER_WHOLE;
    all.unordered = false;
    print_argument(stream, i, &named, &all, (int)i);
}

static void print_variants(FILE *stream, const struct generate_request *request) {
    fprintf(stream, "#define %s_VARIANT_LIST", request->setup ? "SETUP" : "DUEL");
    for (size_t i = 0; i < request->variant_count; i++) {
        const struct duel_variant *variant = &request->variants[i];
        fprintf(stream, " \\\n    {.name = \"%s\", .run = countersign_run_%zu, .summary = ", variant->name,
                i);
        print_string(stream, variant->summary);
        fputs(i == 0 ? ", .evidence = evidence" : "", stream);
        fputs(request->threads ? ", .flags = CS_PARALLEL | CS_UP_TO}," : "},", stream);
    }
    fputs("\n\n", stream);
    for (size_t i = 0; i < request->variant_count; i++)
        fprintf(stream, "void countersign_run_%zu(void *state);\n", i);
}

static void print_libraries(FILE *stream, const struct generate_request *request) {
    fputs("\nstatic const struct { const char *path, *symbol; } duel_libraries[] = {\n", stream);
    for (size_t i = 0; i < request->variant_count; i++) {
        fputs("    {", stream);
        if (request->variants[i].library) {
            print_string(stream, request->variants[i].path);
            fputs(", ", stream);
            print_string(stream, request->symbol ? request->symbol : request->signature->name);
        } else
            fputs("NULL, NULL", stream);
        fputs("},\n", stream);
    }
    fputs("};\n", stream);
}

static void print_flags(FILE *stream, const struct generate_request *request) {
    fprintf(stream, "#define %s_FLAGS \"; files: -fvisibility=hidden\"", request->setup ? "SETUP" : "DUEL");
    for (size_t i = 0; i < request->variant_count; i++)
        if (request->variants[i].flags) {
            fprintf(stream, " \"; %s%s: \" ", request->variants[i].name,
                    request->variants[i].alone ? ", in place of what is set here" : "");
            print_string(stream, request->variants[i].flags);
        }
    if (request->ldflags) {
        fputs(" \"; linked with \" ", stream);
        print_string(stream, request->ldflags);
    }
    fputs("\n", stream);
}

static void print_recorded(FILE *stream, const struct generate_request *request) {
    const struct generate_recorded *recorded = request->recorded;
    bool arrays = false;
    for (size_t i = 0; i < request->signature->count; i++)
        arrays |= request->arguments[i].role >= ROLE_INPUT;
    fprintf(stream, "#define DUEL_RECORDED_ARRAYS %d\nstatic const struct duel_recorded duel_recorded = {",
            recorded && arrays);
    if (recorded) {
        fputs(".path = ", stream);
        print_string(stream, recorded->path);
        fputs(",\n    .program = ", stream);
        print_string(stream, recorded->program);
        fprintf(stream,
                ",\n    .calls = %llu, .seen = %llu, .offset = %llu, .bytes = %llu, .digest = \"%016llx\"",
                (unsigned long long)recorded->saved, (unsigned long long)recorded->seen,
                (unsigned long long)recorded->offset, (unsigned long long)recorded->bytes,
                (unsigned long long)recorded->digest);
    } else
        fputs(".path = NULL", stream);
    fputs("};\n", stream);
}

static void print_arguments(FILE *stream, const struct signature *signature,
                            const struct generate_request *request) {
    char name[24];
    fputc('\n', stream);
    for (size_t i = 0; i < signature->count; i++) {
        snprintf(name, sizeof name, "%zu", i);
        print_fields(stream, name, &signature->parameters[i].type, signature->parameters[i].type.size,
                     &request->arguments[i]);
    }
    size_t rows = signature->count;
    if (rows_count(signature))
        fputs("static const struct duel_field duel_pointer = {\n"
              "    .kind = DUEL_POINTER, .size = sizeof(void *), .count = 1, .stride = sizeof(void *)};\n",
              stream);
    fputs("static const struct duel_argument duel_arguments[] = {\n", stream);
    for (size_t i = 0; i < signature->count; i++)
        if (signature->parameters[i].type.rows)
            print_pointers(stream, request, i, rows++);
        else
            print_argument(stream, i, &signature->parameters[i], &request->arguments[i], -1);
    for (size_t i = 0; i < signature->count; i++)
        if (signature->parameters[i].type.rows)
            print_rows(stream, request, i);
    fputs("    {.name = NULL},\n};\n", stream);
    unsigned size = generate_result_size(signature);
    print_fields(stream, "result", &signature->result, size, NULL);
    fprintf(
        stream,
        "static const struct duel_argument duel_result = {.name = \"result\", .role = DUEL_SCALAR, .size = %u,\n    "
        ".fields = duel_fields_result, .field_count = %zu, .limit = DUEL_ALL};\n",
        size,
        size == 0                       ? 0
        : signature->result.field_count ? signature->result.field_count
                                        : 1);
}

static int write_signature(const struct generate_request *request, const char *folder,
                           struct problem *problem) {
    const struct signature *signature = request->signature;
    struct text_file file;
    char name[SIGNATURE_NAME];
    bool resets = false;
    uint64_t most = (uint64_t)1 << 40;
    for (size_t i = 0; i < signature->count; i++) {
        resets |= request->arguments[i].role == ROLE_IN_OUT || request->arguments[i].row_role == ROLE_IN_OUT;
        if (request->arguments[i].role == ROLE_LENGTH && signature->parameters[i].type.size < 8) {
            unsigned bits = 8 * signature->parameters[i].type.size -
                            (signature->parameters[i].type.kind == SCALAR_SIGNED);
            uint64_t limit = ((uint64_t)1 << bits) - 1;
            most = limit < most ? limit : most;
        }
    }
    int status = text_file_open(&file, folder, "signature.h", problem);
    if (status)
        return status;
    generate_name(signature, name, sizeof name);
    fprintf(
        file.stream,
        "/* What is called, and with what; generated. */\n#define DUEL_NAME \"%s\"\n#define DUEL_SUMMARY "
        "\"%.100s of %zu files\"\n"
        "#define DUEL_HAS_LENGTH %d\n#define DUEL_MOST_LENGTH %llu\n#define DUEL_BATCH %llu\n#define DUEL_FRESH ((size_t)%llu)\n"
        "#define DUEL_RESULT_POINTER %d\n#define DUEL_TOLERANCE %a\n#define DUEL_ABSOLUTE %a\n#define DUEL_NORM %a\n"
        "#define DUEL_EQUAL %s\n"
        "#define DUEL_RESETS %d\n#define DUEL_VARIANTS ((size_t)%zu)\n#define DUEL_ARGUMENTS "
        "((size_t)%zu)\n",
        name, signature->name, request->variant_count, has_length(request), (unsigned long long)most,
        (unsigned long long)request->batch, (unsigned long long)request->fresh, signature->result.pointer,
        request->tolerance, request->absolute, request->norm, request->compare ? "countersign_equal" : "NULL",
        resets, request->variant_count, signature->count + rows_count(signature));
    if (request->compare)
        fputs("bool countersign_equal(const void *expected, const void *got, size_t count);\n", file.stream);
    generate_callback_words(file.stream, request);
    print_flags(file.stream, request);
    print_variants(file.stream, request);
    print_libraries(file.stream, request);
    print_recorded(file.stream, request);
    print_arguments(file.stream, signature, request);
    return text_file_close(&file, problem);
}

static int write_setup(const struct generate_request *request, const char *folder, struct problem *problem) {
    struct text_file file;
    int status = text_file_open(&file, folder, "variants.h", problem);
    if (status)
        return status;
    generate_print_setup(file.stream, request);
    print_flags(file.stream, request);
    print_variants(file.stream, request);
    return text_file_close(&file, problem);
}

/*
 * The user's file within one of ours, which ends with a pointer to the function: the compiler refuses another
 * signature there, finds an overloaded or static function, and demangles names in C++.
 */
static int write_source(const struct generate_request *request, size_t variant, const char *folder,
                        struct problem *problem) {
    struct text_file file;
    char name[32];
    const struct duel_variant *from = &request->variants[variant];
    snprintf(name, sizeof name, "source_%zu.%s", variant, from->cxx ? "cpp" : "c");
    if (strpbrk(from->path, "\"\n\r") || (request->setup && strpbrk(request->setup->path, "\"\n\r")))
        return problem_set(problem, EINVAL,
                           "%s: a file's name with a quote or a line's end cannot be included", from->path);
    int status = text_file_open(&file, folder, name, problem);
    if (status)
        return status;
    if (request->setup) {
        generate_print_setup_source(file.stream, request, variant, true);
        return text_file_close(&file, problem);
    }
    fprintf(file.stream,
            "#include \"%s\"\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
            "#include <sys/types.h>\n%s#line 1 \"--call\"\n",
            from->path, from->cxx ? "" : "#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"\n");
    generate_print_type(file.stream, request->signature, true);
    if (from->cxx)
        fprintf(file.stream,
                "extern \"C\" {\nextern countersign_call *const countersign_duel_%zu;\n"
                "countersign_call *const countersign_duel_%zu = %s;\n}\n",
                variant, variant, request->signature->name);
    else
        fprintf(file.stream,
                "extern countersign_call *const countersign_duel_%zu;\n"
                "countersign_call *const countersign_duel_%zu = %s;\n",
                variant, variant, request->signature->name);
    if (request->inlined)
        generate_inlined_calls(file.stream, request, variant);
    return text_file_close(&file, problem);
}

static int write_case(const struct generate_request *request, const char *folder, struct problem *problem) {
    struct text_file file;
    char name[SIGNATURE_NAME], title[120];
    bool libraries = false;
    for (size_t i = 0; i < request->variant_count; i++)
        libraries |= request->variants[i].library;
    int status = text_file_open(&file, folder, "case.yaml", problem);
    if (status)
        return status;
    generate_name(request->signature, name, sizeof name);
    snprintf(title, sizeof title, "%.30s against %.30s%s%s", request->variants[1].name,
             request->variants[0].name, request->variant_count > 2 ? ", and others" : "",
             libraries          ? "; libraries as they were linked"
             : request->inlined ? "; may be inlined where called"
                                : "");
    fputs("title: ", file.stream);
    print_string(file.stream, title);
    fprintf(file.stream, "\nkernel: \"%s\"\n", name);
    if (has_length(request))
        fputs("sweep: {n: [", file.stream);
    for (size_t i = 0; i < request->size_count; i++)
        fprintf(file.stream, "%s%llu", i ? ", " : "", (unsigned long long)request->sizes[i]);
    if (has_length(request))
        fputs("]}\n", file.stream);
    return text_file_close(&file, problem);
}

static int copy_template(const char *templates, const char *kind, const char *name, const char *folder,
                         struct problem *problem) {
    char path[8192], piece[4096];
    struct text_file file;
    snprintf(path, sizeof path, "%s/%s/%s", templates, kind, name);
    FILE *from = fopen(path, "re");
    if (!from)
        return problem_set(problem, errno, "%s: %s; countersign is not completely installed", path,
                           strerror(errno));
    int status = text_file_open(&file, folder, name, problem);
    for (size_t got; status == 0 && (got = fread(piece, 1, sizeof piece, from)) > 0;)
        fwrite(piece, 1, got, file.stream);
    bool failed = ferror(from);
    fclose(from);
    if (status)
        return status;
    status = text_file_close(&file, problem);
    return failed ? problem_set(problem, EIO, "%s: cannot be read", path) : status;
}

int generate_write(const struct generate_request *request, const char *templates, const char *folder,
                   struct problem *problem) {
    int status = folder_make(folder);
    if (status)
        return problem_set(problem, -status, "%s: %s", folder, strerror(-status));
    static const char *const parts[] = {"inputs.c", "recorded.c", "answers.c"};
    const char *kind = request->setup ? "setup" : "duel";
    status =
        copy_template(templates, kind, request->setup ? "countersign_setup.h" : "duel.h", folder, problem);
    if (status == 0 && request->setup && request->setup->functions[SETUP_ANSWER].name[0])
        status = copy_template(templates, kind, "countersign_answer.hpp", folder, problem);
    if (status == 0)
        status = copy_template(templates, kind, "kernel.c", folder, problem);
    if (status == 0)
        status = request->setup ? write_setup(request, folder, problem)
                                : write_signature(request, folder, problem);
    for (size_t i = 0; i < request->variant_count && status == 0; i++) {
        status = request->inlined ? 0 : generate_call(request, i, folder, problem);
        if (status == 0 && !request->variants[i].library)
            status = write_source(request, i, folder, problem);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == 0 && !request->setup; i++)
        status = copy_template(templates, kind, parts[i], folder, problem);
    if (status == 0 && request->compare)
        status = generate_compare(request, folder, problem);
    if (status == 0 && generate_has_callbacks(request))
        status = generate_callbacks(request, folder, problem);
    if (status == 0)
        status = generate_rules(request, folder, problem);
    return status ? status : write_case(request, folder, problem);
}

static uint64_t key_text(uint64_t key, const char *text) {
    return hash_text(key, text ? text : "");
}

static uint64_t key_setup(uint64_t key, const struct generate_setup *setup) {
    key = key_text(key, setup->path);
    for (size_t i = 0; i < SETUP_FUNCTIONS; i++) {
        const struct signature *function = &setup->functions[i];
        char dereferences = function->parameters[0].type.reference ? '*' : ' ';
        key = hash_bytes(key_text(key, function->name), &dereferences, 1);
    }
    return key;
}

uint64_t generate_key(const struct generate_request *request) {
    const struct signature *signature = request->signature;
    uint64_t key = key_text(HASH_START, signature->name);
    if (request->setup)
        key = key_setup(key, request->setup);
    key = key_text(key, signature->result.text);
    for (size_t i = 0; i < signature->count; i++) {
        const struct argument *argument = &request->arguments[i];
        key = key_text(key_text(key, signature->parameters[i].name), signature->parameters[i].type.text);
        const int64_t numbers[] = {
            argument->role,          argument->fill, argument->low, argument->high, (int64_t)argument->factor,
            (int64_t)argument->extra};
        key = hash_bytes(key, numbers, sizeof numbers);
        key = hash_bytes(key, &argument->real_low, sizeof argument->real_low);
        key = hash_bytes(key, &argument->real_high, sizeof argument->real_high);
        key = key_text(key, argument->path);
        key = hash_bytes(key, argument->fields, sizeof argument->fields);
        key = hash_bytes(key, signature->parameters[i].type.runs, sizeof signature->parameters[i].type.runs);
        key = hash_bytes(key, &argument->limit, sizeof argument->limit);
        key = hash_bytes(key, &argument->unordered, sizeof argument->unordered);
        key = key_text(key, argument->callback);
        const int64_t rows[] = {argument->row_role, (int64_t)argument->row_factor,
                                (int64_t)argument->row_extra};
        key = hash_bytes(key, rows, sizeof rows);
    }
    for (size_t i = 0; i < request->variant_count; i++) {
        const struct duel_variant *variant = &request->variants[i];
        key = key_text(key_text(key_text(key, variant->name), variant->path), variant->flags);
        for (size_t part = 0; part < variant->part_count; part++)
            key = key_text(key, variant->parts[part].path);
    }
    if (request->recorded)
        key = hash_bytes(key_text(key, request->recorded->path), &request->recorded->digest,
                         sizeof request->recorded->digest);
    key = hash_bytes(key, request->sizes, request->size_count * sizeof *request->sizes);
    for (size_t i = 0; i < request->variant_count; i++)
        key = hash_bytes(key, &request->variants[i].alone, sizeof request->variants[i].alone);
    key = hash_bytes(key, &request->inlined, sizeof request->inlined);
    key = hash_bytes(key, &request->batch, sizeof request->batch);
    key = hash_bytes(key, &request->fresh, sizeof request->fresh);
    key = hash_bytes(key, &request->threads, sizeof request->threads);
    const double allowed[] = {request->tolerance, request->absolute, request->norm};
    key = key_text(hash_bytes(key, allowed, sizeof allowed), request->compare);
    return key_text(key_text(key, request->ldflags), request->symbol);
}
