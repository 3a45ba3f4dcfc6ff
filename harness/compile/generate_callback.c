#include "compile/generate_callback.h"

#include "compile/callback_body.h"
#include "compile/text_file.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define CONTEXT_BYTES 64
#define ELEMENT_BYTES 8 /* where nothing else is asked for */
#define MOST_ELEMENT_BYTES ((int64_t)1 << 20)

static bool is_callback(const struct signature *signature, size_t i) {
    return signature->parameters[i].type.kind == SCALAR_CALLBACK;
}

static bool is_one_of(const char *name, const char *const *words) {
    const char *last = strrchr(name, '_');
    for (; *words; words++)
        if (!strcasecmp(name, *words) || (last && !strcasecmp(last + 1, *words)))
            return true;
    return false;
}

static bool is_context_name(const char *name) {
    static const char *const words[] = {"context", "ctx",    "arg",    "args", "thunk", "user", "userdata",
                                        "closure", "cookie", "opaque", "priv", "baton", "env",  NULL};
    return is_one_of(name, words);
}

static bool is_size_name(const char *name) {
    static const char *const words[] = {"size", "width", "es", "esize", "elsize", "sz", "stride", NULL};
    return is_one_of(name, words);
}

static bool has_context(const struct argument *arguments, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= arguments[i].context;
    return any;
}

static void find_contexts(const struct signature *signature, struct argument *arguments) {
    bool handed_on = false;
    for (size_t i = 0; i < signature->count; i++)
        handed_on |=
            is_callback(signature, i) && callback_context(&signature->parameters[i].type.callback) >= 0;
    for (size_t i = 0; i < signature->count && handed_on; i++) {
        const struct signature_parameter *parameter = &signature->parameters[i];
        bool behind = i > 0 && is_callback(signature, i - 1);
        if (!callback_is_bytes(&parameter->type) || !(behind || is_context_name(parameter->name)))
            continue;
        arguments[i].context = true;
        arguments[i].role = parameter->type.constant ? ROLE_INPUT : ROLE_IN_OUT;
        arguments[i].length = -1;
        arguments[i].factor = 0;
        arguments[i].extra = CONTEXT_BYTES;
    }
}

/* Whether a callback is given elements of which nothing but their address is known. */
static bool takes_bytes(const struct callback *callback, bool with_context) {
    size_t bytes = 0;
    for (size_t i = 0; i < callback->count; i++)
        bytes += callback->parameters[i].pointer && callback->parameters[i].kind == SCALAR_VOID &&
                 callback->parameters[i].size == 1;
    return bytes > (with_context && callback_context(callback) >= 0 ? 1 : 0);
}

/* The integer beside `size` that tells how many elements there are, or -1. */
static int find_count(const struct signature *signature, size_t size) {
    if (size > 0 && signature_is_integer(&signature->parameters[size - 1]))
        return (int)size - 1;
    for (size_t i = size + 1; i < signature->count; i++)
        if (signature_is_integer(&signature->parameters[i]))
            return (int)i;
    for (size_t i = 0; i < size; i++)
        if (signature_is_integer(&signature->parameters[i]))
            return (int)i;
    return -1;
}

static bool is_of_bytes(const struct signature *signature, const struct argument *arguments, size_t i) {
    return callback_is_bytes(&signature->parameters[i].type) && !arguments[i].context;
}

/* The array of so many elements: the nearest before the count, or the first behind it. */
static int find_array(const struct signature *signature, const struct argument *arguments, size_t count) {
    for (size_t i = count; i-- > 0;)
        if (is_of_bytes(signature, arguments, i))
            return (int)i;
    for (size_t i = count; i < signature->count; i++)
        if (is_of_bytes(signature, arguments, i))
            return (int)i;
    return -1;
}

static void set_elements(const struct signature *signature, struct argument *arguments, size_t size) {
    int count = find_count(signature, size);
    int array = count < 0 ? -1 : find_array(signature, arguments, (size_t)count);
    bool search = false;
    if (array < 0)
        return;
    arguments[size].fill = FILL_RANGE;
    arguments[size].low = arguments[size].high = ELEMENT_BYTES;
    for (size_t i = 0; i < signature->count; i++) {
        if (!is_of_bytes(signature, arguments, i))
            continue;
        bool all = (int)i == array;
        arguments[i].element = (int)size;
        arguments[i].length = all ? count : -1;
        arguments[i].factor = all;
        arguments[i].extra = !all;
        search |= !all;
    }
    /* What is looked for is looked for in what is in order. */
    if (search && signature->parameters[array].type.constant)
        arguments[array].fill = FILL_SORTED;
}

void callback_defaults(const struct signature *signature, struct argument *arguments) {
    bool bytes = false;
    for (size_t i = 0; i < signature->count; i++)
        if (is_callback(signature, i))
            arguments[i].role = ROLE_CALLBACK;
    find_contexts(signature, arguments);
    bool context = has_context(arguments, signature->count);
    for (size_t i = 0; i < signature->count; i++)
        bytes |= is_callback(signature, i) && takes_bytes(&signature->parameters[i].type.callback, context);
    for (size_t i = 0; i < signature->count && bytes; i++)
        if (signature_is_integer(&signature->parameters[i]) && is_size_name(signature->parameters[i].name)) {
            set_elements(signature, arguments, i);
            return;
        }
}

