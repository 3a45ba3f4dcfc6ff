/*
 * Links of a module that is built here by cmake/link-recipe: where its code and data lie, what stays the
 * same, and what goes wrong.
 */
#include "compile/links.h"

#include "compile/link_pad.h"

#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LINKS 48

static char folder[64], module[128];
static const struct command_limits limits = {60, NULL};

/* Two objects, each with a page-aligned or unaligned thing in every section that is moved. */
static const char *const sources[] = {
    "static const char text[16] = \"first\"; char first_data[32] = {1}; char first_bss[32];\n"
    "const char *const first_relro[4] = {text}; _Thread_local char first_tls[32];\n"
    "__attribute__((aligned(16))) int first(int x) { return x + first_data[0] + first_bss[0] + first_tls[0]; "
    "}\n",
    "#include <math.h>\n"
    "const char second_rodata[32] = {2}; char second_data[32] = {3}; char second_bss[32];\n"
    "int first(int);\n"
    "const char *const second_relro[4] = {second_data}; _Thread_local char second_tls[32];\n"
    "__attribute__((aligned(16))) int second(int x) { second_bss[0] = 0; second_tls[1] = 5;\n"
    "    return first(x) + second_data[0] + (int)cbrt(8.0 + second_bss[1]); }\n"
    /* Several members of libgcc.a, where there are numbers of 128 bits. */
    "#ifdef __SIZEOF_INT128__\n"
    "__int128 widen(double x) { return (__int128)x; } double narrow(__int128 x) { return (double)x; }\n"
    "unsigned __int128 divide(unsigned __int128 x, unsigned __int128 y) { return x / y; }\n"
    "#endif\n",
};

static void run(const char *format, ...) {
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static int set_up(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/countersign-links-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(module, sizeof module, "%s/m.so", folder);
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%zu.c", folder, i);
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        fputs(sources[i], file);
        fclose(file);
        run("cc -O1 -fPIC -ftls-model=initial-exec -c -o %s/%zu.o %s", folder, i, path);
    }
    run("cc -shared -o %s %s/0.o %s/1.o -lm", module, folder, folder);
    run("%s/cmake/link-recipe %s/m.link %s/0.o %s/1.o -- cc -- -fno-lto -lm", TEST_SOURCE, folder, folder,
        folder);
    run("mkdir %s/made", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    run("rm -rf %s", folder);
    return 0;
}

static struct links *open_links(uint64_t seed) {
    struct links *links = NULL;
    struct problem problem = {""};
    char made[128];
    snprintf(made, sizeof made, "%s/made", folder);
    if (links_open(&links, module, made, seed, TEST_SOURCE "/cmake/link-recipe", &problem))
        fail_msg("%s", problem.text);
    return links;
}

static const char *make(struct links *links, unsigned number) {
    struct problem problem = {""};
    const char *path = NULL;
    if (links_make(links, number, &limits, &path, &problem))
        fail_msg("%s", problem.text);
    return path;
}

/* Offset of a symbol in its page, or of thread-local data from its neighbour. */
static size_t place_of(void *handle, const char *name) {
    char *address = dlsym(handle, name);
    assert_non_null(address);
    return (size_t)address % 4096;
}

static const char *const moved[] = {"first",       "second",       "second_rodata",
                                    "first_relro", "second_relro", "first_data",
                                    "second_data", "first_bss",    "second_bss"};
#define MOVED (sizeof moved / sizeof *moved)

static void read_places(const char *path, size_t places[MOVED]) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    int (*second)(int) = NULL;
    *(void **)&second = dlsym(handle, "second");
    assert_non_null(second);
    assert_int_equal(second(10), 10 + 1 + 3 + 2);
    for (size_t i = 0; i < MOVED; i++)
        places[i] = place_of(handle, moved[i]);
    dlclose(handle);
}

/* The compiler says -fno-lto to collect2. To ld, it would be -f no-lto, a library to be looked for at each load. */
static void nothing_is_loaded_in_its_place(void **state) {
    (void)state;
    struct links *links = open_links(1);
    run("! readelf -W -d %s | grep -i -e auxiliary -e filter", make(links, 1));
    links_close(links);
}

/* Of a linker that has such an option. */
static void tables_are_as_small_as_the_module(void **state) {
    (void)state;
    run("! $(sed -n 2p %s/m.link/recipe) --help | grep -q -e --hash-size || grep -qx -e --hash-size=31 %s/m.link/recipe",
        folder, folder);
}

