/* What the compiler says of prototypes, and of sources, in C and in C++. */
#include "debug/prototype.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct command_limits limits = {60, NULL};

static struct signature read_signature(const char *text) {
    struct signature signature;
    struct problem problem;
    int status = prototype_read(&signature, text, strstr(text, "::") != NULL, &limits, &problem);
    if (status)
        fail_msg("%s: %s", text, problem.text);
    return signature;
}

static void test_types(void **state) {
    (void)state;
    static const struct {
        const char *text, *canonical;
        enum scalar_kind kind;
        unsigned size;
        bool pointer, constant;
    } cases[] = {
        {"int x", "int", SCALAR_SIGNED, sizeof(int), false, false},
        {"const int x", "int", SCALAR_SIGNED, sizeof(int), false, false},
        {"unsigned x", "unsigned int", SCALAR_UNSIGNED, sizeof(int), false, false},
        {"long unsigned int x", "unsigned long", SCALAR_UNSIGNED, sizeof(long), false, false},
        {"long long x", "long long", SCALAR_SIGNED, sizeof(long long), false, false},
        {"short x", "short", SCALAR_SIGNED, sizeof(short), false, false},
        {"char x", "char", SCALAR_TEXT, 1, false, false},
        {"signed char x", "signed char", SCALAR_SIGNED, 1, false, false},
        {"unsigned char x", "unsigned char", SCALAR_UNSIGNED, 1, false, false},
        {"bool x", "bool", SCALAR_BOOL, 1, false, false},
        {"double x", "double", SCALAR_FLOAT, 8, false, false},
        {"const float *__restrict p", "const float *", SCALAR_FLOAT, 4, true, true},
        {"float const *p", "const float *", SCALAR_FLOAT, 4, true, true},
        {"std::uint16_t *const p", "uint16_t *", SCALAR_UNSIGNED, 2, true, false},
        {"const void *p", "const void *", SCALAR_UNSIGNED, 1, true, true},
        {"int64_t p[]", "int64_t *", SCALAR_SIGNED, 8, true, false},
        {"const size_t p[static 4]", "const size_t *", SCALAR_UNSIGNED, sizeof(size_t), true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "void f(%s);", cases[i].text);
        struct signature signature = read_signature(text);
        assert_int_equal(signature.count, 1);
        const struct scalar_type *type = &signature.parameters[0].type;
        assert_string_equal(type->text, cases[i].canonical);
        assert_int_equal(type->kind, cases[i].kind);
        assert_int_equal(type->size, cases[i].size);
        assert_int_equal(type->pointer, cases[i].pointer);
        assert_int_equal(type->constant, cases[i].constant);
    }
}

static void test_whole(void **state) {
    (void)state;
    struct signature signature =
        read_signature("  static inline uint64_t\n f (const uint32_t*p,size_t n ) ; ");
    assert_string_equal(signature.name, "f");
    assert_string_equal(signature.result.text, "uint64_t");
    assert_string_equal(signature.parameters[0].name, "p");
    assert_string_equal(signature.parameters[1].name, "n");
    assert_int_equal(signature_find(&signature, "n"), 1);
    assert_int_equal(signature_find(&signature, "m"), -1);
    assert_int_equal(read_signature("int f(void)").count, 0);
    assert_int_equal(read_signature("int f()").count, 0);
    assert_string_equal(read_signature("void a::b::f(int)").name, "a::b::f");
    assert_string_equal(read_signature("int f(int, int)").parameters[1].name, "argument2");
}

static void test_pointer_results(void **state) {
    (void)state;
    struct signature signature = read_signature("void *f(const char *p, int x)");
    assert_true(signature.result.pointer);
    assert_string_equal(signature.result.text, "void *");
}

