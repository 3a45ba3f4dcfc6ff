/* What of a kernel's folder all variants share: what may change between two revisions, and what may not. */
#include "compile/kernel_common.h"

#include "base/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define KERNEL                                                                                               \
    "#include <countersign.h>\n#include \"sum.h\"\nstatic int setup(void) { return fill(3); }\n"             \
    "const struct cs_kernel cs_kernel = {.variants = {{.name = \"a\", .run = run_a}}, .setup = setup,\n"     \
    ".services = {{.variants = 1, .arguments = (const char *[]){\"x\"}}}};\n"
#define HEADER "#include \"../deep.h\"\nstruct sum { int n; };\nvoid run_a(void *state);\n"
#define FILL "#include \"sum.h\"\nint fill(int n) { return n; }\n"

static char folder[64];

static void write_file(const char *revision, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s/%s", folder, revision, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int write_revisions(void **state) {
    static const char *const revisions[] = {"old", "new"};
    (void)state;
    strcpy(folder, "/tmp/kernel-common-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    for (int i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s/k", folder, revisions[i]);
        if (folder_make(path))
            return -1;
        write_file(revisions[i], "k/kernel.c", KERNEL);
        write_file(revisions[i], "k/sum.h", HEADER);
        write_file(revisions[i], "k/fill.c", FILL);
        write_file(revisions[i], "k/a.c", "#include \"sum.h\"\nvoid run_a(void *state) { (void)state; }\n");
        write_file(revisions[i], "deep.h", "#define DEEP 1\n");
    }
    return 0;
}

static int remove_revisions(void **state) {
    (void)state;
    return folder_remove(folder);
}

/* What differs; "": nothing. */
static const char *changed(void) {
    static char text[256];
    struct problem problem;
    char before[128], after[128];
    snprintf(before, sizeof before, "%s/old/k", folder);
    snprintf(after, sizeof after, "%s/new/k", folder);
    *text = '\0';
    int same = kernel_common_same(before, after, text, sizeof text, &problem);
    assert_int_equal(same, *text == '\0');
    return text;
}

static void what_variants_may_change(void **state) {
    (void)state;
    assert_string_equal(changed(), "");
    write_file("new", "k/a.c", "#include \"sum.h\"\nvoid run_a(void *state) { *(int *)state = 1; }\n");
    write_file("new", "k/b.c", "void run_b(void *state) {}\n");
    write_file("new", "k/own.h", "struct own { int x; };\n");
    write_file("new", "k/sum.h",
               "/* { */ #include \"../deep.h\"\nstruct sum {\n    int n; // count\n};\n"
               "void run_b(void *state);\n");
    write_file(
        "new", "k/kernel.c",
        "/* ' \" */\n#include <countersign.h>\n#include \"sum.h\" // \"\n"
        "static int setup(void)\n{ return fill(3); }\n"
        "const struct cs_kernel cs_kernel = {.variants = {{.name = \"}\", .run = run_b}, {.name = \"a\"}},\n"
        ".setup = setup, .services = {{.variants = 1, .arguments = (const char *[]){\"x\"}}}};\n");
    assert_string_equal(changed(), "");
}

static void what_all_share(void **state) {
    static const struct {
        const char *file, *text, *said;
    } changes[] = {
        {"k/sum.h", "#include \"../deep.h\"\nstruct sum { long n; };\nvoid run_a(void *state);\n", "sum.h"},
        {"k/sum.h", "#include \"../deep.h\"\nstruct sum { int n; };\nextern int m;\n", "sum.h"},
        {"deep.h", "#define DEEP 2\n", "../deep.h"},
        {"k/fill.c", "#include \"sum.h\"\nint fill(int n) { return n + 1; }\n", "fill.c"},
        {"k/kernel.cmake", "set(KERNEL_OPENMP ON)\n", "kernel.cmake"},
        {"k/kernel.sources", "a.c run_a\n", "kernel.sources"},
        {"k/b.cpp", "int b;\n", "b.cpp"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        assert_int_equal(write_revisions(NULL), 0);
        write_file("new", changes[i].file, changes[i].text);
        assert_string_equal(changed(), changes[i].said);
        remove_revisions(NULL);
    }
    /* The descriptor beside its variants, behind a service's number of the same name, and the code. */
    static const char *const from[] = {"fill(3)", ".variants = 1", "\"x\"", ".setup = setup"},
                             *const to[] = {"fill(4)", ".variants = 2", "\"y\"", ".setup = NULL "};
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        char text[sizeof KERNEL + 16];
        strcpy(text, KERNEL);
        memcpy(strstr(text, from[i]), to[i], strlen(to[i]));
        assert_int_equal(write_revisions(NULL), 0);
        write_file("new", "k/kernel.c", text);
        assert_string_equal(changed(), "kernel.c");
        remove_revisions(NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_variants_may_change, write_revisions, remove_revisions),
        cmocka_unit_test(what_all_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
