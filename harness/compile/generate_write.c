/* The generated folder's files. */
#include "compile/generate.h"

#include "base/folder.h"
#include "base/words.h"
#include "compile/cache.h"
#include "compile/generate_setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A text under way, and where it goes. */
struct text_file {
    char path[8192];
    char *text;
    size_t size;
    FILE *stream;
};

static int open_file(struct text_file *file, const char *folder, const char *name, struct problem *problem) {
    *file = (struct text_file){0};
    if (snprintf(file->path, sizeof file->path, "%s/%s", folder, name) >= (int)sizeof file->path)
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", folder);
    file->stream = open_memstream(&file->text, &file->size);
    return file->stream ? 0 : problem_set(problem, ENOMEM, "out of memory");
}

static bool is_there(const struct text_file *file) {
    char block[4096];
    size_t at = 0, got = 0;
    FILE *stream = fopen(file->path, "re");
    bool same = stream != NULL;
    while (same && (got = fread(block, 1, sizeof block, stream)) > 0) {
        same = got <= file->size - at && !memcmp(block, file->text + at, got);
        at += got;
    }
    if (stream)
        fclose(stream);
    return same && at == file->size;
}

/* Two of the same duel may run at a time: each file is whole or the other's. */
static int write_file(const struct text_file *file) {
    char part[8300];
    snprintf(part, sizeof part, "%s.%ld.part", file->path, (long)getpid());
    FILE *stream = fopen(part, "we");
    if (!stream)
        return errno;
    bool failed = fwrite(file->text, 1, file->size, stream) != file->size;
    if (fclose(stream) == 0 && !failed && rename(part, file->path) == 0)
        return 0;
    int error = errno ? errno : EIO;
    unlink(part);
    return error;
}

/* What is there already is left alone, with its time: nothing needs to be compiled, nor looked at, again. */
static int close_file(struct text_file *file, struct problem *problem) {
    bool failed = ferror(file->stream);
    failed |= fclose(file->stream) != 0;
    int error = failed ? ENOMEM : is_there(file) ? 0 : write_file(file);
    free(file->text);
    return error ? problem_set(problem, error, "%s: %s", file->path, strerror(error)) : 0;
}

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

static void print_argument(FILE *stream, const struct signature_parameter *parameter,
                           const struct argument *argument) {
    static const char *const roles[] = {"DUEL_LENGTH", "DUEL_SCALAR", "DUEL_INPUT", "DUEL_OUTPUT",
                                        "DUEL_IN_OUT"};
    static const char *const fills[] = {"DUEL_ANY", "DUEL_SORTED", "DUEL_RANGE", "DUEL_PRINTABLE",
                                        "DUEL_FILE"};
    const struct scalar_type *type = &parameter->type;
    bool ended = argument->role == ROLE_INPUT && type->kind == SCALAR_TEXT;
    fprintf(stream, "    {.name = \"%s\", .role = %s, .kind = %s, .size = %u, .factor = %zu, .extra = %zu,\n",
            parameter->name, roles[argument->role], kind_of(type), type->size, argument->factor,
            argument->extra);
    fprintf(stream, "     .ended = %s, .fill = %s", ended ? "true" : "false", fills[argument->fill]);
    if (argument->fill == FILL_RANGE)
        fprintf(stream,
                ", .low = (int64_t)0x%llxu, .high = (int64_t)0x%llxu, .real_low = %a, .real_high = %a",
                (unsigned long long)argument->low, (unsigned long long)argument->high, argument->real_low,
                argument->real_high);
    if (argument->fill == FILL_FILE) {
        fputs(", .path = ", stream);
        print_string(stream, argument->path);
    }
    fputs("},\n", stream);
}

