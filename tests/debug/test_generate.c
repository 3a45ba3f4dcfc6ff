#include "compile/generate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/cache.h"
#include "compile/generate_callback.h"
#include "debug/prototype.h"

#include <cmocka.h>

static struct signature signature;
static struct argument arguments[SIGNATURE_PARAMETERS];

static void start(const char *text) {
    struct problem problem;
    const struct command_limits limits = {60, NULL};
    assert_int_equal(prototype_read(&signature, text, strstr(text, "::") != NULL, &limits, &problem), 0);
    generate_defaults(&signature, arguments);
}

static int read_fill(size_t i, const char *text) {
    struct problem problem = {""};
    int status = generate_read_fill(&signature.parameters[i], text, &arguments[i], &problem);
    assert_int_equal(status == 0, !problem.text[0]);
    return status;
}

static void test_defaults(void **state) {
    (void)state;
    start("void f(const float *x, float *y, const char *s, size_t n, bool b, int key)");
    assert_int_equal(arguments[0].role, ROLE_INPUT);
    assert_int_equal(arguments[0].fill, FILL_ANY);
    assert_int_equal(arguments[0].length, 3);
    assert_int_equal(arguments[1].role, ROLE_OUTPUT);
    assert_int_equal(arguments[2].fill, FILL_TEXT);
    assert_int_equal(arguments[3].role, ROLE_LENGTH);
    assert_int_equal(arguments[4].fill, FILL_RANGE);
    assert_int_equal(arguments[4].high, 1);
    assert_int_equal(arguments[5].role, ROLE_SCALAR);
    start("void f(int *p, size_t n)");
    assert_int_equal(arguments[0].role, ROLE_IN_OUT);
    start("size_t f(const char *s)");
    assert_int_equal(arguments[0].factor, 1);
    start("int f(const int *p)");
    assert_int_equal(arguments[0].factor, 0);
}

static void test_fills(void **state) {
    (void)state;
    start("int f(const int8_t *a, const double *b, size_t n, uint64_t c, bool d, const char *e)");
    assert_int_equal(read_fill(0, "range:-128..127"), 0);
    assert_int_equal(arguments[0].low, -128);
    assert_int_equal(arguments[0].high, 127);
    assert_int_equal(read_fill(0, "small:0x10"), 0);
    assert_int_equal(arguments[0].low, 0);
    assert_int_equal(arguments[0].high, 16);
    assert_int_equal(read_fill(0, "sorted"), 0);
    assert_int_equal(arguments[0].fill, FILL_SORTED);
    assert_int_equal(read_fill(1, "range:-1.5..2e3"), 0);
    assert_true(arguments[1].real_low == -1.5 && arguments[1].real_high == 2e3);
    assert_int_equal(read_fill(1, "range:1...5"), -EINVAL);
    assert_int_equal(read_fill(3, "7"), 0);
    assert_int_equal(arguments[3].low, 7);
    assert_int_equal(arguments[3].high, 7);
    assert_int_equal(read_fill(4, "1"), 0);
    assert_int_equal(read_fill(5, "file:" TEST_SOURCE "/CMakeLists.txt"), 0);
    assert_string_equal(arguments[5].path, TEST_SOURCE "/CMakeLists.txt");
    assert_int_equal(read_fill(5, "file:" TEST_SOURCE "/nowhere"), -ENOENT);
    static const struct {
        size_t parameter;
        const char *text;
    } refused[] = {
        {0, ""},        {0, "odd"},          {0, "7"},        {0, "small:128"}, {0, "range:1..0"},
        {0, "range:1"}, {0, "range:1..2x"},  {0, "small:-1"}, {0, "small:"},    {1, "range:nan..1"},
        {1, "text"},    {1, "range:0..inf"}, {3, "-1"},       {3, "sorted"},    {3, "range:1.5..2"},
        {4, "small:2"}, {4, "sorted"},       {3, "file:/etc"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (read_fill(refused[i].parameter, refused[i].text) != -EINVAL)
            fail_msg("accepted: %s", refused[i].text);
}

static int read_length(const char *text) {
    struct problem problem = {""};
    return generate_read_length(&signature, 0, false, text, arguments, &problem);
}

static void test_lengths(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t factor, extra;
        int length;
    } good[] = {
        {"n", 1, 0, 1}, {"2*n", 2, 0, 1}, {"n+1", 1, 1, 1}, {"3*key+16", 3, 16, 2}, {"16", 0, 16, -1}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        start("int f(const int *p, size_t n, int key)");
        assert_int_equal(read_length(good[i].text), 0);
        assert_int_equal(arguments[0].factor, good[i].factor);
        assert_int_equal(arguments[0].extra, good[i].extra);
        assert_int_equal(arguments[0].length, good[i].length);
        assert_int_equal(arguments[1].role == ROLE_LENGTH, good[i].length == 1);
        assert_int_equal(arguments[2].role == ROLE_LENGTH, good[i].length == 2);
    }
    static const char *const bad[] = {"",    "0",  "m",  "p",     "n*2", "n+",
                                      "n-1", "2*", "+1", "1.5*n", "n+m", "2n"};
    start("int f(const int *p, size_t n, int key)");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_length(bad[i]) != -EINVAL)
            fail_msg("accepted: %s", bad[i]);
}