int callback_settle(struct signature *signature, struct argument *arguments, struct problem *problem) {
    for (size_t i = 0; i < signature->count; i++) {
        struct argument *argument = &arguments[i];
        if (argument->element < 0)
            continue;
        const struct argument *size = &arguments[argument->element];
        const char *name = signature->parameters[argument->element].name;
        if (size->role != ROLE_SCALAR || size->fill != FILL_RANGE || size->low != size->high ||
            size->low < 1 || size->low > MOST_ELEMENT_BYTES)
            return problem_set(
                problem, EINVAL,
                "%s: tells the bytes of an element of %s, and must be one number from 1 to %lld: "
                "--fix %s=8",
                name, signature->parameters[i].name, (long long)MOST_ELEMENT_BYTES, name);
        if (size->low <= 8 && (size->low & (size->low - 1)) == 0) {
            signature->parameters[i].type.size = (unsigned)size->low;
            continue;
        }
        argument->factor *= (size_t)size->low;
        argument->extra *= (size_t)size->low;
        if (argument->fill == FILL_SORTED)
            argument->fill = FILL_ANY;
    }
    return 0;
}

int callback_check(const struct generate_request *request, struct problem *problem) {
    const struct signature *signature = request->signature;
    for (size_t i = 0; i < signature->count; i++) {
        const char *name = signature->parameters[i].name;
        if (is_callback(signature, i) && !request->arguments[i].callback &&
            !callback_can_be_generated(&signature->parameters[i].type.callback))
            return problem_set(
                problem, EINVAL,
                "%s: no function of its type can be generated (structures by value, pointers that are made); name "
                "one of the first file: --callback %s=FUNCTION",
                name, name);
    }
    return 0;
}

bool generate_has_callbacks(const struct generate_request *request) {
    bool any = false;
    for (size_t i = 0; !request->setup && i < request->signature->count; i++)
        any |= request->arguments[i].role == ROLE_CALLBACK;
    return any;
}

/* Whether the first file stands before what the user names. */
static bool includes_file(const struct generate_request *request) {
    bool named = false;
    for (size_t i = 0; i < request->signature->count; i++)
        named |= request->arguments[i].callback != NULL;
    return named && !request->variants[0].library;
}

bool generate_callback_is_cxx(const struct generate_request *request) {
    return includes_file(request) && request->variants[0].cxx;
}

void generate_callback_words(FILE *stream, const struct generate_request *request) {
    bool any = generate_has_callbacks(request), generated = false;
    char words[200];
    fputs("#define DUEL_CALLBACKS \"\"", stream);
    for (size_t i = 0; any && i < request->signature->count; i++) {
        const char *name = request->signature->parameters[i].name;
        if (request->arguments[i].role != ROLE_CALLBACK)
            continue;
        if (!request->arguments[i].callback) {
            callback_describe(request, i, words, sizeof words);
            fprintf(stream, " \\\n    \"%.40s is generated, and %s; \"", name, words);
        }
        generated |= !request->arguments[i].callback;
    }
    fputs(generated ? " \\\n    \"--callback NAME=FUNCTION gives another; \"" : "", stream);
    fprintf(stream, "\n#define DUEL_CALLBACK_OF(i) %s\n", any ? "countersign_callback(i)" : "NULL");
    if (any)
        fputs("void (*countersign_callback(size_t i))(void);\n", stream);
}

/* In C a function of another type is an error, as it is in C++. */
static void print_named(FILE *stream, const struct generate_request *request, size_t i) {
    const struct signature_parameter *parameter = &request->signature->parameters[i];
    bool library = request->variants[0].library; /* the types are not known */
    fprintf(stream, "    if (i == %zu) {\n        %s%s%s =\n#line 1 \"--callback %s\"\n            %s(%s);\n",
            i, library ? "void (*chosen)(void)" : "__typeof__(", library ? "" : parameter->type.text,
            library ? "" : ") chosen", parameter->name, library ? "(void (*)(void))" : "",
            request->arguments[i].callback);
    fputs("        return (void (*)(void))chosen;\n    }\n", stream);
}

int generate_callbacks(const struct generate_request *request, const char *folder, struct problem *problem) {
    const struct signature *signature = request->signature;
    bool cxx = generate_callback_is_cxx(request);
    struct text_file file;
    char name[32];
    int status = text_file_open(&file, folder, cxx ? "callbacks.cpp" : "callbacks.c", problem);
    if (status)
        return status;
    if (includes_file(request))
        fprintf(file.stream, "#include \"%s\"\n", request->variants[0].path);
    fputs(
        "#include <ctype.h>\n#include <math.h>\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
        "#include <stdlib.h>\n#include <string.h>\n",
        file.stream);
    for (size_t i = 0; i < signature->count; i++)
        if (is_callback(signature, i) && !request->arguments[i].callback) {
            snprintf(name, sizeof name, "callback_%zu", i);
            fputc('\n', file.stream);
            callback_print_body(file.stream, request, i, name);
        }
    fprintf(
        file.stream,
        "%s\n%svoid (*countersign_callback(size_t i))(void);\nvoid (*countersign_callback(size_t i))(void) {\n",
        cxx ? "" : "#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"",
        cxx ? "extern \"C\" " : "");
    for (size_t i = 0; i < signature->count; i++)
        if (is_callback(signature, i) && request->arguments[i].callback)
            print_named(file.stream, request, i);
        else if (is_callback(signature, i))
            fprintf(file.stream, "    if (i == %zu)\n        return (void (*)(void))callback_%zu;\n", i, i);
    fputs("    return NULL;\n}\n", file.stream);
    return text_file_close(&file, problem);
}