static void print_variants(FILE *stream, const struct generate_request *request) {
    fprintf(stream, "#define %s_VARIANT_LIST", request->setup ? "SETUP" : "DUEL");
    for (size_t i = 0; i < request->variant_count; i++) {
        const struct duel_variant *variant = &request->variants[i];
        fprintf(stream, " \\\n    {.name = \"%s\", .run = countersign_run_%zu, .summary = ", variant->name,
                i);
        print_string(stream, variant->summary);
        fputs(request->setup && i == 0 ? ", .evidence = evidence" : "", stream);
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

static unsigned result_size(const struct signature *signature) {
    return signature->result.pointer ? sizeof(void *) : signature->result.size;
}

static int write_signature(const struct generate_request *request, const char *folder,
                           struct problem *problem) {
    const struct signature *signature = request->signature;
    struct text_file file;
    char name[SIGNATURE_NAME];
    bool resets = false;
    uint64_t most = (uint64_t)1 << 40;
    for (size_t i = 0; i < signature->count; i++) {
        resets |= request->arguments[i].role == ROLE_IN_OUT;
        if (request->arguments[i].role == ROLE_LENGTH && signature->parameters[i].type.size < 8) {
            unsigned bits = 8 * signature->parameters[i].type.size -
                            (signature->parameters[i].type.kind == SCALAR_SIGNED);
            uint64_t limit = ((uint64_t)1 << bits) - 1;
            most = limit < most ? limit : most;
        }
    }
    int status = open_file(&file, folder, "signature.h", problem);
    if (status)
        return status;
    generate_name(signature, name, sizeof name);
    fprintf(file.stream,
            "/* What is called, and with what; generated. */\n#define DUEL_NAME \"%s\"\n#define DUEL_SUMMARY "
            "\"%.100s of %zu files\"\n"
            "#define DUEL_HAS_LENGTH %d\n#define DUEL_MOST_LENGTH %llu\n#define DUEL_BATCH %llu\n"
            "#define DUEL_RESULT_KIND %s\n#define DUEL_RESULT_SIZE ((size_t)%u)\n#define DUEL_TOLERANCE %a\n"
            "#define DUEL_RESETS %d\n#define DUEL_VARIANTS ((size_t)%zu)\n#define DUEL_ARGUMENTS "
            "((size_t)%zu)\n",
            name, signature->name, request->variant_count, has_length(request), (unsigned long long)most,
            (unsigned long long)request->batch,
            signature->result.pointer ? "DUEL_POINTER" : kind_of(&signature->result), result_size(signature),
            request->tolerance, resets, request->variant_count, signature->count);
    print_flags(file.stream, request);
    print_variants(file.stream, request);
    print_libraries(file.stream, request);
    fputs("\nstatic const struct duel_argument duel_arguments[] = {\n", file.stream);
    for (size_t i = 0; i < signature->count; i++)
        print_argument(file.stream, &signature->parameters[i], &request->arguments[i]);
    fputs("    {.name = NULL},\n};\n", file.stream);
    return close_file(&file, problem);
}

static int write_setup(const struct generate_request *request, const char *folder, struct problem *problem) {
    struct text_file file;
    int status = open_file(&file, folder, "variants.h", problem);
    if (status)
        return status;
    generate_print_setup(file.stream, request);
    print_flags(file.stream, request);
    print_variants(file.stream, request);
    return close_file(&file, problem);
}

static void print_type(FILE *stream, const struct signature *signature) {
    fprintf(stream, "typedef %s countersign_call(", signature->result.text);
    for (size_t i = 0; i < signature->count; i++)
        fprintf(stream, "%s%s", i ? ", " : "", signature->parameters[i].type.text);
    fprintf(stream, "%s);\n", signature->count ? "" : "void");
}

static void print_loop(FILE *stream, const struct generate_request *request, const char *function) {
    const struct signature *signature = request->signature;
    fprintf(stream, "    for (size_t i = 0; i < calls; i++)\n        %s%s(",
            result_size(signature) ? "result[i] = " : "", function);
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        fputs(i ? ", " : "", stream);
        if (request->arguments[i].role == ROLE_LENGTH)
            fprintf(stream, "a%zu", i);
        else if (type->pointer)
            fprintf(stream, "(%s)(void *)(a%zu + i * s%zu)", type->text, i, i);
        else
            fprintf(stream, "((const %s *)(const void *)a%zu)[i]", type->text, i);
    }
}

/* Names for what the calls take, and the loop. */
static void print_calls(FILE *stream, const struct generate_request *request, const char *function) {
    const struct signature *signature = request->signature;
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        if (request->arguments[i].role == ROLE_LENGTH)
            fprintf(stream, "    %s a%zu = (%s)duel->length;\n", type->text, i, type->text);
        else
            fprintf(stream, "    unsigned char *a%zu = duel->arguments[%zu].data;\n", i, i);
        if (type->pointer)
            fprintf(stream, "    size_t s%zu = duel->arguments[%zu].stride;\n", i, i);
    }
    if (result_size(signature))
        fprintf(stream, "    %s *result = (%s *)(void *)duel->result.data;\n", signature->result.text,
                signature->result.text);
    print_loop(stream, request, function);
    fputs(");\n", stream);
}