static struct generate_request request_of(const char *text) {
    start(text);
    struct generate_request request = {.signature = &signature, .variant_count = 2};
    memcpy(request.arguments, arguments, sizeof arguments);
    return request;
}

static void test_checks(void **state) {
    (void)state;
    struct problem problem;
    struct generate_request request = request_of("int f(const int *p, int8_t n)");
    assert_true(generate_is_swept(&request));
    request.sizes[request.size_count++] = 127;
    assert_int_equal(generate_check(&request, &problem), 0);
    request.sizes[0] = 128;
    assert_int_equal(generate_check(&request, &problem), -EINVAL);
    request = request_of("int f(int a)");
    assert_false(generate_is_swept(&request));
    assert_int_equal(generate_check(&request, &problem), 0);
    request.size_count = 1;
    assert_int_equal(generate_check(&request, &problem), -EINVAL);
    request = request_of("void f(const int *p, int n)");
    assert_int_equal(generate_check(&request, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "no answer"));
    request = request_of("int f(const int *p)");
    assert_int_equal(generate_check(&request, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "--length p="));
}

static void test_files(void **state) {
    (void)state;
    struct problem problem = {""};
    char folder[] = "/tmp/test-generate-XXXXXX", path[64], text[4096];
    assert_non_null(mkdtemp(folder));
    struct generate_request request = request_of("uint64_t own::F(const uint32_t *p, size_t n)");
    request.sizes[request.size_count++] = 16;
    strcpy(request.variants[0].name, "a");
    strcpy(request.variants[0].path, "/somewhere/a b.cpp");
    request.variants[0].cxx = true;
    strcpy(request.variants[1].name, "b");
    strcpy(request.variants[1].path, "/somewhere/\"b\\.so");
    request.variants[1].library = true;
    uint64_t key = generate_key(&request);
    assert_int_equal(generate_write(&request, TEST_SOURCE "/templates", folder, &problem), 0);
    static const struct {
        const char *name, *part;
    } parts[] = {{"source_0.cpp", "#include \"/somewhere/a b.cpp\"\n"},
                 {"source_0.cpp", "typedef uint64_t countersign_call(const uint32_t *, size_t);\n"},
                 {"source_0.cpp", "countersign_duel_0 = own::F;"},
                 {"signature.h", "{\"/somewhere/\\\"b\\\\.so\", \"own::F\"}"},
                 {"signature.h", "#define DUEL_NAME \"f\"\n"},
                 {"kernel.sources", "source_0.cpp countersign_duel_0 "},
                 {"case.yaml", "sweep: {n: [16]}\n"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i].name);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
        if (!strstr(text, parts[i].part))
            fail_msg("%s: no %s in:\n%s", parts[i].name, parts[i].part, text);
    }
    request.batch = 2;
    assert_true(generate_key(&request) != key);
    strcpy(request.variants[0].path, "/a\"b.c");
    assert_int_equal(generate_write(&request, TEST_SOURCE "/templates", folder, &problem), -EINVAL);
    assert_int_equal(generate_write(&request, "/nowhere", folder, &problem), -ENOENT);
    cache_remove(folder);
}

