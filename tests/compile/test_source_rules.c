#include "compile/source_rules.h"

#include "compile/cache.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test-source-rules-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    cache_remove(folder);
    return 0;
}

static int read_rules(struct source_rules *rules, const char *text, struct problem *problem) {
    char path[128];
    snprintf(path, sizeof path, "%s/kernel.sources", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return source_rules_read(rules, folder, problem);
}

static void test_none(void **state) {
    (void)state;
    struct source_rules rules;
    struct problem problem;
    assert_int_equal(source_rules_read(&rules, "/nowhere", &problem), 0);
    assert_null(source_rules_symbol(&rules, "/a/b.c"));
    source_rules_clear(&rules);
}

static void test_rules(void **state) {
    (void)state;
    struct source_rules rules;
    struct problem problem;
    struct words native = {0}, portable = {0};
    assert_int_equal(
        read_rules(&rules, "# of two\na.c one -O2 -march=native '-DX=1 2'\n\nb.c two\nlink -lz\n", &problem),
        0);
    assert_string_equal(source_rules_symbol(&rules, "/x/a.c"), "one");
    assert_string_equal(source_rules_symbol(&rules, "b.c"), "two");
    assert_null(source_rules_symbol(&rules, "/a.c/c.c"));
    assert_int_equal(source_rules_add_flags(&rules, "/x/a.c", BUILD_NATIVE, &native), 0);
    assert_int_equal(source_rules_add_flags(&rules, "/x/a.c", BUILD_PORTABLE, &portable), 0);
    assert_int_equal(native.count, 3);
    assert_string_equal(native.items[2], "-DX=1 2");
    assert_int_equal(portable.count, 2);
    assert_string_equal(rules.link.items[0], "-lz");
    words_clear(&native);
    words_clear(&portable);
    source_rules_clear(&rules);
}

static void test_calls(void **state) {
    (void)state;
    struct source_rules rules;
    struct problem problem;
    assert_int_equal(
        read_rules(&rules, "calls a own::f '/x y/a.cpp' source_0.cpp\ncalls b f /lib/b.so\n", &problem), 0);
    assert_int_equal(rules.call_count, 2);
    assert_string_equal(rules.calls[0].variant, "a");
    assert_string_equal(rules.calls[0].function, "own::f");
    assert_string_equal(rules.calls[0].path, "/x y/a.cpp");
    assert_string_equal(rules.calls[0].source, "source_0.cpp");
    assert_null(rules.calls[1].source);
    source_rules_clear(&rules);
}

static void test_parts(void **state) {
    (void)state;
    struct source_rules rules;
    struct problem problem;
    struct words flags = {0};
    assert_int_equal(read_rules(&rules, "a.c one -O2\npart a1.c a.c '/x y/init.c' -O1 -g\n", &problem), 0);
    const struct source_part *part = source_rules_part(&rules, "/z/a1.c");
    assert_non_null(part);
    assert_string_equal(part->path, "/x y/init.c");
    assert_true(source_rules_owns(part, "/z/a.c"));
    assert_false(source_rules_owns(part, "/z/a1.c"));
    assert_null(source_rules_part(&rules, "a.c"));
    assert_int_equal(source_rules_add_flags(&rules, "a1.c", BUILD_NATIVE, &flags), 0);
    assert_int_equal(flags.count, 2);
    assert_string_equal(flags.items[0], "-O1");
    words_clear(&flags);
    source_rules_clear(&rules);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"# one\na.c\n", "# one\na.c f 'open\n", "# one\ncalls v f\n",
                                        "# one\npart b.c a.c\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct source_rules rules;
        struct problem problem = {""};
        assert_int_equal(read_rules(&rules, texts[i], &problem), -EINVAL);
        assert_non_null(strstr(problem.text, "kernel.sources:2: expected"));
        source_rules_clear(&rules);
    }
}

static void compile(const char *text, const char *object) {
    char command[512];
    snprintf(command, sizeof command, "printf '%s' | cc -x c -c -o %s/%s -", text, folder, object);
    assert_int_equal(system(command), 0);
}

/* 0 or -errno; `first` is the object that is left, `second` a part of it or NULL. */
static int isolate(const struct source_rules *rules, const struct words *linker, const char *source,
                   const char *first, const char *second, struct problem *problem) {
    const struct command_limits limits = {60, NULL};
    struct words objects = {0};
    assert_int_equal(words_add(&objects, first) || (second && words_add(&objects, second)), 0);
    int status = source_rules_isolate(rules, linker, source, &objects, &limits, problem);
    words_clear(&objects);
    return status;
}

/* Two objects of the same names go into one program, each with its own. */
static void test_isolated(void **state) {
    (void)state;
    struct source_rules rules;
    struct problem problem = {""};
    struct words linker = {0};
    char object[128], part[128], command[256];
    unsetenv("OBJCOPY");
    assert_int_equal(read_rules(&rules, "a.c one\nb.c two\n", &problem), 0);
    assert_int_equal(words_add(&linker, "cc"), 0);
    compile("int value = 1; int f(void) { return value; } int (*const one)(void) = f;", "a.o");
    compile("int value; int f(void); int (*const two)(void) = f;", "b.o");
    compile("extern int value; int f(void) { return value + 2; }", "part.o");
    snprintf(part, sizeof part, "%s/part.o", folder);
    compile(
        "extern int (*const one)(void), (*const two)(void); int main(void) { return 10 * one() + two(); }",
        "main.o");
    for (int i = 0; i < 2; i++) {
        snprintf(object, sizeof object, "%s/%c.o", folder, "ab"[i]);
        if (isolate(&rules, &linker, i ? "/x/b.c" : "/x/a.c", object, i ? part : NULL, &problem))
            fail_msg("%s", problem.text);
    }
    snprintf(command, sizeof command, "cd %s && cc main.o a.o b.o && { ./a.out; test $? = 12; }", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(isolate(&rules, &linker, "c.c", "/nowhere.o", NULL, &problem), 0);
    assert_int_equal(isolate(&rules, &linker, "a.c", "/nowhere.o", NULL, &problem), -ENOEXEC);
    assert_non_null(strstr(problem.text, "cannot separate a.c: exit status "));
    setenv("OBJCOPY", "/nowhere/objcopy", 1);
    assert_int_equal(isolate(&rules, &linker, "a.c", object, NULL, &problem), -ENOENT);
    unsetenv("OBJCOPY");
    words_clear(&linker);
    source_rules_clear(&rules);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_none),    cmocka_unit_test(test_rules),
                                       cmocka_unit_test(test_calls),   cmocka_unit_test(test_parts),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_isolated)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