static void read_bytes(const char *path, char **bytes, size_t *size) {
    FILE *file = fopen(path, "re"), *stream = open_memstream(bytes, size);
    assert_true(file && stream);
    for (int c; (c = fgetc(file)) != EOF;)
        fputc(c, stream);
    fclose(file);
    fclose(stream);
}

static void folder_is_empty(void) {
    char made[128];
    snprintf(made, sizeof made, "%s/made", folder);
    assert_int_equal(rmdir(made), 0); /* neither links nor what they were made of is left */
    assert_int_equal(mkdir(made, 0700), 0);
}

/* The links are those that are made one after the other. */
static void links_can_be_made_side_by_side(void **state) {
    (void)state;
    enum { LINKERS = 6 };
    struct problem problem = {""};
    char *alone[LINKERS], *beside[LINKERS];
    size_t sizes[2][LINKERS];
    struct links *links = open_links(7);
    for (unsigned i = 0; i < LINKERS; i++)
        read_bytes(make(links, i + 1), &alone[i], &sizes[0][i]);
    links_close(links);
    links = open_links(7);
    for (unsigned i = 0; i < 2 * LINKERS; i++) /* to begin one twice is to begin it once */
        assert_int_equal(links_begin(links, LINKERS - i % LINKERS, &limits, &problem), 0);
    for (unsigned i = 0; i < LINKERS; i++) {
        read_bytes(make(links, i + 1), &beside[i], &sizes[1][i]);
        assert_int_equal(sizes[0][i], sizes[1][i]);
        assert_memory_equal(alone[i], beside[i], sizes[0][i]);
        free(alone[i]);
        free(beside[i]);
    }
    assert_int_equal(links_begin(links, 0, &limits, &problem), 0);
    assert_int_equal(links_begin(links, 3, &limits, &problem), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* what is made is not begun again */
    links_close(links);
    folder_is_empty();
}

static void write_linker(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", text);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
    run("cd %s && cp m.link/recipe kept && sed -i 's#^/.*ld.*#%s#' m.link/recipe", folder, path);
}

/* One that hangs is ended at its limit, at an interruption, and with the links; nothing of it is left. */
static void a_linker_that_hangs_is_ended(void **state) {
    (void)state;
    static const volatile sig_atomic_t told = 1;
    const struct command_limits limited = {0.2, NULL}, interrupted = {60, &told};
    struct problem problem = {""};
    const char *path = NULL;
    write_linker("hangs", "exec sleep 1000");
    struct links *links = open_links(1);
    assert_int_equal(links_make(links, 1, &limited, &path, &problem), -ETIMEDOUT);
    assert_non_null(strstr(problem.text, "--layout fixed"));
    assert_int_equal(links_make(links, 1, &interrupted, &path, &problem), -EINTR);
    assert_int_equal(links_begin(links, 2, &limits, &problem), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
    links_close(links);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    run("cd %s && mv kept m.link/recipe", folder);
    folder_is_empty();
}

static void every_section_is_moved_by_itself(void **state) {
    (void)state;
    static size_t places[LINKS][MOVED];
    struct links *links = open_links(1);
    for (unsigned i = 0; i < LINKS; i++)
        read_places(make(links, i + 1), places[i]);
    /* 48 draws of 256 places are 44 different ones on average; and no two things keep their distance. */
    for (size_t thing = 0; thing < MOVED; thing++)
        for (size_t other = 0; other <= thing; other++) {
            size_t different = 0;
            for (size_t i = 0; i < LINKS; i++) {
                bool seen = false;
                for (size_t j = 0; j < i; j++) {
                    size_t here = places[i][thing] - (other < thing ? places[i][other] : 0);
                    size_t there = places[j][thing] - (other < thing ? places[j][other] : 0);
                    seen |= here % 4096 == there % 4096;
                }
                different += !seen;
            }
            if (different < 30)
                fail_msg("%s against %s: %zu of %d places differ", moved[thing],
                         other < thing ? moved[other] : "its page", different, LINKS);
        }
    links_close(links);
}

static void objects_change_their_order(void **state) {
    (void)state;
    struct links *links = open_links(2);
    size_t first_before = 0;
    for (unsigned i = 1; i <= 24; i++) {
        void *handle = dlopen(make(links, i), RTLD_NOW | RTLD_LOCAL);
        assert_non_null(handle);
        first_before += (char *)dlsym(handle, "first") < (char *)dlsym(handle, "second");
        dlclose(handle);
    }
    assert_in_range(first_before, 3,
                    21); /* 24 tosses: outside in 1 of 30,000 seeds, and this seed is fixed */
    links_close(links);
}

static void same_places(struct links *a, struct links *b, unsigned number, bool same) {
    size_t here[MOVED], there[MOVED];
    read_places(make(a, number), here);
    links_close(a);
    read_places(make(b, number), there);
    links_close(b);
    assert_int_equal(memcmp(here, there, sizeof here) == 0, same);
}

static void places_follow_from_seed_and_content(void **state) {
    (void)state;
    same_places(open_links(7), open_links(7), 3, true);
    same_places(open_links(7), open_links(8), 3, false);
    struct links *before = open_links(7);
    run("cd %s && cp m.link/01.o 01.kept && objcopy --add-section .x=0.c m.link/01.o", folder);
    same_places(before, open_links(7), 3, false); /* another object: other places from the same seed */
    run("cd %s && mv 01.kept m.link/01.o", folder);
}

static void the_module_itself_is_among_them(void **state) {
    (void)state;
    struct links *links = open_links(1);
    assert_string_equal(make(links, 0), module);
    char made[128];
    snprintf(made, sizeof made, "%s", make(links, 5));
    struct stat first, again;
    assert_int_equal(stat(made, &first), 0);
    assert_int_equal(stat(make(links, 5), &again), 0);
    assert_int_equal(first.st_ino, again.st_ino); /* made once */
    links_close(links);
    assert_int_equal(access(made, F_OK), -1); /* and removed */
    assert_int_equal(access(module, F_OK), 0);
}

static void without_a_recipe_there_are_none(void **state) {
    (void)state;
    struct links *links = NULL;
    struct problem problem = {""};
    assert_int_equal(links_open(&links, "/nowhere/module.so", folder, 1, "", &problem), -ENOENT);
    assert_null(links);
}

/* As kernel_build leaves it: objects and a command, of which the recipe is made when it is wanted. */
static void a_recipe_is_made_when_it_is_wanted(void **state) {
    (void)state;
    struct problem problem = {""};
    const char *path = NULL;
    struct links *links;
    char other[160], made[160];
    snprintf(other, sizeof other, "%s/n.so", folder);
    snprintf(made, sizeof made, "%s/made", folder);
    run("cd %s && mkdir n.link && cp m.so n.so && cp 0.o n.link/0.c.o && cp 1.o n.link/1.c.o && printf '%%s\\n' "
        "countersign.command/1 cc -- -lm >n.link/command",
        folder);
    static const char *const script = TEST_SOURCE "/cmake/link-recipe";
    for (int kept = 1; kept >= 0; kept--) {
        char cache[160];
        snprintf(cache, sizeof cache, kept ? "%s/cache" : "/proc/nowhere", folder);
        setenv("XDG_CACHE_HOME", cache, 1);
        for (int time = 0; time < 2; time++) {
            assert_int_equal(links_open(&links, other, made, 7, script, &problem), 0);
            if (time == 0 && kept)
                run("test ! -e %s/cache", folder); /* not before it is wanted */
            if (links_make(links, 2, &limits, &path, &problem))
                fail_msg("%s", problem.text);
            size_t places[MOVED];
            read_places(path, places);
            links_close(links);
            if (kept) /* a second one would not have the mark */
                run("cd %s/cache/countersign/links-* && test $(ls | wc -l) = 1 && %s", folder,
                    time ? "test -e */mark" : "touch $(echo *)/mark");
        }
    }
    /* What a compiler's update took away is found again. */
    snprintf(made, sizeof made, "%s/cache", folder);
    setenv("XDG_CACHE_HOME", made, 1);
    snprintf(made, sizeof made, "%s/made", folder);
    run("cd %s/cache/countersign/links-* && sed -i '2s#^#/nowhere#' */recipe", folder);
    assert_int_equal(links_open(&links, other, made, 7, script, &problem), 0);
    if (links_make(links, 1, &limits, &path, &problem))
        fail_msg("%s", problem.text);
    links_close(links);
    run("sed -i 's#^cc$#/nowhere/cc#' %s/n.link/command", folder);
    assert_int_equal(links_open(&links, other, made, 7, script, &problem), 0);
    assert_true(links_make(links, 1, &limits, &path, &problem) < 0);
    assert_non_null(strstr(problem.text, "--layout fixed"));
    links_close(links);
    run("sed -i 1s/1/9/ %s/n.link/command", folder);
    assert_int_equal(links_open(&links, other, made, 7, script, &problem), 0);
    assert_int_equal(links_make(links, 1, &limits, &path, &problem), -EPROTO);
    links_close(links);
}

static void what_cannot_be_linked_is_told(void **state) {
    (void)state;
    struct problem problem = {""};
    const char *path = NULL;
    struct links *links = open_links(1);
    run("cd %s && mv m.link/01.o kept.o && echo nonsense >m.link/01.o", folder);
    assert_true(links_make(links, 1, &limits, &path, &problem) < 0);
    assert_non_null(strstr(problem.text, "01.o"));
    run("cd %s && mv kept.o m.link/01.o", folder);
    links_close(links);
    run("cd %s && cp m.link/recipe kept && sed -i 's#^/.*ld.*#/nowhere/ld#' m.link/recipe", folder);
    links = open_links(1);
    assert_true(links_make(links, 1, &limits, &path, &problem) < 0);
    assert_non_null(strstr(problem.text, "/nowhere/ld"));
    assert_non_null(strstr(problem.text, "--layout fixed"));
    links_close(links);
    run("cd %s && sed -i 1s/1/9/ m.link/recipe", folder);
    assert_int_equal(links_open(&links, module, folder, 1, "", &problem), -EPROTO);
    assert_non_null(strstr(problem.text, "countersign.link/1"));
    run("cd %s && mv kept m.link/recipe", folder);
}

static void room_for_thread_data_is_made_where_there_is_any(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/0.o", folder);
    assert_true(link_pad_wants_tls(path));
    run("echo 'int x;' | cc -c -x c -o %s/no_tls.o -", folder);
    snprintf(path, sizeof path, "%s/no_tls.o", folder);
    assert_false(link_pad_wants_tls(path));
    assert_false(link_pad_wants_tls("/nowhere.o"));
}

static void a_pad_is_for_the_machine_of_its_objects(void **state) {
    (void)state;
    const uint32_t bytes[LINK_SECTIONS] = {16, 32, 48, 64, 80, 96};
    char pad[128], like[128];
    snprintf(pad, sizeof pad, "%s/pad.o", folder);
    snprintf(like, sizeof like, "%s/0.o", folder);
    assert_int_equal(link_pad_write(pad, like, bytes), 0);
    run("size -A -d %s | awk '/^[.]/ {print $1, $2}' >%s/sizes && printf '%%s\\n' '.text 16' '.rodata 32' "
        "'.data.rel.ro 48' '.data 64' '.bss 80' '.tbss 96' '.note.GNU-stack 0' | diff - %s/sizes",
        pad, folder, folder);
    snprintf(like, sizeof like, "%s/0.c", folder);
    assert_int_equal(link_pad_write(pad, like, bytes), -ENOTSUP);
    assert_int_equal(link_pad_write(pad, "/nowhere.o", bytes), -ENOENT);
}

/* The loader makes room for the modules' thread-local data as this says when the process starts, as workers
 * have it. */
int main(int argc, char **argv) {
    (void)argc;
    if (!getenv("GLIBC_TUNABLES")) {
        setenv("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=1048576", 1);
        execv("/proc/self/exe", argv);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_loaded_in_its_place),
        cmocka_unit_test(tables_are_as_small_as_the_module),
        cmocka_unit_test(links_can_be_made_side_by_side),
        cmocka_unit_test(a_linker_that_hangs_is_ended),
        cmocka_unit_test(every_section_is_moved_by_itself),
        cmocka_unit_test(objects_change_their_order),
        cmocka_unit_test(places_follow_from_seed_and_content),
        cmocka_unit_test(the_module_itself_is_among_them),
        cmocka_unit_test(without_a_recipe_there_are_none),
        cmocka_unit_test(a_recipe_is_made_when_it_is_wanted),
        cmocka_unit_test(what_cannot_be_linked_is_told),
        cmocka_unit_test(room_for_thread_data_is_made_where_there_is_any),
        cmocka_unit_test(a_pad_is_for_the_machine_of_its_objects),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
