/* When a compiler is asked again: a script stands for it that notes each compilation, and has the real one do it. */
#include "base/folder.h"
#include "debug/prototype.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define TESTS 9 /* folders of sources, one for each test that changes them */

static const struct command_limits limits = {60, NULL};
static char folder[64], own[128], log_path[128], compiler[128], real_compiler[1024];
static int number; /* of the test */

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static const char *at(const char *name) {
    static char paths[4][256];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", own, name);
    return path;
}

static void write_compiler(const char *version) {
    char text[2048];
    snprintf(
        text, sizeof text,
        "#!/bin/sh\ncase \"$*\" in\n--version) echo '%s'; exit;;\n*' -c '*) printf x >> '%s';;\nesac\nexec %s \"$@\"\n",
        version, log_path, real_compiler);
    write_file(compiler, text);
    assert_int_equal(chmod(compiler, 0700), 0);
}

static void enter(int test) {
    number = test;
    snprintf(own, sizeof own, "%s/%d", folder, test);
}

/* f.c includes <t.h>, which is in the second of two folders that are searched. */
static void write_sources(int test) {
    enter(test);
    assert_int_equal(mkdir(own, 0700) | mkdir(at("first"), 0700) | mkdir(at("second"), 0700), 0);
    write_file(at("second/t.h"), "#ifndef NUMBER\n#define NUMBER int\n#endif\ntypedef NUMBER number;\n");
    write_file(at("f.c"), "#include <t.h>\nnumber f(number x) { return x; }\n");
}