static void test_records(void **state) {
    (void)state;
    struct problem problem = {""};
    const struct command_limits limits = {60, NULL};
    struct definitions definitions = {0};
    char path[] = "/tmp/test-generate-XXXXXX.c";
    int file = mkstemps(path, 2);
    FILE *stream = file < 0 ? NULL : fdopen(file, "w");
    assert_non_null(stream);
    fputs(
        "struct part { float x; short s[3]; };\nstruct whole { char c; struct part parts[2]; _Bool b; double m[2][2]; };\n"
        "struct link { struct link *next; };\nstruct bits { unsigned a : 3; };\n"
        "int a(struct part p, const struct part *q, unsigned n, int m) { return 0; }\n"
        "int b(struct link *l) { return 0; }\nint c(struct bits *l) { return 0; }\n"
        "int d(const struct whole *w) { return 0; }\n",
        stream);
    fclose(stream);
    assert_int_equal(definitions_compile(&definitions, path, false, NULL, NULL, &limits, &problem), 0);
    unlink(path);
    assert_int_equal(definitions.count, 4);
    signature = definitions.items[0].signature;
    assert_string_equal(definitions.items[0].refusal, "");
    assert_string_equal(definitions.items[1].refusal, "l is a pointer to a structure (link)");
    assert_string_equal(definitions.items[2].refusal, "l is a pointer to a structure (bits)");
    assert_string_equal(definitions.items[3].refusal,
                        "w is a pointer to a structure (whole)"); /* arrays in an array */
    const struct scalar_type *part = &signature.parameters[0].type;
    assert_string_equal(signature.parameters[1].type.text, "const struct part *");
    assert_int_equal(part->field_count, 2);
    assert_string_equal(part->fields[1].name, "s");
    assert_int_equal(part->fields[1].offset, 4);
    assert_int_equal(part->fields[1].count, 3);
    generate_defaults(&signature, arguments);
    assert_int_equal(arguments[0].role, ROLE_SCALAR);
    assert_int_equal(arguments[1].length, 2);
    definitions_clear(&definitions);
}

