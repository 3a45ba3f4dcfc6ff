/* What a setup keeps of each parameter, and what it has to compare. */
#include "compile/setup_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct signature signature;
static struct draft draft;
static struct generate_request request;

static struct scalar_type type_of(const char *text, enum scalar_kind kind, unsigned size) {
    struct scalar_type type = {.kind = kind, .size = size};
    const char mark = text[strlen(text) - 1];
    strcpy(type.text, text);
    type.pointer = kind != SCALAR_VOID && (mark == '*' || mark == '&');
    type.reference = kind != SCALAR_VOID && mark == '&';
    type.constant = type.pointer && !strncmp(text, "const ", 6);
    return type;
}

static void add(const char *name, const char *text, enum scalar_kind kind, unsigned size) {
    struct signature_parameter *parameter = &signature.parameters[signature.count++];
    strcpy(parameter->name, name);
    parameter->type = type_of(text, kind, size);
}

static void plan(bool cxx) {
    setup_draft_plan(&draft, &request, &signature, "my-setup", cxx);
}

static void start(const char *result, enum scalar_kind kind) {
    memset(&signature, 0, sizeof signature);
    strcpy(signature.name, "f");
    signature.result = type_of(result, kind, kind == SCALAR_VOID ? 0 : 4);
}

static void assert_part(size_t i, enum draft_shape shape, const char *value, bool written, bool filled,
                        bool compared) {
    const struct draft_part *part = &draft.parts[i];
    assert_int_equal(part->shape, shape);
    assert_string_equal(part->value, value);
    assert_int_equal(part->written, written);
    assert_int_equal(part->filled, filled);
    assert_int_equal(part->compared, compared);
}

static char *written(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    setup_draft_write(stream, &draft, "", NULL, 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void test_arrays_in_c(void **state) {
    (void)state;
    start("void", SCALAR_VOID);
    add("in", "const float *", SCALAR_FLOAT, 4);
    add("out", "float *", SCALAR_FLOAT, 4);
    add("n", "int", SCALAR_SIGNED, 4);
    plan(false);
    assert_int_equal(draft.count, 3);
    assert_part(0, DRAFT_ARRAY, "float", false, true, true);
    assert_part(1, DRAFT_ARRAY, "float", true, false, true);
    assert_part(2, DRAFT_NUMBER, "int", false, false, true);
    assert_true(draft.parts[2].length);
    assert_false(draft.sized);
    assert_string_equal(draft.items, "(size_t)s->n");
    char *text = written();
    assert_non_null(strstr(text, "memcmp(a->out, b->out, (size_t)a->n * sizeof *a->out)"));
    assert_null(strstr(text, "in_made"));
    free(text);
}

static void test_types_of_cxx(void **state) {
    (void)state;
    start("std::vector<int>", SCALAR_STRUCTURE);
    add("v", "std::vector<std::string> &", SCALAR_STRUCTURE, 24);
    add("s", "std::span<int const>", SCALAR_STRUCTURE, 16);
    add("t", "std::span<int>", SCALAR_STRUCTURE, 16);
    add("m", "const std::map<int, int> &", SCALAR_STRUCTURE, 48);
    add("r", "std::vector<float> &&", SCALAR_VOID, 0);
    add("p", "int **", SCALAR_VOID, 0);
    add("a", "std::array<own::point, 4>", SCALAR_STRUCTURE, 32);
    plan(true);
    assert_part(0, DRAFT_CONTAINER, "std::vector<std::string>", true, false, true);
    assert_part(1, DRAFT_CONTAINER, "std::vector<int>", false, true, true);
    assert_part(2, DRAFT_CONTAINER, "std::vector<int>", true, true, true);
    assert_part(3, DRAFT_RECORD, "std::map<int, int>", false, false, false);
    assert_part(4, DRAFT_CONTAINER, "std::vector<float>", true, true, false);
    assert_part(5, DRAFT_OTHER, "int **", false, false, false);
    assert_part(6, DRAFT_RECORD, "std::array<own::point, 4>", false, false, false);
    assert_part(7, DRAFT_CONTAINER, "std::vector<int>", false, false, true);
    assert_string_equal(draft.items, "s->v.size()");
    assert_null(setup_draft_left(&draft.parts[0]));
    assert_non_null(setup_draft_left(&draft.parts[3]));
    char *text = written();
    assert_non_null(strstr(text, "return std::make_tuple(s->v, s->t, s->result);"));
    assert_non_null(strstr(text, "::f(s->v, s->s, s->t, s->m, std::move(s->r), s->p, s->a)"));
    free(text);
}

/* By value 0, which may be compared; behind a pointer nothing, whose type is then kept whole. */
static void test_enumerations(void **state) {
    (void)state;
    start("enum e", SCALAR_UNSIGNED);
    add("x", "enum e", SCALAR_UNSIGNED, 4);
    add("p", "const enum e *", SCALAR_UNSIGNED, 4);
    add("q", "enum e **", SCALAR_UNSIGNED, 4);
    add("n", "int", SCALAR_SIGNED, 4);
    signature.parameters[2].type.rows = signature.result.enumeration = true;
    for (size_t i = 0; i < 3; i++)
        signature.parameters[i].type.enumeration = true;
    plan(false);
    assert_part(0, DRAFT_OTHER, "enum e", false, false, true);
    assert_part(1, DRAFT_OTHER, "const enum e *", false, false, false);
    assert_part(2, DRAFT_OTHER, "enum e **", false, false, false);
    assert_part(4, DRAFT_OTHER, "enum e", false, false, true);
    assert_string_equal(setup_draft_left(&draft.parts[0]), "is 0: draw one of its values");
    assert_string_equal(setup_draft_left(&draft.parts[1]),
                        "is null or empty: make it what the function takes");
    char *text = written();
    assert_non_null(
        strstr(text, "int64_t own_answer(const struct own_state *s) { return (int64_t)s->result; }"));
    free(text);
}

static void test_names_that_are_taken(void **state) {
    (void)state;
    start("int", SCALAR_SIGNED);
    add("result", "own::state", SCALAR_STRUCTURE, 4);
    plan(true);
    assert_string_equal(draft.parts[1].name, "result_");
    assert_string_equal(draft.state, "own_state");
    assert_string_equal(draft.space, "own_my_setup");
}

static void test_returned_pointers(void **state) {
    (void)state;
    start("char *", SCALAR_TEXT);
    add("c", "char", SCALAR_TEXT, 1);
    add("text", "const char *", SCALAR_TEXT, 1);
    plan(false);
    assert_int_equal(draft.returned_array, 1);
    assert_true(draft.sized);
    start("int *", SCALAR_SIGNED);
    add("text", "const char *", SCALAR_TEXT, 1);
    plan(false);
    assert_int_equal(draft.returned_array, -1);
    char *text = written();
    assert_non_null(strstr(text, "return false; /* not told yet"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrays_in_c), cmocka_unit_test(test_types_of_cxx),
        cmocka_unit_test(test_enumerations), cmocka_unit_test(test_names_that_are_taken),
        cmocka_unit_test(test_returned_pointers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