static void assert_refused(const char *text, const char *expected) {
    struct signature signature;
    struct problem problem = {""};
    if (prototype_read(&signature, text, strchr(text, '&') != NULL, &limits, &problem) != -EINVAL)
        fail_msg("accepted: %s", text);
    if (strncmp(problem.text, "--call: ", 8) != 0 || !strstr(problem.text, expected))
        fail_msg("%s: %s", text, problem.text);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"", "expected the function's prototype"},
        {"f(int x)", "expected the function's prototype"},
        {"int f", "expected the function's prototype"},
        {"int f(int x) { return x; }", "expected the function's prototype"},
        {"int f(int x", ""},
        {"int f(nosuch x)", "nosuch"},
        {"int f(int x, int x)", "redefinition of"},
        {"int f(char ***p)", "p is a pointer to a pointer"},
        {"int f(struct s *p)", "p is a pointer to a structure (s)"},
        {"int f(const char *s, ...)", "any number of arguments"},
        {"long double f(int x)", "its result is a type (long double)"},
        {"int f(int &&x)", "x is a reference"},
        {"int f(int,int,int,int,int,int,int,int,int,int,int,int,int)", "more than 12 parameters"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_refused(texts[i][0], texts[i][1]);
    char longest[5000] = "int ";
    memset(longest + 4, 'f', 4900);
    strcpy(longest + 4904, "(int x)");
    assert_refused(longest, "expected the function's prototype");
}

/* Inputs are made of those that have scalars alone; setups hand on all. */
static void assert_structure(const struct definition *definition, const char *text, unsigned size,
                             bool constant, bool reference) {
    const struct scalar_type *type = &definition->signature.parameters[0].type;
    assert_string_equal(type->text, text);
    assert_int_equal(type->kind, SCALAR_STRUCTURE);
    assert_true(type->pointer);
    assert_int_equal(type->size, size);
    assert_int_equal(type->constant, constant);
    assert_int_equal(type->reference, reference);
    assert_int_equal(definition->refusal[0] == '\0', type->field_count > 0);
}

static void write_source(char *path, size_t size, const char *suffix, const char *text) {
    const char *folder = getenv("TMPDIR");
    snprintf(path, size, "%s/test-prototype-%ld.%s", folder ? folder : "/tmp", (long)getpid(), suffix);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
}

/* Every function that is defined, a line each: "[static ]PROTOTYPE[: REFUSAL]". */
static void assert_defined(const char *suffix, const char *text, const char *expected) {
    struct definitions definitions = {0};
    struct problem problem;
    char path[4096], all[4096] = "", one[1000];
    write_source(path, sizeof path, suffix, text);
    int status =
        definitions_compile(&definitions, path, strcmp(suffix, "c") != 0, NULL, NULL, &limits, &problem);
    unlink(path);
    assert_int_equal(status, 0);
    for (size_t i = 0; i < definitions.count; i++) {
        const struct definition *definition = &definitions.items[i];
        definition_print(&definition->signature, one, sizeof one);
        size_t length = strlen(all);
        snprintf(all + length, sizeof all - length, "%s%s%s%s\n", definition->external ? "" : "static ",
                 definition->refusal[0] ? definition->signature.name : one,
                 definition->refusal[0] ? ": " : "", definition->refusal);
    }
    definitions_clear(&definitions);
    assert_string_equal(all, expected);
}

static void test_definitions_of_c(void **state) {
    (void)state;
    assert_defined("c",
                   "#include <stdint.h>\n#include <stdlib.h>\n"
                   "struct point {int x, y;}; typedef const uint8_t *bytes;\n"
                   "static int helper(int a) { return a; }\n"
                   "uint64_t f(bytes p, size_t n) { return p[0] + n + (uint64_t)helper(1); }\n"
                   "int declared(int x);\n"
                   "int distance(const struct point *p) { return p->x - p->y + declared(1); }\n"
                   "int main(void) { return atoi(\"3\"); }\n",
                   "int distance(const struct point *p)\n"
                   "uint64_t f(const uint8_t *p, size_t n)\n"
                   "static int helper(int a)\n");
}