/*
 * The loop over the calls, apart from the function, so that neither is compiled into the other. `last` is
 * stored to tell the loops of two variants apart, which would be the same code else.
 */
static int write_call(const struct generate_request *request, size_t variant, const char *folder,
                      struct problem *problem) {
    const struct signature *signature = request->signature;
    struct text_file file;
    char name[32];
    snprintf(name, sizeof name, "call_%zu.c", variant);
    int status = open_file(&file, folder, name, problem);
    if (status)
        return status;
    FILE *stream = file.stream;
    if (request->setup) {
        generate_print_setup_call(stream, variant);
        return close_file(&file, problem);
    }
    fputs("#include \"duel.h\"\n\n", stream);
    print_type(stream, signature);
    if (!request->variants[variant].library)
        fprintf(stream, "extern countersign_call *const countersign_duel_%zu;\n", variant);
    fprintf(stream,
            "void countersign_run_%zu(void *state);\n\nvoid countersign_run_%zu(void *state) {\n"
            "    struct duel *duel = state;\n    size_t calls = duel->calls;\n",
            variant, variant);
    if (request->variants[variant].library)
        fprintf(stream, "    countersign_call *const function = (countersign_call *)duel->functions[%zu];\n",
                variant);
    else
        fprintf(stream, "    countersign_call *const function = countersign_duel_%zu;\n", variant);
    print_calls(stream, request, "function");
    fprintf(stream, "    duel->last = %zu;\n}\n", variant + 1);
    return close_file(&file, problem);
}

