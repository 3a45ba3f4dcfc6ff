/* Sources come from templates/. */
#include "compile/kernel_build.h"

#include "countersign.h"

#include "compile/cache.h"

#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], kernel[128];

static struct kernel_build_request request = {
    .folder = kernel, .kind = BUILD_NATIVE, .include = TEST_SOURCE "/harness/include", .time_s = 100};

static void write_file(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", kernel, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A descriptor of one variant, which is in variant.c and includes value.h from outside the folder. */
static int make_kernel(void **state) {
    (void)state;
    strcpy(folder, "/tmp/build-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(kernel, sizeof kernel, "%s/a kernel", folder);
    assert_int_equal(mkdir(kernel, 0700), 0);
    char cache[128];
    snprintf(cache, sizeof cache, "%s/cache", folder);
    setenv("XDG_CACHE_HOME", cache, 1);
    static const char *const names[] = {"CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "PKG_CONFIG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    request.kind = BUILD_NATIVE;
    request.alone = false;
    request.interrupted = NULL;
    request.name = request.flags[0] = NULL;
    request.sources = NULL;
    write_file("kernel.c", "#include <countersign.h>\nvoid run(void *);\n"
                           "const struct cs_kernel cs_kernel = {CS_KERNEL_HEADER, .name = \"k\",\n"
                           ".variants = {{.name = \"v\", .run = run}}};\n");
    write_file("variant.c", "#include \"../value.h\"\nvoid run(void *state) { *(int *)state = VALUE; }\n");
    write_file("../value.h", "#define VALUE 1\n");
    return 0;
}

static int remove_kernel(void **state) {
    (void)state;
    cache_remove(folder);
    return 0;
}

static void assert_built(size_t compiled, char *module, size_t size) {
    struct kernel_build build;
    struct problem problem;
    if (kernel_build(&request, &build, &problem))
        fail_msg("%s\n%s", problem.text, build.messages ? build.messages : "");
    assert_null(build.messages);
    assert_int_equal(build.compiled, compiled);
    snprintf(module, size, "%s", build.module);
    kernel_build_clear(&build);
}

static int value_of(const char *module, char *flags, size_t size) {
    int value = 0;
    void *handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    const struct cs_kernel *kernel_found = dlsym(handle, "cs_kernel");
    assert_non_null(kernel_found);
    assert_null(dlsym(handle, "run")); /* what a module defines cannot be replaced from outside */
    kernel_found->variants[0].run(&value);
    snprintf(flags, size, "%s", kernel_found->flags);
    dlclose(handle);
    return value;
}

/* Of files that only the compiler reads nothing tells whether they are as they were. */
static void what_a_profile_made_is_made_again(void **state) {
    (void)state;
    char module[4096];
    assert_built(4, module, sizeof module);
    assert_built(0, module, sizeof module);
    setenv("CFLAGS", "-O2 -fprofile-use -Wno-missing-profile", 1);
    assert_built(4, module, sizeof module);
    assert_built(4, module, sizeof module);
    setenv("CFLAGS", "-O2 -fno-profile-values", 1);
    assert_built(4, module, sizeof module);
    assert_built(0, module, sizeof module);
    unsetenv("CFLAGS");
}

static void test_modules_and_links(void **state) {
    (void)state;
    char module[4096], flags[256];
    assert_true(kernel_folder_is(kernel));
    assert_false(kernel_folder_is(folder));
    assert_built(4, module, sizeof module);
    assert_int_equal(value_of(module, flags, sizeof flags), 1);
    assert_string_equal(flags, "-std=gnu17 -O3 -g -march=native " TOOLCHAIN_AS_A_PROGRAM " -fno-lto");
    char *end = strstr(module, "a kernel.native.so");
    assert_non_null(end);
    strcpy(end, "a kernel.portable.so");
    assert_int_equal(access(module, R_OK), 0);
    strcpy(end, "a kernel.native.link/command");
    assert_int_equal(access(module, R_OK), 0);
    strcpy(end, "a kernel.native.link/variant.c.o");
    assert_int_equal(access(module, R_OK), 0);
}

static void test_nothing_stale_and_nothing_twice(void **state) {
    (void)state;
    char first[4096], again[4096], flags[256];
    assert_built(4, first, sizeof first);
    assert_built(0, again, sizeof again);
    assert_string_equal(first, again);
    write_file("../value.h", "#define VALUE 2\n");
    assert_built(2, again, sizeof again); /* variant.c, in both builds */
    assert_int_equal(value_of(again, flags, sizeof flags), 2);
    write_file("../value.h", "#define VALUE 1\n");
    assert_built(0, again, sizeof again);
    assert_string_equal(first, again);
    setenv("CFLAGS", "-O1", 1);
    assert_built(4, again, sizeof again);
    assert_int_equal(value_of(again, flags, sizeof flags), 1);
    assert_string_equal(flags, "-std=gnu17 -O1 " TOOLCHAIN_AS_A_PROGRAM " -fno-lto");
}

/* What a flag in CC does to the code, its record must not keep to itself; warnings change no code. */
static void test_the_record_is_the_command_line(void **state) {
    (void)state;
    char module[4096], flags[256];
    setenv("CC", "cc -fno-tree-vectorize", 1);
    setenv("LDFLAGS", "-Wl,-O1", 1);
    request.flags[0] = "-Wall -Wextra";
    assert_built(4, module, sizeof module);
    request.flags[0] = NULL;
    value_of(module, flags, sizeof flags);
    assert_string_equal(flags, "-fno-tree-vectorize -std=gnu17 -O3 -g -march=native " TOOLCHAIN_AS_A_PROGRAM
                               " -fno-lto -Wl,-O1");
}

static size_t preprocessed(char *module, size_t size) {
    struct kernel_build build;
    struct problem problem;
    if (kernel_build(&request, &build, &problem))
        fail_msg("%s\n%s", problem.text, build.messages ? build.messages : "");
    size_t count = build.preprocessed;
    snprintf(module, size, "%s", build.module);
    kernel_build_clear(&build);
    return count;
}

static void test_nothing_is_asked_where_nothing_changed(void **state) {
    (void)state;
    char module[4096], flags[256], first[192], second[192], all[512];
    snprintf(first, sizeof first, "%s/first", folder);
    snprintf(second, sizeof second, "%s/second", folder);
    assert_int_equal(mkdir(first, 0700) | mkdir(second, 0700), 0);
    snprintf(all, sizeof all, "-O1 -I%s -I%s", first, second);
    setenv("CFLAGS", all, 1);
    write_file("variant.c", "#include <shadow.h>\nvoid run(void *state) { *(int *)state = VALUE; }\n");
    write_file("../second/shadow.h", "#define VALUE 1\n");
    assert_int_equal(preprocessed(module, sizeof module), 4);
    nanosleep(&(struct timespec){2, 200000000}, NULL); /* what is younger is not relied on */
    assert_int_equal(preprocessed(module, sizeof module), 4);
    assert_int_equal(preprocessed(module, sizeof module), 0);
    assert_int_equal(value_of(module, flags, sizeof flags), 1);
    write_file("../first/shadow.h", "#define VALUE 2\n");
    assert_true(preprocessed(module, sizeof module) > 0);
    assert_int_equal(value_of(module, flags, sizeof flags), 2);
}

static void assert_missing(const char *what) {
    struct kernel_build build;
    struct problem problem;
    assert_int_equal(kernel_build(&request, &build, &problem), -ENOPKG);
    if (!strstr(problem.text, what))
        fail_msg("%s", problem.text);
    kernel_build_clear(&build);
}

static void test_what_is_not_installed_is_told(void **state) {
    (void)state;
    struct kernel_build build;
    struct problem problem;
    write_file("kernel.cmake", "set(KERNEL_PACKAGES no-such-package)\n");
    assert_missing("no-such-package");
    write_file("kernel.cmake", "set(KERNEL_LIBRARIES m no_such_library)\n");
    assert_missing("the library no_such_library");
    write_file("variant.c", "#include <no_such_library.h>\nvoid run(void *state) { (void)state; }\n");
    assert_missing("the library no_such_library");
    write_file("kernel.cmake", "set(KERNEL_LIBRARIES m)\n"); /* which is there: the source is at fault */
    assert_int_equal(kernel_build(&request, &build, &problem), -ENOEXEC);
    kernel_build_clear(&build);
}

static bool is_published(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* As a build system asks for it: a name and sources of its choice, and what came of it in one folder. */
static void test_published(void **state) {
    (void)state;
    struct kernel_build build;
    struct problem problem;
    struct words sources = {0};
    char path[256];
    snprintf(path, sizeof path, "%s/kernel.c", kernel);
    words_add(&sources, path);
    write_file("other.c", "void run(void *state) { *(int *)state = 7; }\n");
    snprintf(path, sizeof path, "%s/other.c", kernel);
    words_add(&sources, path);
    request.name = "named";
    request.sources = &sources;
    assert_int_equal(kernel_build(&request, &build, &problem), 0);
    assert_int_equal(kernel_build_leave_out(folder, "named", "no reason", &problem), 0);
    assert_true(is_published("named.missing"));
    assert_int_equal(kernel_build_publish(&build, folder, &problem), 0);
    assert_false(is_published("named.missing"));
    assert_true(is_published("named.portable.so") && is_published("named.native.link/other.c.o") &&
                is_published("named.native.link/command"));
    assert_false(is_published("named.native.link/variant.c.o"));
    char flags[256];
    snprintf(path, sizeof path, "%s/named.native.so", folder);
    assert_int_equal(value_of(path, flags, sizeof flags), 7);
    assert_int_equal(kernel_build_publish(&build, folder, &problem), 0); /* over what is there */
    assert_int_equal(kernel_build_leave_out(folder, "named", "no reason", &problem), 0);
    assert_false(is_published("named.native.so") || is_published("named.native.link"));
    kernel_build_clear(&build);
    words_clear(&sources);
    request.name = NULL;
    request.sources = NULL;
}

static void test_errors_are_the_compilers(void **state) {
    (void)state;
    struct kernel_build build;
    struct problem problem;
    write_file("variant.c", "void run(void *state) {\n    return oops;\n}\n");
    assert_int_equal(kernel_build(&request, &build, &problem), -ENOEXEC);
    assert_non_null(strstr(problem.text, "cannot compile"));
    assert_non_null(strstr(problem.text, "variant.c"));
    assert_non_null(build.messages);
    assert_non_null(strstr(build.messages, "variant.c:2:"));
    assert_non_null(strstr(build.messages, "oops"));
    kernel_build_clear(&build);
    write_file("variant.c", "void nowhere(void);\nvoid run(void *state) {\n    (void)state, nowhere();\n}\n");
    assert_int_equal(kernel_build(&request, &build, &problem), -ENOEXEC);
    assert_non_null(strstr(problem.text, "cannot link"));
    assert_non_null(strstr(build.messages, "nowhere"));
    kernel_build_clear(&build);
    setenv("CC", "/no-such-folder/no-such-compiler", 1); /* by its path: see test_command.c */
    assert_int_equal(kernel_build(&request, &build, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "no-such-compiler"));
    kernel_build_clear(&build);
}

static void test_warnings_once(void **state) {
    (void)state;
    struct kernel_build build;
    struct problem problem;
    write_file("variant.c", "#warning careful\nvoid run(void *state) {\n    *(int *)state = 1;\n}\n");
    assert_int_equal(kernel_build(&request, &build, &problem), 0);
    assert_non_null(build.messages);
    const char *first = strstr(build.messages, "warning: #warning careful");
    assert_non_null(first ? first : strstr(build.messages, "warning: careful"));
    assert_null(first ? strstr(first + 1, "warning: #warning careful") : NULL);
    kernel_build_clear(&build);
}

/* Code that only this machine's processor can have is measured all the same, only not simulated. */
static void test_without_a_portable_build(void **state) {
    (void)state;
    struct kernel_build build;
    struct problem problem;
    char module[4096];
    setenv("CFLAGS", "-O1 -march=native", 1);
    write_file("kernel.cmake", "set(KERNEL_LIBRARIES m)\n");
    write_file("portable.c", "extern const int unused;\n");
    assert_built(6, module, sizeof module);
    write_file("portable.c",
               "#if !defined __AVX512F__ && defined __x86_64__\n#error only with AVX-512\n#endif\n"
               "extern const int unused;\n");
    setenv("CFLAGS", "-O1 -mavx512f", 1);
#ifdef __x86_64__
    assert_built(3, module, sizeof module);
    request.kind = BUILD_PORTABLE;
    assert_int_equal(kernel_build(&request, &build, &problem), -ENOEXEC);
    assert_non_null(strstr(build.messages, "only with AVX-512"));
    kernel_build_clear(&build);
#else
    (void)build, (void)problem;
#endif
}

static bool has_portable(const char *module) {
    char path[4096];
    snprintf(path, sizeof path, "%.*sportable.so", (int)(strlen(module) - strlen("native.so")), module);
    return access(path, F_OK) == 0;
}

/* Where nothing is simulated; once something is, the same objects and those of the other build. */
static void test_one_build_alone(void **state) {
    (void)state;
    char module[4096], flags[256];
    request.alone = true;
    assert_built(2, module, sizeof module);
    assert_int_equal(value_of(module, flags, sizeof flags), 1);
    assert_false(has_portable(module));
    request.alone = false;
    assert_built(2, module, sizeof module);
    assert_true(has_portable(module));
    request.alone = true;
    request.kind = BUILD_PORTABLE;
    assert_built(0, module, sizeof module);
    assert_non_null(strstr(module, "a kernel.portable.so"));
}

static void test_interrupted_and_unusable(void **state) {
    (void)state;
    static const volatile sig_atomic_t interrupted = SIGINT;
    struct kernel_build build;
    struct problem problem;
    request.interrupted = &interrupted;
    assert_int_equal(kernel_build(&request, &build, &problem), -EINTR);
    kernel_build_clear(&build);
    request.interrupted = NULL;
    setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    assert_true(kernel_build(&request, &build, &problem) < 0);
    assert_non_null(strstr(problem.text, "XDG_CACHE_HOME"));
    kernel_build_clear(&build);
}

static void test_cache_forgets_what_nobody_used(void **state) {
    (void)state;
    char module[4096], path[4200];
    assert_built(4, module, sizeof module);
    *strrchr(module, '/') = '\0';
    const struct timespec old[2] = {{.tv_sec = time(NULL) - 31 * 86400}, {.tv_sec = time(NULL) - 31 * 86400}};
    assert_int_equal(utimensat(0, module, old, 0), 0);
    snprintf(path, sizeof path, "%s", module);
    *strrchr(path, '/') = '\0';
    char object[4300];
    snprintf(object, sizeof object, "%s/old.o", path);
    FILE *file = fopen(object, "we");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(utimensat(0, object, old, 0), 0);
    cache_prune(path);
    assert_int_not_equal(access(module, F_OK), 0);
    assert_int_not_equal(access(object, F_OK), 0);
    assert_built(0, module, sizeof module); /* its objects are young: linked again */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_kernel, remove_kernel)
    const struct CMUnitTest tests[] = {TEST(test_modules_and_links),
                                       TEST(what_a_profile_made_is_made_again),
                                       TEST(test_nothing_stale_and_nothing_twice),
                                       TEST(test_the_record_is_the_command_line),
                                       TEST(test_nothing_is_asked_where_nothing_changed),
                                       TEST(test_what_is_not_installed_is_told),
                                       TEST(test_published),
                                       TEST(test_errors_are_the_compilers),
                                       TEST(test_warnings_once),
                                       TEST(test_without_a_portable_build),
                                       TEST(test_one_build_alone),
                                       TEST(test_interrupted_and_unusable),
                                       TEST(test_cache_forgets_what_nobody_used)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
