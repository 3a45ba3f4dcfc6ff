/* Files and folders are made here; what a compiler would say of them is written by hand. */
#include "compile/dependencies.h"

#include "base/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static const char *at(const char *name) {
    static char paths[8][256];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(at(name), "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* "k ernel/a.c" includes "b.h" of its own folder and <sys/c.h>, which is in the second of two folders searched. */
static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/dependencies-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    static const char *const folders[] = {"k ernel", "first", "second", "second/sys"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        assert_int_equal(mkdir(at(folders[i]), 0700), 0);
    write_file("k ernel/a.c", "#include \"b.h\"\n");
    write_file("k ernel/b.h", "#include <sys/c.h>\n");
    write_file("second/sys/c.h", "int c;\n");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return folder_remove(folder);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void read_all(struct dependencies *dependencies) {
    char rule[1024], said[1024];
    snprintf(rule, sizeof rule, "a.o: %s/k\\ ernel/a.c \\\n  %s/k\\ ernel/b.h %s/second/sys/c.h\n", folder,
             folder, folder);
    snprintf(
        said, sizeof said,
        " /usr/lib/cc1 -E\nignoring nonexistent directory \"%s/absent\"\n#include \"...\" search starts "
        "here:\n#include <...> search starts here:\n %s/first\n %s/second\nEnd of search list.\n noise\n",
        folder, folder, folder);
    write_file("rule", rule);
    *dependencies = (struct dependencies){0};
    assert_int_equal(dependencies_read(dependencies, at("rule"), said), 0);
}

/* As if all of it were old. */
static void save(void) {
    struct dependencies dependencies;
    read_all(&dependencies);
    assert_int_equal(dependencies_save(&dependencies, at("noted"), now_ns() + 10000000000u, 42), 0);
    dependencies_clear(&dependencies);
}

static bool hold(void) {
    struct dependencies dependencies = {0};
    uint64_t key = 7;
    bool held = dependencies_hold(&dependencies, at("noted"), &key);
    if (held) {
        assert_int_equal(key, 42);
        assert_int_equal(dependencies.files.count, 3);
        assert_string_equal(dependencies.files.items[0], at("k ernel/a.c"));
    } else
        assert_int_equal(key, 7);
    dependencies_clear(&dependencies);
    return held;
}

static void what_did_not_change_holds(void **state) {
    (void)state;
    assert_false(hold());
    save();
    assert_true(hold());
    assert_true(hold());
}

static void a_file_that_changes_is_noticed(void **state) {
    (void)state;
    struct stat facts;
    save();
    assert_int_equal(stat(at("second/sys/c.h"), &facts), 0);
    write_file("second/sys/c.h", "int d;\n"); /* as long, and made to look as old */
    const struct timespec times[2] = {facts.st_atim, facts.st_mtim};
    utimensat(0, at("second/sys/c.h"), times, 0);
    assert_false(hold());
    save();
    assert_true(hold());
    unlink(at("k ernel/b.h"));
    assert_false(hold());
}

static void a_header_that_is_found_first_is_noticed(void **state) {
    (void)state;
    static const char *const shadows[] = {"first/sys", "absent", "k ernel/sys", "second/sys"};
    static const char *const names[] = {"c.h", "c.h", "c.h", "c.h.gch"};
    for (size_t i = 0; i < sizeof shadows / sizeof *shadows; i++) {
        char file[128];
        save();
        mkdir(at(shadows[i]), 0700);
        assert_true(hold()); /* what is in the folder counts */
        snprintf(file, sizeof file, "%s/%s", shadows[i], names[i]);
        write_file(file, "int other;\n");
        assert_false(hold());
        save();
        assert_true(hold());
        unlink(at(file));
        assert_false(hold());
    }
}

static void what_nobody_includes_is_not_noticed(void **state) {
    (void)state;
    static const char *const others[] = {"k ernel/result.json", "first/other.h", "second/sys/c.h.swp"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        save();
        write_file(others[i], "anything");
        assert_true(hold());
        unlink(at(others[i]));
        assert_true(hold());
    }
}

static void a_folder_that_is_left_out_may_be_gone(void **state) {
    (void)state;
    struct dependencies dependencies;
    read_all(&dependencies);
    dependencies_leave_out(&dependencies, at("k ernel"));
    assert_int_equal(dependencies.files.count, 1);
    assert_string_equal(dependencies.files.items[0], at("second/sys/c.h"));
    assert_int_equal(dependencies_save(&dependencies, at("noted"), now_ns() + 10000000000u, 42), 0);
    dependencies_clear(&dependencies);
    assert_int_equal(folder_remove(at("k ernel")), 0);
    uint64_t key = 7;
    assert_true(dependencies_hold(&dependencies, at("noted"), &key));
    dependencies_clear(&dependencies);
    write_file("first/b.h", "int b;\n"); /* but in others the same is looked for */
    assert_false(dependencies_hold(&dependencies, at("noted"), &key));
    dependencies_clear(&dependencies);
}

static void what_may_have_changed_meanwhile_is_not_noted(void **state) {
    (void)state;
    struct dependencies dependencies;
    save();
    read_all(&dependencies);
    assert_int_equal(dependencies_save(&dependencies, at("noted"), now_ns(), 42), 0);
    dependencies_clear(&dependencies);
    assert_false(hold());
}

static void what_depends_on_more_is_not_noted(void **state) {
    (void)state;
    static const char *const texts[] = {"const char *when = __DATE__;", "const char *when = __TIME__;",
                                        "#if __has_include(NAME)\n#endif\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file("k ernel/b.h", texts[i]);
        save();
        assert_false(hold());
    }
    write_file("k ernel/b.h", "#ifdef __has_include\n#if __has_include (<new/d.h>)\n#endif\n#endif\n");
    save();
    assert_int_equal(mkdir(at("second/new"), 0700), 0);
    assert_true(hold());
    write_file("second/new/d.h", "int d;\n");
    assert_false(hold());
}

static void what_was_cut_short_does_not_hold(void **state) {
    (void)state;
    struct stat facts;
    save();
    assert_int_equal(stat(at("noted"), &facts), 0);
    for (off_t length = facts.st_size - 1; length >= 0; length--) {
        assert_int_equal(truncate(at("noted"), length), 0);
        assert_false(hold());
    }
}

static void what_cannot_be_understood_is_refused(void **state) {
    (void)state;
    struct dependencies dependencies = {0};
    write_file("rule", "nonsense");
    assert_int_not_equal(dependencies_read(&dependencies, at("rule"), "#include <...> search\n /usr\n"), 0);
    dependencies_clear(&dependencies);
    write_file("rule", "a.o: a.c\n");
    assert_int_not_equal(dependencies_read(&dependencies, at("rule"), "says nothing\n"), 0);
    dependencies_clear(&dependencies);
    assert_int_not_equal(dependencies_read(&dependencies, at("nowhere"), ""), 0);
    dependencies_clear(&dependencies);
    save();
    write_file("noted", "countersign.uses/2\n000000000000002a\nfile 1 2\n");
    assert_false(hold());
    write_file("noted", "countersign.uses/2\n000000000000002a\nfolder\n/tmp\n");
    assert_false(hold());
    write_file("noted", "countersign.uses/2\n000000000000002a\nfolder 2a\n/tmp\n");
    assert_false(hold());
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(what_did_not_change_holds),
                                       TEST(a_file_that_changes_is_noticed),
                                       TEST(a_header_that_is_found_first_is_noticed),
                                       TEST(what_nobody_includes_is_not_noticed),
                                       TEST(a_folder_that_is_left_out_may_be_gone),
                                       TEST(what_may_have_changed_meanwhile_is_not_noted),
                                       TEST(what_depends_on_more_is_not_noted),
                                       TEST(what_was_cut_short_does_not_hold),
                                       TEST(what_cannot_be_understood_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
