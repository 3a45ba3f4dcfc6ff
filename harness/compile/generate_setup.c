#include "compile/generate_setup.h"

#include <string.h>

void generate_print_setup(FILE *stream, const struct generate_request *request) {
    char name[SIGNATURE_NAME];
    const char *slash = strrchr(request->setup->path, '/');
    generate_name(request->signature, name, sizeof name);
    fprintf(
        stream,
        "/* Whose setup it is; generated. */\n#define SETUP_NAME \"%s\"\n#define SETUP_SUMMARY \"call of %.80s with "
        "%zu files\"\n#define SETUP_HAS_ITEMS %d\n#define SETUP_BATCH %llu\n#define SETUP_TOLERANCE %a\n"
        "#define SETUP_VARIANTS ((size_t)%zu)\n\n",
        name, slash ? slash + 1 : request->setup->path, request->variant_count,
        request->setup->functions[SETUP_ITEMS].name[0] != '\0', (unsigned long long)request->batch,
        request->tolerance, request->variant_count);
    for (size_t i = 0; i < request->variant_count; i++)
        fprintf(stream, "extern const struct setup_functions countersign_setup_%zu;\n", i);
    fputs("\nstatic const struct setup_functions *const setup_functions[] = {", stream);
    for (size_t i = 0; i < request->variant_count; i++)
        fprintf(stream, "%s&countersign_setup_%zu", i ? ", " : "", i);
    fputs("};\n", stream);
}

void generate_print_setup_call(FILE *stream, size_t variant) {
    fprintf(stream,
            "#include \"countersign_setup.h\"\n\nextern const struct setup_functions countersign_setup_%zu;\n"
            "void countersign_run_%zu(void *state);\n\nvoid countersign_run_%zu(void *state) {\n"
            "    struct setup *setup = state;\n"
            "    const struct setup_functions *functions = &countersign_setup_%zu;\n"
            "    struct setup_set *set = setup_find(setup, %zu, functions);\n"
            "    if (!set->made)\n        setup_make(setup, set, functions);\n"
            "    for (size_t i = 0; i < setup->calls; i++)\n        functions->call(set->states[i]);\n"
            "    set->called = true;\n    setup->last = set;\n}\n",
            variant, variant, variant, variant, variant);
}

/* The argument that hands on a state: a pointer, or what it points to. */
static const char *dereference(const struct signature *function) {
    return function->parameters[0].type.reference ? "*" : "";
}

static void print_one(FILE *stream, const struct signature *function, const char *head, const char *kept) {
    fprintf(stream, "static %s { %s%s(%scountersign_state(state)); }\n", head, kept, function->name,
            dereference(function));
}

/* Copies of answers outlive states; `same` of the baseline looks at what every file's `answer` made. */
static void print_answer(FILE *stream, const struct signature *answer, bool cxx) {
    fprintf(
        stream,
        cxx ? "typedef std::decay_t<decltype(%s(%scountersign_state(nullptr)))> countersign_answer_type;\n"
            : "typedef __typeof__(%s(%scountersign_state(NULL))) countersign_answer_type;\n",
        answer->name, dereference(answer));
    if (cxx)
        fprintf(
            stream,
            "static void *countersign_answer(const void *state) {\n"
            "    return new countersign_answer_type(%s(%scountersign_state(state)));\n}\n"
            "static void countersign_forget(void *answer) { delete static_cast<countersign_answer_type *>(answer); }\n"
            "static bool countersign_same(const void *expected, const void *got, double tolerance,\n"
            "                             setup_difference *difference) {\n"
            "    return countersign_answers::equal(*static_cast<const countersign_answer_type *>(expected),\n"
            "        *static_cast<const countersign_answer_type *>(got), tolerance, difference, std::string());\n}\n",
            answer->name, dereference(answer));
    else
        fprintf(
            stream,
            "static void *countersign_answer(const void *state) {\n"
            "    countersign_answer_type *copy = malloc(sizeof *copy);\n"
            "    if (copy)\n        *copy = %s(%scountersign_state(state));\n    return copy;\n}\n"
            "static void countersign_forget(void *copy) { free(copy); }\n"
            "static bool countersign_same(const void *expected, const void *got, double tolerance,\n"
            "                             struct setup_difference *difference) {\n"
            "    const countersign_answer_type *a = expected, *b = got;\n    (void)tolerance;\n"
            "    return %s;\n}\n",
            answer->name, dereference(answer),
            answer->result.kind == SCALAR_FLOAT
                ? "setup_same_real(*a, *b, tolerance, difference)"
                : "setup_same_whole((int64_t)*a, (int64_t)*b, (countersign_answer_type)-1 < 0, difference)");
}

