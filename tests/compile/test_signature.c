#include "compile/signature.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct signature read_signature(const char *text) {
    struct signature signature;
    struct problem problem;
    int status = signature_read(&signature, text, &problem);
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
        {"double", "double", SCALAR_FLOAT, 8, false, false},
        {"const float *restrict p", "const float *", SCALAR_FLOAT, 4, true, true},
        {"float const *p", "const float *", SCALAR_FLOAT, 4, true, true},
        {"std::uint16_t * const p", "uint16_t *", SCALAR_UNSIGNED, 2, true, false},
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

static void test_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "f(int x)",
                                        "int f",
                                        "int f(",
                                        "int f(int x",
                                        "int f(int x) { return x; }",
                                        "int f(int x,)",
                                        "int f(int x, int x)",
                                        "int f(char **p)",
                                        "int f(int *p[])",
                                        "int f(int p[][2])",
                                        "int f(struct s *p)",
                                        "int f(int (*g)(void))",
                                        "int f(const char *s, ...)",
                                        "int *f(int x)",
                                        "long double f(int x)",
                                        "unsigned signed f(int x)",
                                        "short long f(int x)",
                                        "unsigned uint8_t f(int x)",
                                        "int f(void x)",
                                        "int f(const x)",
                                        "int f(int &x)",
                                        "int f(int,int,int,int,int,int,int,int,int,int,int,int,int)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct signature signature;
        struct problem problem = {""};
        if (signature_read(&signature, texts[i], &problem) != -EINVAL)
            fail_msg("accepted: %s", texts[i]);
        assert_non_null(strstr(problem.text, "--call: expected "));
    }
    char longest[400] = "int ";
    memset(longest + 4, 'f', 300);
    strcpy(longest + 304, "(int x)");
    struct signature signature;
    struct problem problem;
    assert_int_equal(signature_read(&signature, longest, &problem), -EINVAL);
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
                 {"int f(const int *p, int key)", 0, 1},
                 {"int f(const int *p, int key, int other)", 0, -1},
                 {"int f(const int *p, double x)", 0, -1},
                 {"int f(const int *p)", 0, -1},
                 {"int f(size_t n, size_t count, const int *p)", 2, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct signature signature = read_signature(cases[i].text);
        assert_int_equal(signature_length_of(&signature, cases[i].array), cases[i].length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_types), cmocka_unit_test(test_whole),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