/* The loop behind the function: the compiler may do with both what it does in a program. */
static void print_inlined(FILE *stream, const struct generate_request *request, size_t variant) {
    bool cxx = request->variants[variant].cxx;
    fprintf(
        stream,
        "#include \"duel.h\"\n%svoid countersign_run_%zu(void *state);\n\nvoid countersign_run_%zu(void *state) {\n"
        "    struct duel *duel = (struct duel *)state;\n    size_t calls = duel->calls;\n",
        cxx ? "extern \"C\" " : "", variant, variant);
    print_calls(stream, request, request->signature->name);
    fputs("}\n", stream);
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
    int status = open_file(&file, folder, name, problem);
    if (status)
        return status;
    if (request->setup) {
        generate_print_setup_source(file.stream, request, variant, true);
        return close_file(&file, problem);
    }
    fprintf(file.stream,
            "#include \"%s\"\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
            "#include <sys/types.h>\n%s#line 1 \"--call\"\n",
            from->path, from->cxx ? "" : "#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"\n");
    print_type(file.stream, request->signature);
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
        print_inlined(file.stream, request, variant);
    return close_file(&file, problem);
}

/* Quoted, as the rules are read. */
static int print_call(FILE *stream, const struct generate_request *request, size_t i) {
    const struct duel_variant *variant = &request->variants[i];
    char loop[32];
    snprintf(loop, sizeof loop, "countersign_run_%zu", i);
    const char *symbol = request->inlined                      ? loop
                         : request->setup                      ? request->setup->functions[SETUP_CALL].name
                         : variant->library && request->symbol ? request->symbol
                                                               : request->signature->name;
    struct words words = {0};
    int status = words_add(&words, "calls");
    if (status == 0)
        status = words_add(&words, variant->name);
    if (status == 0)
        status = words_add(&words, symbol);
    if (status == 0)
        status = words_add(&words, request->setup ? request->setup->path : variant->path);
    if (status == 0 && !variant->library)
        status = words_addf(&words, "source_%zu.%s", i, variant->cxx ? "cpp" : "c");
    char *line = status ? NULL : words_join(&words);
    if (line)
        fprintf(stream, "%s\n", line);
    status = line ? 0 : -ENOMEM;
    free(line);
    words_clear(&words);
    return status;
}

static int write_sources_rules(const struct generate_request *request, const char *folder,
                               struct problem *problem) {
    struct text_file file;
    int status = open_file(&file, folder, "kernel.sources", problem);
    if (status)
        return status;
    fputs("# source, the one symbol that others may see, further flags\n", file.stream);
    for (size_t i = 0; i < request->variant_count; i++)
        if (!request->variants[i].library)
            fprintf(file.stream,
                    "source_%zu.%s countersign_%s_%zu -fvisibility=hidden -ffunction-sections %s\n", i,
                    request->variants[i].cxx ? "cpp" : "c",
                    request->setup     ? "setup"
                    : request->inlined ? "run"
                                       : "duel",
                    i, request->variants[i].flags ? request->variants[i].flags : "");
    for (size_t i = 0; i < request->variant_count; i++)
        if (request->variants[i].alone)
            fprintf(file.stream, "alone source_%zu.%s\n", i, request->variants[i].cxx ? "cpp" : "c");
    fprintf(file.stream, "link -ldl %s\n", request->ldflags ? request->ldflags : "");
    for (size_t i = 0; i < request->variant_count && status == 0; i++)
        status = print_call(file.stream, request, i);
    int closed = close_file(&file, problem);
    return status ? problem_set(problem, -status, "out of memory") : closed;
}

static int write_case(const struct generate_request *request, const char *folder, struct problem *problem) {
    struct text_file file;
    char name[SIGNATURE_NAME], title[120];
    bool libraries = false;
    for (size_t i = 0; i < request->variant_count; i++)
        libraries |= request->variants[i].library;
    int status = open_file(&file, folder, "case.yaml", problem);
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
    return close_file(&file, problem);
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
    int status = open_file(&file, folder, name, problem);
    for (size_t got; status == 0 && (got = fread(piece, 1, sizeof piece, from)) > 0;)
        fwrite(piece, 1, got, file.stream);
    bool failed = ferror(from);
    fclose(from);
    if (status)
        return status;
    status = close_file(&file, problem);
    return failed ? problem_set(problem, EIO, "%s: cannot be read", path) : status;
}

int generate_write(const struct generate_request *request, const char *templates, const char *folder,
                   struct problem *problem) {
    int status = folder_make(folder);
    if (status)
        return problem_set(problem, -status, "%s: %s", folder, strerror(-status));
    const char *kind = request->setup ? "setup" : "duel";
    status =
        copy_template(templates, kind, request->setup ? "countersign_setup.h" : "duel.h", folder, problem);
    if (status == 0)
        status = copy_template(templates, kind, "kernel.c", folder, problem);
    if (status == 0)
        status = request->setup ? write_setup(request, folder, problem)
                                : write_signature(request, folder, problem);
    for (size_t i = 0; i < request->variant_count && status == 0; i++) {
        status = request->inlined ? 0 : write_call(request, i, folder, problem);
        if (status == 0 && !request->variants[i].library)
            status = write_source(request, i, folder, problem);
    }
    if (status == 0)
        status = write_sources_rules(request, folder, problem);
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
    }
    for (size_t i = 0; i < request->variant_count; i++)
        key = key_text(key_text(key_text(key, request->variants[i].name), request->variants[i].path),
                       request->variants[i].flags);
    key = hash_bytes(key, request->sizes, request->size_count * sizeof *request->sizes);
    for (size_t i = 0; i < request->variant_count; i++)
        key = hash_bytes(key, &request->variants[i].alone, sizeof request->variants[i].alone);
    key = hash_bytes(key, &request->inlined, sizeof request->inlined);
    key = hash_bytes(key, &request->batch, sizeof request->batch);
    key = hash_bytes(key, &request->threads, sizeof request->threads);
    key = hash_bytes(key, &request->tolerance, sizeof request->tolerance);
    return key_text(key_text(key, request->ldflags), request->symbol);
}