/* What the language converts by itself, the user's functions are called by; what it does not, is an error there. */
static void print_glue(FILE *stream, const struct generate_setup *setup, bool cxx) {
    const struct signature *make = &setup->functions[SETUP_MAKE], *compare = &setup->functions[SETUP_COMPARE];
    const char *seed = make->parameters[0].type.text, *n = make->parameters[1].type.text;
    fprintf(stream,
            cxx ? "static auto countersign_state(const void *state) {\n"
                  "    return static_cast<decltype(%s((%s)0, (%s)0))>(const_cast<void *>(state));\n}\n"
                : "static __typeof__(%s((%s)0, (%s)0)) countersign_state(const void *state) {\n"
                  "    return (void *)(uintptr_t)state;\n}\n",
            make->name, seed, n);
    fprintf(stream,
            "static void *countersign_make(uint64_t seed, size_t n) { return %s((%s)seed, (%s)n); }\n",
            make->name, seed, n);
    print_one(stream, &setup->functions[SETUP_CALL], "void countersign_call(void *state)", "");
    if (setup->functions[SETUP_ANSWER].name[0])
        print_answer(stream, &setup->functions[SETUP_ANSWER], cxx);
    else
        fprintf(stream,
                "static bool countersign_compare(const void *a, const void *b) {\n"
                "    return %s(%scountersign_state(a), %scountersign_state(b)) != 0;\n}\n",
                compare->name, dereference(compare), dereference(compare));
    if (setup->functions[SETUP_DESTROY].name[0])
        print_one(stream, &setup->functions[SETUP_DESTROY], "void countersign_destroy(void *state)", "");
    else
        fprintf(stream, "static void countersign_destroy(void *state) { %s; }\n",
                cxx ? "delete countersign_state(state)" : "free(state)");
    if (setup->functions[SETUP_RESET].name[0])
        print_one(stream, &setup->functions[SETUP_RESET], "void countersign_reset(void *state)", "");
    if (setup->functions[SETUP_ITEMS].name[0])
        print_one(stream, &setup->functions[SETUP_ITEMS], "size_t countersign_items(const void *state)",
                  "return (size_t)");
}

static void print_table(FILE *stream, const struct generate_setup *setup, bool cxx, size_t variant) {
    bool answered = setup->functions[SETUP_ANSWER].name[0] != '\0';
    fprintf(stream,
            "%sextern const struct setup_functions countersign_setup_%zu;\n"
            "const struct setup_functions countersign_setup_%zu = {countersign_call, countersign_make, "
            "%s,\n    countersign_destroy, %s, %s, ",
            cxx ? "extern \"C\" {\n" : "", variant, variant,
            answered ? "NULL, countersign_answer, countersign_forget, countersign_same"
                     : "countersign_compare, NULL, NULL, NULL",
            setup->functions[SETUP_RESET].name[0] ? "countersign_reset" : "NULL",
            setup->functions[SETUP_ITEMS].name[0] ? "countersign_items" : "NULL");
    fprintf(stream, "%s, %s};\n",
            setup->functions[SETUP_MAKE].result.size ? "sizeof *countersign_state(NULL)" : "0",
            answered ? "sizeof(countersign_answer_type)" : "0");
    fputs(cxx ? "}\n" : "", stream);
}

void generate_print_setup_source(FILE *stream, const struct generate_request *request, size_t variant,
                                 bool table) {
    const struct duel_variant *from = &request->variants[variant];
    fprintf(
        stream,
        "#include \"%s\"\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include \"%s\"\n",
        from->path, request->setup->path);
    if (!table)
        return;
    fprintf(stream, "#include \"%s\"\n#include <stdlib.h>\n%s",
            from->cxx && request->setup->functions[SETUP_ANSWER].name[0] ? "countersign_answer.hpp"
                                                                         : "countersign_setup.h",
            from->cxx ? "" : "#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"\n");
    print_glue(stream, request->setup, from->cxx);
    print_table(stream, request->setup, from->cxx, variant);
}