static int set_up_all(void **state) {
    (void)state;
    const char *cc = getenv("CC");
    snprintf(real_compiler, sizeof real_compiler, "%s", cc && *cc ? cc : "cc");
    strcpy(folder, "/tmp/definitions-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    snprintf(compiler, sizeof compiler, "%s/compiler", folder);
    write_compiler("1");
    write_file(log_path, "");
    setenv("CC", compiler, 1);
    for (int test = 0; test < TESTS; test++)
        write_sources(test);
    nanosleep(&(struct timespec){2, 200000000}, NULL); /* what is younger is not relied on */
    enter(-1);
    return 0;
}

static int tear_down_all(void **state) {
    (void)state;
    return folder_remove(folder);
}

static int set_up(void **state) {
    (void)state;
    char flags[512], cache[128];
    enter(number + 1);
    assert_true(number < TESTS);
    snprintf(flags, sizeof flags, "-I%s -I%s", at("first"), at("second"));
    setenv("CFLAGS", flags, 1);
    snprintf(cache, sizeof cache, "%s/cache-%d", folder, number);
    setenv("XDG_CACHE_HOME", cache, 1);
    return 0;
}

static long compilations(void) {
    struct stat facts;
    assert_int_equal(stat(log_path, &facts), 0);
    return (long)facts.st_size;
}

/* How often something is compiled until f's type is known, which is as expected. */
static long ask_with(const char *flags, const char *source, const char *its_own, const char *expected) {
    struct definitions definitions = {0};
    struct problem problem;
    char text[512];
    long before = compilations();
    int status = definitions_compile(&definitions, source, false, flags, its_own, &limits, &problem);
    if (status)
        fail_msg("%s", problem.text);
    assert_int_equal(definitions.count, 1);
    definition_print(&definitions.items[0].signature, text, sizeof text);
    assert_string_equal(text, expected);
    definitions_clear(&definitions);
    return compilations() - before;
}

static long ask(const char *expected) {
    return ask_with(NULL, at("f.c"), NULL, expected);
}

static void the_same_is_not_compiled_again(void **state) {
    (void)state;
    assert_int_equal(ask("int f(int x)"), 1);
    assert_int_equal(ask("int f(int x)"), 0);
    write_file(at("result.json"), "written beside the source");
    assert_int_equal(ask("int f(int x)"), 0);
}

static void a_changed_source_or_header_is_compiled(void **state) {
    (void)state;
    assert_int_equal(ask("int f(int x)"), 1);
    write_file(at("second/t.h"), "typedef long number;\n");
    assert_int_equal(ask("long f(long x)"), 1);
    write_file(at("f.c"), "#include <t.h>\nchar f(number x) { return (char)x; }\n");
    assert_int_equal(ask("char f(long x)"), 1);
}

static void a_header_that_is_found_earlier_is_compiled(void **state) {
    (void)state;
    assert_int_equal(ask("int f(int x)"), 1);
    write_file(at("first/t.h"), "typedef short number;\n");
    assert_int_equal(ask("short f(short x)"), 1);
}

static void another_compiler_compiles(void **state) {
    (void)state;
    assert_int_equal(ask("int f(int x)"), 1);
    write_compiler("2");
    assert_int_equal(ask("int f(int x)"), 1);
    assert_int_equal(ask("int f(int x)"), 0);
    write_compiler("1");
    assert_int_equal(ask("int f(int x)"), 0);
}

static void other_flags_compile(void **state) {
    (void)state;
    char flags[512];
    assert_int_equal(ask("int f(int x)"), 1);
    assert_int_equal(ask_with("-DNUMBER=double", at("f.c"), NULL, "double f(double x)"), 1);
    snprintf(flags, sizeof flags, "%s -DNUMBER=float", getenv("CFLAGS"));
    setenv("CFLAGS", flags, 1);
    assert_int_equal(ask("float f(float x)"), 1);
    setenv("CPATH", at("first"), 1);
    assert_int_equal(ask("float f(float x)"), 1);
    unsetenv("CPATH");
    assert_int_equal(ask("float f(float x)"), 0);
}

/* Of the one file of the cache whose name ends so, `keep` bytes are kept and then changed where they end. */
static void damage(const char *suffix, long keep) {
    char cache[512], path[1024] = "";
    snprintf(cache, sizeof cache, "%s/countersign", getenv("XDG_CACHE_HOME"));
    DIR *outer = opendir(cache);
    for (struct dirent *entry; (entry = readdir(outer));)
        if (!strncmp(entry->d_name, "types", 5))
            snprintf(cache + strlen(cache), sizeof cache - strlen(cache), "/%s", entry->d_name);
    closedir(outer);
    DIR *inner = opendir(cache);
    assert_non_null(inner);
    for (struct dirent *entry; (entry = readdir(inner));)
        if (strstr(entry->d_name, suffix))
            snprintf(path, sizeof path, "%s/%s", cache, entry->d_name);
    closedir(inner);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    if (keep >= 0)
        assert_int_equal(ftruncate(fileno(file), keep), 0);
    else {
        fseek(file, 700, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, 700, SEEK_SET);
        fputc(byte ^ 1, file);
    }
    fclose(file);
}

static void what_is_damaged_is_compiled(void **state) {
    (void)state;
    static const struct {
        const char *suffix;
        long keep;
    } cases[] = {{".types", -1}, {".types", 0}, {".types", 1000}, {".uses", 0}, {".uses", 300}};
    assert_int_equal(ask("int f(int x)"), 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        damage(cases[i].suffix, cases[i].keep);
        assert_int_equal(ask("int f(int x)"), 1);
        assert_int_equal(ask("int f(int x)"), 0);
    }
}

static void several_at_once_agree(void **state) {
    (void)state;
    pid_t pids[4];
    for (size_t i = 0; i < 4; i++)
        if ((pids[i] = fork()) == 0) {
            struct definitions definitions = {0};
            int status = definitions_compile(&definitions, at("f.c"), false, NULL, NULL, &limits, NULL);
            _exit(status == 0 && definitions.count == 1 && definitions.items[0].signature.count == 1 ? 0 : 1);
        }
    for (size_t i = 0; i < 4; i++) {
        int wait_status = -1;
        assert_int_equal(waitpid(pids[i], &wait_status, 0), pids[i]);
        assert_int_equal(wait_status, 0);
    }
    assert_int_equal(ask("int f(int x)"), 0);
}

static void what_is_generated_is_known_by_its_text(void **state) {
    (void)state;
    struct signature signature;
    struct problem problem;
    static const char *const folders[] = {"one", "other"};
    for (int i = 0; i < 2; i++) {
        char its_own[256], source[300];
        snprintf(its_own, sizeof its_own, "%s", at(folders[i]));
        snprintf(source, sizeof source, "%s/g.c", its_own);
        assert_int_equal(mkdir(its_own, 0700), 0);
        write_file(source, "#include <t.h>\nnumber f(number a) { return a; }\n");
        assert_int_equal(ask_with(NULL, source, its_own, "int f(int a)"), i == 0);
        write_file(source, "#include <t.h>\nnumber f(number b) { return b; }\n");
        assert_int_equal(ask_with(NULL, source, its_own, "int f(int b)"), i == 0);
        assert_int_equal(folder_remove(its_own), 0);
    }
    long before = compilations();
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            prototype_read(&signature, i < 2 ? "int f(int x)" : "int f(int y)", false, &limits, &problem), 0);
    assert_int_equal(compilations() - before, 2);
    assert_string_equal(signature.parameters[0].name, "y");
}

static void without_a_cache_all_is_compiled(void **state) {
    (void)state;
    char *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    assert_int_equal(ask("int f(int x)"), 1);
    assert_int_equal(ask("int f(int x)"), 1);
    if (home)
        setenv("HOME", home, 1);
    free(home);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {TEST(the_same_is_not_compiled_again),
                                       TEST(a_changed_source_or_header_is_compiled),
                                       TEST(a_header_that_is_found_earlier_is_compiled),
                                       TEST(another_compiler_compiles),
                                       TEST(other_flags_compile),
                                       TEST(what_is_damaged_is_compiled),
                                       TEST(several_at_once_agree),
                                       TEST(what_is_generated_is_known_by_its_text),
                                       TEST(without_a_cache_all_is_compiled)};
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
