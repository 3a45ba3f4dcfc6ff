#include "cli/duel_setup.h"

#include "base/scratch.h"
#include "cli/cli.h"
#include "compile/generate_rules.h"
#include "compile/generate_setup.h"
#include "debug/prototype.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMPILE_SECONDS 120

static const char *const names[SETUP_FUNCTIONS] = {"make",    "call",  "compare", "answer",
                                                   "destroy", "reset", "items"};

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "const state *" and "state &" are both of a state. */
static bool is_same_structure(const struct scalar_type *a, const struct scalar_type *b) {
    const char *first = a->text + (a->constant ? 6 : 0), *second = b->text + (b->constant ? 6 : 0);
    size_t length = strcspn(first, "*&");
    return a->kind == SCALAR_STRUCTURE && b->kind == SCALAR_STRUCTURE && !a->rows && !b->rows &&
           length == strcspn(second, "*&") && !strncmp(first, second, length);
}

static bool is_number(const struct scalar_type *type) {
    return !type->pointer && !type->enumeration &&
           (type->kind == SCALAR_SIGNED || type->kind == SCALAR_UNSIGNED);
}

static bool is_nothing(const struct scalar_type *type) {
    return !type->pointer && type->kind == SCALAR_VOID && !strcmp(type->text, "void");
}

/* Whether it takes `count` states, which it may not write to unless `writes`. */
static bool takes_states(const struct signature *function, const struct scalar_type *state, size_t count,
                         bool writes) {
    bool fits = function->count == count;
    for (size_t i = 0; i < count && fits; i++) {
        const struct scalar_type *type = &function->parameters[i].type;
        fits = is_same_structure(type, state) && (writes || type->constant) &&
               type->reference == function->parameters[0].type.reference;
    }
    return fits;
}

/* `state`: what make returns. */
static bool has_shape(enum setup_function which, const struct signature *function,
                      const struct scalar_type *state, bool cxx) {
    const struct scalar_type *result = &function->result;
    switch (which) {
    case SETUP_MAKE:
        return function->count == 2 && is_number(&function->parameters[0].type) &&
               is_number(&function->parameters[1].type) && result->kind == SCALAR_STRUCTURE &&
               result->pointer && !result->rows && !result->reference && !result->constant;
    case SETUP_COMPARE:
        return takes_states(function, state, 2, false) && !result->pointer &&
               (result->kind == SCALAR_BOOL || is_number(result));
    case SETUP_ANSWER: /* in C a number */
        return takes_states(function, state, 1, false) && !is_nothing(result) &&
               (cxx || result->kind == SCALAR_BOOL || result->kind == SCALAR_FLOAT || is_number(result));
    case SETUP_ITEMS:
        return takes_states(function, state, 1, false) && is_number(result);
    default:
        return takes_states(function, state, 1, true) && is_nothing(result);
    }
}

static void print_expected(enum setup_function which, const char *state, char *text, size_t size) {
    static const char *const shapes[SETUP_FUNCTIONS] = {
        "%s *make(uint64_t seed, size_t n)", "void call(%s *s)",    "bool compare(const %s *a, const %s *b)",
        "uint64_t answer(const %s *s)",      "void destroy(%s *s)", "void reset(%s *s)",
        "size_t items(const %s *s)"};
    const char *shape = shapes[which];
    size_t length = 0;
    for (; *shape && length + 1 < size; shape++) {
        if (shape[0] == '%' && shape[1] == 's') {
            length += (size_t)snprintf(text + length, size - length, "%.90s", state);
            shape++;
        } else
            text[length++] = *shape;
        length = length < size ? length : size - 1;
    }
    text[length] = '\0';
}

/* The name of make's structure; a likely one where there is none. */
static void name_state(const struct generate_setup *setup, char *name, size_t size) {
    const char *text = setup->functions[SETUP_MAKE].result.text, *star = strrchr(text, ' ');
    snprintf(name, size, "%.*s", star ? (int)(star - text) : 5, star ? text : "state");
}

static int refuse_missing(const struct generate_setup *setup, enum setup_function which) {
    char state[96], text[200], all[700];
    size_t length = 0;
    name_state(setup, state, sizeof state);
    for (int i = 0; i <= SETUP_COMPARE; i++) {
        print_expected((enum setup_function)i, state, text, sizeof text);
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", i ? ", " : "", text);
    }
    return fail(
        EXIT_USAGE,
        "--setup: %s defines no function %s; expected %s, where %s is a structure of your own (or, in place of compare, "
        "answer, which returns what is compared; and where they are needed destroy, reset and items)",
        base_name(setup->path), names[which], all, state);
}

static int refuse_shape(const struct generate_setup *setup, enum setup_function which,
                        const struct definition *found) {
    char state[96], text[200], got[400];
    name_state(setup, state, sizeof state);
    print_expected(which, state, text, sizeof text);
    definition_print(&found->signature, got, sizeof got);
    return fail(EXIT_USAGE, "--setup: %s: expected %s, got %s%s", base_name(setup->path), text, got,
                which == SETUP_MAKE ? "; state stands for a structure or class of your own" : "");
}

