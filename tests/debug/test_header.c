/* Functions as headers declare them, with attributes, macros and look-alikes around. */
#include "debug/header.h"

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
static char folder[] = "/tmp/header-test-XXXXXX", path[64];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/own.h", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* As it is printed, or the problem's text. */
static const char *read_from(const char *header, const char *function, int expected) {
    static char text[1200];
    struct definitions definitions = {0};
    struct problem problem = {0};
    int status = header_read(&definitions, header, function, NULL, &limits, &problem);
    if (status != expected)
        fail_msg("%s: %d, %s", function, status, problem.text);
    if (status == 0) {
        assert_int_equal(definitions.count, 1);
        definition_print(&definitions.items[0].signature, text, sizeof text);
    } else
        snprintf(text, sizeof text, "%s", problem.text);
    definitions_clear(&definitions);
    return text;
}

static void test_headers_of_the_system(void **state) {
    (void)state;
    assert_string_equal(read_from("string.h", "memchr", 0), "void *memchr(const void *s, int c, size_t n)");
    assert_string_equal(read_from("stdlib.h", "rand", 0), "int rand(void)");
    assert_string_equal(read_from("stdlib.h", "strtod", 0), "double strtod(const char *nptr, char **endptr)");
}

static void test_declarations(void **state) {
    (void)state;
    static const char text[] =
        "struct f { int (*find)(int find); };\n"
        "typedef int find_t(int x);\n"
        "static inline int other(int find) { char c = '{'; const char *s = \"}\\\"{\"; return find + c + *s; }\n"
        "#define LIST(type) (const type *p, \\\n    unsigned long len)\n"
        "extern __attribute__((visibility(\"default\"))) long\n    find LIST(short) __attribute__((pure));\n"
        "#define find(p, n) find_macro(p, n)\n"
        "static inline int body(int x) { return x; }\n"
        "int (*pointer)(int x);\n";
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
    assert_string_equal(read_from(path, "find", 0), "long find(const short *p, unsigned long len)");
    const char *const others[] = {"body", "pointer", "find_t", "fin", "len"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_non_null(strstr(read_from(path, others[i], -EINVAL), "declares no function"));
}

static void test_no_header(void **state) {
    (void)state;
    assert_non_null(
        strstr(read_from("no/such.h", "f", -EINVAL), "--include: no/such.h: it does not compile"));
    assert_non_null(strstr(read_from("a\"b", "f", -EINVAL), "expected a header's name"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_of_the_system),
        cmocka_unit_test(test_declarations),
        cmocka_unit_test(test_no_header),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
