/* What is written for a setup: by the user's names, through pointers or references, with defaults for what is missing. */
#include "compile/generate_setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct generate_setup setup;
static struct signature name;
static struct generate_request request;

static void set_function(enum setup_function which, const char *text, const char *first, bool reference) {
    struct signature *function = &setup.functions[which];
    snprintf(function->name, sizeof function->name, "%s", text);
    snprintf(function->parameters[0].type.text, sizeof function->parameters[0].type.text, "%s", first);
    function->parameters[0].type.reference = reference;
}

static void start(bool cxx) {
    memset(&setup, 0, sizeof setup);
    memset(&request, 0, sizeof request);
    strcpy(name.name, "My.Setup");
    strcpy(setup.path, "/somewhere/s.c");
    strcpy(request.variants[1].path, "/somewhere/b.c");
    request.variants[1].cxx = cxx;
    request.variant_count = 2;
    request.signature = &name;
    request.setup = &setup;
    set_function(SETUP_MAKE, "own::make", "uint32_t", false);
    strcpy(setup.functions[SETUP_MAKE].parameters[1].type.text, "int");
    setup.functions[SETUP_MAKE].result.size = 8;
    set_function(SETUP_CALL, "call", "state &", true);
    set_function(SETUP_COMPARE, "compare", "const state *", false);
}

static void assert_source(const char *const *parts, bool there) {
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    generate_print_setup_source(stream, &request, 1, true);
    fclose(stream);
    for (; *parts; parts++)
        if (!strstr(text, *parts) == there)
            fail_msg("%s is %sin:\n%s", *parts, there ? "not " : "", text);
    free(text);
}

static void names_what_the_user_has(void **state) {
    (void)state;
    start(true);
    assert_source(
        (const char *[]){
            "#include \"/somewhere/b.c\"\n#include <stdbool.h>\n",
            "#include <stdint.h>\n#include \"/somewhere/s.c\"\n", "return own::make((uint32_t)seed, (int)n);",
            "call(*countersign_state(state));", "compare(countersign_state(a), countersign_state(b))",
            "extern \"C\" {\nextern const struct setup_functions countersign_setup_1;",
            "{countersign_call, countersign_make, countersign_compare,",
            "NULL, NULL, sizeof *countersign_state(NULL), 0}", "delete countersign_state(state);", NULL},
        true);
    set_function(SETUP_DESTROY, "own::destroy", "state *", false);
    set_function(SETUP_RESET, "reset", "state *", false);
    set_function(SETUP_ITEMS, "items", "const state &", true);
    setup.functions[SETUP_MAKE].result.size = 0;
    assert_source((const char *[]){"own::destroy(countersign_state(state));",
                                   "countersign_reset, countersign_items, 0, 0}",
                                   "return (size_t)items(*countersign_state(state));", NULL},
                  true);
    assert_source((const char *[]){"delete", "sizeof", NULL}, false);
}

static void takes_answers(void **state) {
    (void)state;
    const char *const table[] = {"NULL, countersign_answer, countersign_forget, countersign_same,",
                                 "sizeof(countersign_answer_type)}", NULL};
    start(true);
    setup.functions[SETUP_COMPARE].name[0] = '\0';
    set_function(SETUP_ANSWER, "own::answer", "const state &", true);
    assert_source(table, true);
    assert_source((const char *[]){"#include \"countersign_answer.hpp\"",
                                   "own::answer(*countersign_state(state))", "countersign_answers::equal(",
                                   NULL},
                  true);
    assert_source((const char *[]){"countersign_compare", NULL}, false);
    request.variants[1].cxx = false;
    setup.functions[SETUP_ANSWER].result.kind = SCALAR_FLOAT;
    assert_source(table, true);
    assert_source((const char *[]){"setup_same_real(*a, *b, tolerance, difference)", NULL}, true);
    setup.functions[SETUP_ANSWER].result.kind = SCALAR_SIGNED;
    assert_source((const char *[]){"setup_same_whole(", NULL}, true);
    assert_source((const char *[]){"static_cast", ".hpp", NULL}, false);
}

static void needs_no_cxx(void **state) {
    (void)state;
    start(false);
    assert_source((const char *[]){"free(state);", "__typeof__", NULL}, true);
    assert_source((const char *[]){"delete", "extern \"C\"", "static_cast", NULL}, false);
}

static void tells_the_kernel(void **state) {
    (void)state;
    char *text;
    size_t size;
    start(false);
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    generate_print_setup(stream, &request);
    fclose(stream);
    assert_non_null(strstr(text, "#define SETUP_NAME \"my-setup\"\n"));
    assert_non_null(strstr(text, "#define SETUP_HAS_ITEMS 0\n"));
    assert_non_null(strstr(text, "{&countersign_setup_0, &countersign_setup_1};"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_what_the_user_has),
                                       cmocka_unit_test(takes_answers), cmocka_unit_test(needs_no_cxx),
                                       cmocka_unit_test(tells_the_kernel)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