/* Compiles, and gives the only function's signature. */
static void read_only(const char *suffix, const char *text, const char *refusal) {
    struct definitions definitions = {0};
    struct problem problem;
    const struct command_limits limits = {60, NULL};
    char path[64];
    snprintf(path, sizeof path, "/tmp/test-generate-XXXXXX.%s", suffix);
    int file = mkstemps(path, (int)strlen(suffix) + 1);
    FILE *stream = file < 0 ? NULL : fdopen(file, "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
    assert_int_equal(
        definitions_compile(&definitions, path, strcmp(suffix, "c") != 0, NULL, NULL, &limits, &problem), 0);
    unlink(path);
    assert_int_equal(definitions.count, 1);
    signature = definitions.items[0].signature;
    assert_string_equal(definitions.items[0].refusal, refusal);
    definitions_clear(&definitions);
    generate_defaults(&signature, arguments);
}

static void assert_enumeration(const struct scalar_type *type, const char *text, enum scalar_kind kind,
                               unsigned size) {
    assert_string_equal(type->text, text);
    assert_true(type->enumeration);
    assert_int_equal(type->kind, kind);
    assert_int_equal(type->size, size);
}

static void assert_run(const struct scalar_run *run, int64_t low, int64_t high) {
    assert_int_equal(run->low, low);
    assert_int_equal(run->high, high);
}

static void test_enumerations_of_c(void **state) {
    (void)state;
    read_only(
        "c",
        "typedef enum { green = 7, red = 3, blue = -2, cyan = 8, same = 7 } color;\n"
        "enum flag { one = 1, last = 0x80000000u };\nstruct s { short x; color c[2]; enum flag f; };\n"
        "enum flag f(color count, const struct s *s, const enum flag *p, enum { nameless } n, int len) {"
        " return p[len]; }\n",
        "");
    const struct signature_parameter *parameters = signature.parameters;
    const struct scalar_type *color = &parameters[0].type, *structure = &parameters[1].type;
    assert_enumeration(&signature.result, "enum flag", SCALAR_UNSIGNED, 4);
    assert_enumeration(color, "color", SCALAR_SIGNED, 4);
    assert_int_equal(color->run_count, 3);
    assert_run(&color->runs[0], -2, -2);
    assert_run(&color->runs[1], 3, 3);
    assert_run(&color->runs[2], 7, 8);
    assert_enumeration(&parameters[2].type, "const enum flag *", SCALAR_UNSIGNED, 4);
    assert_run(&parameters[2].type.runs[1], 0x80000000, 0x80000000);
    assert_enumeration(&parameters[3].type, "unsigned int", SCALAR_UNSIGNED, 4);
    /* Of a structure those of all fields are one behind the other. */
    assert_int_equal(structure->run_count, 5);
    assert_int_equal(structure->fields[0].run_count, 0);
    assert_int_equal(structure->fields[1].count, 2);
    assert_int_equal(structure->fields[1].run_count, 3);
    assert_int_equal(structure->fields[2].first_run, 3);
    assert_int_equal(structure->fields[2].run_count, 2);
    assert_run(&structure->runs[3], 1, 1);
    assert_true(structure->closed);                   /* a setup's draft has no values for them */
    assert_int_equal(arguments[0].role, ROLE_SCALAR); /* no length, whatever its name is */
    assert_int_equal(arguments[2].length, 4);
}

static void test_enumerations_of_cxx(void **state) {
    (void)state;
    read_only(
        "cpp",
        "namespace own { enum class kind : unsigned char { first, last = 200 }; enum class any : long {};\n"
        "typedef enum { yes } answer; enum class letter : char { a = 'a', z = -1 };\n"
        "kind f(kind k, const kind &r, any x, answer y, letter *l, unsigned n) { return n ? r : k; } }\n",
        "");
    const struct signature_parameter *parameters = signature.parameters;
    assert_enumeration(&signature.result, "own::kind", SCALAR_UNSIGNED, 1);
    assert_run(&signature.result.runs[1], 200, 200);
    assert_enumeration(&parameters[1].type, "const own::kind &", SCALAR_UNSIGNED, 1);
    assert_enumeration(&parameters[2].type, "own::any", SCALAR_SIGNED, 8);
    assert_int_equal(parameters[2].type.run_count, 0);
    assert_enumeration(&parameters[3].type, "own::answer", SCALAR_UNSIGNED, 4);
    assert_string_equal(parameters[4].type.text, "own::letter *");
    assert_int_equal(parameters[4].type.size, 1);
    assert_int_equal(parameters[4].type.run_count, 2);
}

/* What is pointed to is filled and compared by its scalars; lengths count arrays. */
static void test_arrays_of_arrays(void **state) {
    (void)state;
    struct problem problem;
    read_only(
        "c",
        "typedef double row[4]; enum e { x };\n"
        "struct s { row m[3]; float f[2][2][2]; };\n"
        "void f(const int a[][2][4], row *b, const enum e c[2][4], enum e d[][3], const struct s *s, int n) { }\n",
        "");
    const struct signature_parameter *parameters = signature.parameters;
    const struct scalar_type *a = &parameters[0].type, *b = &parameters[1].type;
    assert_string_equal(a->text, "__typeof__(const int[2][4]) *");
    assert_true(a->pointer && a->constant && a->kind == SCALAR_SIGNED && a->size == 4 && a->columns == 8);
    assert_true(b->pointer && !b->constant && b->kind == SCALAR_FLOAT && b->size == 8 && b->columns == 4);
    assert_true(parameters[2].type.constant);
    assert_true(parameters[3].type.enumeration && parameters[3].type.columns == 3);
    assert_int_equal(parameters[4].type.columns, 0);
    assert_int_equal(parameters[4].type.fields[0].count, 12);
    assert_int_equal(parameters[4].type.fields[1].count, 8);
    assert_int_equal(arguments[0].length, 5);
    assert_int_equal(arguments[0].factor, 8);
    assert_int_equal(arguments[1].role, ROLE_IN_OUT);
    assert_int_equal(generate_read_length(&signature, 1, false, "4", arguments, &problem), 0);
    assert_true(arguments[1].extra == 16 && arguments[1].factor == 0);
    assert_int_equal(generate_read_output(&signature, "b[0..*d)", arguments, &problem), -EINVAL);
    read_only("c", "int f(int n, int m, const int a[n][m]) { return a[0][0]; }\n",
              "a is a pointer to an array");
    read_only("c", "int f(const char a[][8], int n) { return a[n][0]; }\n", "a is a pointer to an array");
    assert_int_equal(parameters[0].type.kind, SCALAR_VOID); /* no setup's draft takes it for text */
    read_only("cpp", "int f(const long (&a)[2][4]) { return a[0][0]; }\n", "");
    assert_string_equal(parameters[0].type.text, "__typeof__(const long int[2][4]) &");
    assert_true(parameters[0].type.reference && parameters[0].type.columns == 8);
    assert_true(arguments[0].extra == 8 && arguments[0].factor == 0);
}

/* As many values apart as are kept, and one more. */
static void test_enumerations_of_many_values(void **state) {
    (void)state;
    char text[1000];
    for (int count = SIGNATURE_RUNS; count <= SIGNATURE_RUNS + 1; count++) {
        size_t length = (size_t)snprintf(text, sizeof text, "enum e {");
        for (int i = 0; i < count; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "e%d = %d,", i, 3 * i);
        snprintf(text + length, sizeof text - length, "};\nint f(enum e x) { return x; }\n");
        read_only("c", text,
                  count == SIGNATURE_RUNS ? "" : "x is an enumeration of more than 32 values apart (e)");
        assert_string_equal(signature.parameters[0].type.text, "enum e");
        assert_true(signature.parameters[0].type.enumeration);
    }
}

static void test_answers(void **state) {
    (void)state;
    struct problem problem;
    struct generate_request request = {.signature = &signature};
    start("size_t f(const int *in, int *out, size_t n, size_t *count, double *other)");
    assert_int_equal(arguments[1].limit, ANSWER_WHOLE);
    assert_int_equal(generate_read_output(&signature, "out[0..return)", arguments, &problem), 0);
    assert_int_equal(arguments[1].limit, ANSWER_RETURNED);
    assert_int_equal(generate_read_output(&signature, "out[0..*count)", arguments, &problem), 0);
    assert_int_equal(arguments[1].limit, 3);
    assert_int_equal(arguments[3].extra, 1);
    assert_int_equal(arguments[3].factor, 0);
    static const char *const wrong[] = {"out",         "out[0..n)",      "in[0..return)", "out[0..*other)",
                                        "out[0..*in)", "out[1..return)", "x[0..return)",  "out[0..return]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(generate_read_output(&signature, wrong[i], arguments, &problem), -EINVAL);
    memcpy(request.arguments, arguments, sizeof arguments);
    assert_int_equal(generate_read_compare(&request, "unordered", &problem), 0);
    assert_true(request.arguments[1].unordered && !request.arguments[0].unordered);
    assert_int_equal(generate_read_compare(&request, "absolute=1e-9", &problem), 0);
    assert_true(request.absolute == 1e-9 && request.norm == 0);
    assert_int_equal(generate_read_compare(&request, "norm=-1", &problem), -EINVAL);
    assert_int_equal(generate_read_compare(&request, "a = b", &problem), -EINVAL);
    assert_int_equal(generate_read_compare(&request, "same_set", &problem), 0);
    assert_string_equal(request.compare, "same_set");
}

static void test_callbacks(void **state) {
    (void)state;
    struct problem problem;
    start(
        "void f(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *, void *), void *arg)");
    const struct scalar_type *type = &signature.parameters[3].type;
    assert_int_equal(type->kind, SCALAR_CALLBACK);
    assert_string_equal(type->text, "__typeof__(int (const void *, const void *, void *)) *");
    assert_int_equal(type->callback.count, 3);
    assert_true(type->callback.told && type->callback.parameters[1].constant &&
                !type->callback.parameters[2].constant);
    assert_int_equal(arguments[3].role, ROLE_CALLBACK);
    assert_int_equal(arguments[1].role, ROLE_LENGTH);
    assert_int_equal(arguments[0].length, 1);
    assert_int_equal(arguments[0].element, 2);
    assert_true(arguments[4].context && arguments[4].role == ROLE_IN_OUT && arguments[4].extra == 64);
    assert_int_equal(arguments[2].low, 8);
    assert_int_equal(callback_settle(&signature, arguments, &problem), 0);
    assert_int_equal(signature.parameters[0].type.size, 8);
    start(
        "void *f(const void *key, const void *base, size_t n, size_t size, int (*c)(const void *, const void *))");
    assert_int_equal(arguments[0].extra, 1);
    assert_int_equal(arguments[1].fill, FILL_SORTED);
    arguments[3].low = arguments[3].high = 12;
    assert_int_equal(callback_settle(&signature, arguments, &problem), 0);
    assert_true(arguments[0].extra == 12 && arguments[1].factor == 12 && arguments[1].fill == FILL_ANY);
    assert_int_equal(signature.parameters[1].type.size, 1);
    arguments[3].high = 13;
    assert_int_equal(callback_settle(&signature, arguments, &problem), -EINVAL);
    /* No callback, or one that is told the type: the name says nothing of elements. */
    start("int f(const int *p, size_t size, int (*g)(int))");
    assert_int_equal(arguments[1].role, ROLE_LENGTH);
    struct generate_request request = request_of("int f(int x, int *(*g)(void))");
    assert_int_equal(callback_check(&request, &problem), -EINVAL);
    request.arguments[1].callback = "own";
    assert_int_equal(callback_check(&request, &problem), 0);
    request = request_of("int f(int x, int (*g)(int (*)(int), char *))");
    assert_int_equal(callback_check(&request, &problem), 0);
}

static void assert_rows(size_t i, int length, int row_length, size_t row_extra, enum argument_role role,
                        enum argument_role row_role) {
    assert_true(signature.parameters[i].type.rows);
    assert_int_equal(arguments[i].length, length);
    assert_int_equal(arguments[i].row_length, row_length);
    assert_int_equal(arguments[i].row_extra, row_extra);
    assert_int_equal(arguments[i].role, role);
    assert_int_equal(arguments[i].row_role, row_role);
}

static void test_rows(void **state) {
    (void)state;
    struct problem problem;
    start("void f(float **m, int rows, int cols)");
    assert_string_equal(signature.parameters[0].type.text, "float **");
    assert_rows(0, 1, 2, 0, ROLE_IN_OUT, ROLE_IN_OUT);
    assert_true(arguments[1].role == ROLE_LENGTH && arguments[2].role == ROLE_LENGTH);
    start("void f(double *const *a, const double **b, double **c, int n, char sign)");
    assert_string_equal(signature.parameters[0].type.text, "double *const *");
    assert_string_equal(signature.parameters[1].type.text, "const double **");
    assert_rows(0, 3, 3, 0, ROLE_INPUT, ROLE_OUTPUT);
    assert_rows(1, 3, 3, 0, ROLE_IN_OUT, ROLE_INPUT);
    assert_rows(2, 3, 3, 0, ROLE_IN_OUT, ROLE_OUTPUT);
    start("int f(int m, int n, int **grid)");
    assert_rows(2, 0, 1, 0, ROLE_IN_OUT, ROLE_IN_OUT);
    start("int f(int argc, char **argv)");
    assert_rows(1, 0, -1, 16, ROLE_IN_OUT, ROLE_IN_OUT);
    start("long f(const char *s, char **endptr, int base)");
    assert_rows(1, -1, -1, 16, ROLE_IN_OUT, ROLE_INPUT);
    assert_int_equal(arguments[2].role, ROLE_SCALAR);
    struct generate_request request = request_of("int f(const int *const *p)");
    assert_int_equal(generate_check(&request, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "--length 'p[]=NAME'"));
    request = request_of("int f(const int *const *p, int n)");
    request.sizes[request.size_count++] = 1000;
    assert_int_equal(generate_check(&request, &problem), 0);
    request.sizes[0] = 65536;
    assert_int_equal(generate_check(&request, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "more than 1024 MiB"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults),
                                       cmocka_unit_test(test_fills),
                                       cmocka_unit_test(test_lengths),
                                       cmocka_unit_test(test_checks),
                                       cmocka_unit_test(test_files),
                                       cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_arrays_of_arrays),
                                       cmocka_unit_test(test_enumerations_of_c),
                                       cmocka_unit_test(test_enumerations_of_cxx),
                                       cmocka_unit_test(test_enumerations_of_many_values),
                                       cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_callbacks),
                                       cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