/* "make", or "own_make" where the source itself has a function make. */
static bool is_called(const struct definition *found, const char *name) {
    char own[32];
    snprintf(own, sizeof own, "own_%s", name);
    return definition_is_called(found, name) || definition_is_called(found, own);
}

static int find_function(const struct definitions *definitions, struct generate_setup *setup,
                         enum setup_function which, bool cxx) {
    const struct definition *misshapen = NULL;
    for (size_t i = 0; i < definitions->count; i++) {
        const struct definition *found = &definitions->items[i];
        if (!is_called(found, names[which]) || strcmp(found->file, base_name(setup->path)) != 0)
            continue;
        if (has_shape(which, &found->signature, &setup->functions[SETUP_MAKE].result, cxx)) {
            setup->functions[which] = found->signature;
            return 0;
        }
        misshapen = found;
    }
    return misshapen             ? refuse_shape(setup, which, misshapen)
           : which <= SETUP_CALL ? refuse_missing(setup, which)
                                 : 0;
}

/* To be freed; NULL: out of memory. */
static char *setup_flags(const struct duel_variant *variant) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    int status = stream ? generate_print_quotes(stream, variant) : -ENOMEM;
    if (stream) {
        fprintf(stream, " %s", variant->flags ? variant->flags : "");
        fclose(stream);
    }
    if (status) {
        free(text);
        return NULL;
    }
    return text;
}

/* What the compiler says of both files in one; the scratch folder's name means nothing to the user. */
static int read_definitions(const struct generate_request *request, const char *folder,
                            struct definitions *definitions) {
    const struct command_limits limits = {COMPILE_SECONDS, &caught_signal};
    const struct duel_variant *first = &request->variants[0];
    struct problem problem;
    char path[4200];
    snprintf(path, sizeof path, "%s/setup.%s", folder, first->cxx ? "cpp" : "c");
    FILE *stream = fopen(path, "we");
    if (!stream)
        return fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
    generate_print_setup_source(stream, request, 0, false);
    if (fclose(stream))
        return fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
    char *flags = setup_flags(first);
    if (!flags)
        return fail(EXIT_NOTHING, "out of memory");
    int status = definitions_compile(definitions, path, first->cxx, flags, folder, &limits, &problem);
    free(flags);
    return status == 0         ? 0
           : status == -EINTR  ? fail(EXIT_INTERRUPTED + caught_signal, "interrupted")
           : status == -EINVAL ? fail(EXIT_USAGE, "--setup: %s, included behind %s, does not compile",
                                      base_name(request->setup->path), base_name(first->path))
                               : fail(EXIT_USAGE, "--setup: %s", problem.text);
}

static int check_languages(const struct generate_request *request) {
    for (size_t i = 0; i < request->variant_count; i++) {
        const struct duel_variant *variant = &request->variants[i];
        if (variant->library)
            return fail(EXIT_USAGE,
                        "--setup: %s is a library; expected sources, which the setup is compiled with",
                        base_name(variant->path));
        if (request->setup->cxx && !variant->cxx)
            return fail(
                EXIT_USAGE,
                "--setup: %s is C++ and %s is C, and they are compiled as one file; write the setup in C, or give "
                "the source a name that ends in .cpp",
                base_name(request->setup->path), base_name(variant->path));
    }
    return 0;
}

int duel_setup_find(const struct generate_request *request, struct generate_setup *setup) {
    struct definitions definitions = {0};
    struct problem problem;
    char folder[4096];
    int status = check_languages(request);
    if (status)
        return status;
    int claim = scratch_open(folder, sizeof folder, NULL, &problem);
    if (claim < 0)
        return fail(EXIT_USAGE, "%s", problem.text);
    status = read_definitions(request, folder, &definitions);
    scratch_close(folder, claim);
    for (int i = 0; i < SETUP_FUNCTIONS && status == 0; i++)
        status = find_function(&definitions, setup, (enum setup_function)i, request->variants[0].cxx);
    definitions_clear(&definitions);
    bool compares = setup->functions[SETUP_COMPARE].name[0], answers = setup->functions[SETUP_ANSWER].name[0];
    if (status == 0 && !compares && !answers)
        status = refuse_missing(setup, SETUP_COMPARE);
    if (status == 0 && compares && answers)
        status = fail(EXIT_USAGE,
                      "--setup: %s defines both compare and answer; one of them tells what the answer is",
                      base_name(setup->path));
    if (status == 0 && setup->functions[SETUP_MAKE].result.size == 0 &&
        !setup->functions[SETUP_DESTROY].name[0])
        status = fail(EXIT_USAGE,
                      "--setup: %s: what make returns is declared only, so that a function destroy is needed",
                      base_name(setup->path));
    return status;
}