static void test_definitions_of_cxx(void **state) {
    (void)state;
    assert_defined(
        "cpp",
        "#include <cstdint>\n#include <cstddef>\n"
        "namespace own { namespace in { std::uint64_t f(const std::uint32_t *p, std::size_t n); } }\n"
        "std::uint64_t own::in::f(const std::uint32_t *p, std::size_t n) { return p[0] + n; }\n"
        "namespace { int hidden(int a) { return a; } }\n"
        "struct s { int member(int a) { return a; } };\n"
        "template <class T> T twice(T a) { return a + a; }\n"
        "template int twice<int>(int);\n"
        "int f(double x) { return s().member(hidden((int)x)); }\n"
        "extern \"C\" void g(int &x) { x = 1; }\n",
        "int f(double x)\n"
        "void g(int &x)\n"
        "static int hidden(int a)\n"
        "uint64_t own::in::f(const uint32_t *p, size_t n)\n"
        "int twice<int>(int a)\n");
}

static void test_what_does_not_compile(void **state) {
    (void)state;
    struct definitions definitions = {0};
    struct problem problem;
    char path[4096];
    write_source(path, sizeof path, "c", "int f(int x) { return y; }\n");
    int status = definitions_compile(&definitions, path, false, NULL, NULL, &limits, &problem);
    unlink(path);
    definitions_clear(&definitions);
    assert_int_equal(status, -EINVAL);
    assert_non_null(strstr(problem.text, "does not compile"));
}

static void test_no_debug_data(void **state) {
    (void)state;
    struct definitions definitions = {0};
    struct problem problem;
    int status = definitions_read(&definitions, "/dev/null", true, &problem);
    definitions_clear(&definitions);
    assert_int_equal(status, -ENODATA);
}

static void test_lengths(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t array;
        int length;
    } cases[] = {{"int f(const int *p, size_t n)", 0, 1},
                 {"int f(size_t n, const int *p)", 1, 0},
                 {"int f(const int *a, size_t na, const int *b, size_t nb)", 0, 1},
                 {"int f(const int *a, size_t na, const int *b, size_t nb)", 2, 3},
                 {"unsigned f(unsigned c, const char *p, unsigned len)", 1, 2},
                 {"int f(const int *p, int key, int row_count)", 0, 2},
                 {"int f(const int *p, int level, int sourceLen)", 0, 2},
                 {"int f(const int *p, int key)", 0, 1},
                 {"int f(const int *p, int key, int other)", 0, -1},
                 {"int f(const int *p, double x)", 0, -1},
                 {"int f(const char *s, int c)", 0, -1},
                 {"int f(const char *s, int n)", 0, 1},
                 {"int f(const int *p)", 0, -1},
                 {"int f(size_t n, size_t count, const int *p)", 2, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct signature signature = read_signature(cases[i].text);
        assert_int_equal(signature_length_of(&signature, cases[i].array), cases[i].length);
    }
}

static void test_structures(void **state) {
    (void)state;
    static const char text[] =
        "struct two { int a, b; }; class three { public: int a, b, c; }; struct none;\n"
        "typedef struct { char a; } unnamed;\n"
        "void f1(two *) {}\nvoid f2(const three &) {}\nvoid f3(const none *) {}\n"
        "void f4(unnamed *) {}\nvoid f5(two) {}\n";
    struct definitions definitions = {0};
    struct problem problem;
    char path[4096];
    write_source(path, sizeof path, "cpp", text);
    int status = definitions_compile(&definitions, path, true, NULL, NULL, &limits, &problem);
    unlink(path);
    assert_int_equal(status, 0);
    assert_int_equal(definitions.count, 5);
    assert_string_equal(definitions.items[0].file, strrchr(path, '/') + 1);
    assert_structure(&definitions.items[0], "two *", 8, false, false);
    assert_structure(&definitions.items[1], "const three &", 12, true, true);
    assert_structure(&definitions.items[2], "const none *", 0, true, false);
    assert_structure(&definitions.items[3], "unnamed *", 1, false, false);
    assert_false(definitions.items[4].signature.parameters[0].type.pointer);
    definitions_clear(&definitions);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_types),
                                       cmocka_unit_test(test_whole),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_pointer_results),
                                       cmocka_unit_test(test_definitions_of_c),
                                       cmocka_unit_test(test_definitions_of_cxx),
                                       cmocka_unit_test(test_what_does_not_compile),
                                       cmocka_unit_test(test_no_debug_data),
                                       cmocka_unit_test(test_structures),
                                       cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
