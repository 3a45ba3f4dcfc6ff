/* Folders that were made hard to remove go; what they point to stays. */
#include "base/folder.h"
#include "test_base.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "%s/folder", base);
    return mkdir(folder, 0700);
}

static void assert_removed(void) {
    assert_int_equal(folder_remove(folder), 0);
    assert_int_equal(access(folder, F_OK), -1);
}

static void put_file(int parent, const char *name) {
    int file = openat(parent, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
}

/* Deeper than a path may be long, and than files may be open. */
static void depth(void **state) {
    (void)state;
    char name[201];
    struct rlimit before, few;
    int parent = open(folder, O_RDONLY | O_DIRECTORY);
    memset(name, 'a', 200);
    name[200] = '\0';
    for (int i = 0; i < 120; i++) {
        assert_int_equal(mkdirat(parent, name, 0700), 0);
        int next = openat(parent, name, O_RDONLY | O_DIRECTORY);
        close(parent);
        parent = next;
        put_file(parent, "file");
    }
    close(parent);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 32;
    setrlimit(RLIMIT_NOFILE, &few);
    int status = folder_remove(folder);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(status, 0);
    assert_int_equal(access(folder, F_OK), -1);
}

static void permissions(void **state) {
    (void)state;
    int parent = open(folder, O_RDONLY | O_DIRECTORY);
    mkdirat(parent, "d", 0700);
    mkdirat(parent, "d/e", 0700);
    put_file(parent, "d/e/file");
    fchmodat(parent, "d/e", 0, 0);
    fchmodat(parent, "d", 0, 0);
    close(parent);
    assert_removed();
}

static void links(void **state) {
    (void)state;
    char kept[96], link[96];
    snprintf(kept, sizeof kept, "%s/kept", base);
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(mkdir(kept, 0700), 0);
    int parent = open(kept, O_RDONLY | O_DIRECTORY);
    put_file(parent, "file");
    assert_int_equal(symlink(kept, link), 0);
    assert_removed();
    assert_int_equal(faccessat(parent, "file", F_OK, 0), 0);
    close(parent);
    assert_int_equal(folder_remove(kept), 0);
}

static void many(void **state) {
    (void)state;
    char name[32];
    int parent = open(folder, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "%s%d", i % 3 ? "f" : "d", i);
        if (i % 3)
            put_file(parent, name);
        else
            mkdirat(parent, name, 0700);
    }
    close(parent);
    assert_removed();
}

static void nothing_there(void **state) {
    (void)state;
    assert_removed();
    assert_int_equal(folder_remove(folder), 0);
}

static void made_with_all_above(void **state) {
    (void)state;
    char path[256], file[300], other[320];
    snprintf(path, sizeof path, "%s/a/b/c", folder);
    assert_int_equal(folder_make(path), 0);
    assert_int_equal(folder_make(path), 0);
    assert_int_equal(access(path, X_OK), 0);
    snprintf(file, sizeof file, "%s/file", path);
    int parent = open(path, O_RDONLY | O_DIRECTORY);
    put_file(parent, "file");
    close(parent);
    snprintf(other, sizeof other, "%s/below", file);
    assert_int_equal(folder_make(other), -ENOTDIR);
    assert_removed();
}

static void copied_with_permissions(void **state) {
    (void)state;
    static char block[100000], again[sizeof block + 1];
    char from[256], to[256];
    struct stat facts;
    snprintf(from, sizeof from, "%s/from", folder);
    snprintf(to, sizeof to, "%s/to", folder);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 7);
    FILE *file = fopen(from, "w");
    assert_int_equal(fwrite(block, 1, sizeof block, file), sizeof block);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(from, 0750), 0);
    assert_int_equal(file_copy(from, to), 0);
    assert_int_equal(stat(to, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0750);
    file = fopen(to, "r");
    assert_int_equal(fread(again, 1, sizeof again, file), sizeof block);
    fclose(file);
    assert_memory_equal(block, again, sizeof block);
    unlink(from);
    assert_int_equal(file_copy(from, to), -ENOENT);
    assert_removed();
}

static void write_text(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct stat look_at(const char *name) {
    char path[256];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(lstat(path, &facts), 0);
    return facts;
}

static void assert_text(const char *name, const char *text) {
    char path[256], there[64] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(there, 1, sizeof there - 1, file), strlen(text));
    fclose(file);
    assert_string_equal(there, text);
}

static void make_below(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(folder_make(path), 0);
}

static int mirror(void) {
    char from[256], to[256];
    snprintf(from, sizeof from, "%s/from", folder);
    snprintf(to, sizeof to, "%s/to", folder);
    return folder_mirror(from, to);
}

/* What was changed, added, removed, or became of another kind is as it was; the rest was not touched. */
static void mirrored(void **state) {
    (void)state;
    int parent = open(folder, O_RDONLY | O_DIRECTORY);
    make_below("from/deep/er");
    make_below("to");
    write_text("from/same", "same");
    write_text("from/deep/changed", "as it was");
    write_text("from/deep/er/gone", "here");
    write_text("from/kept", "safe");
    assert_int_equal(symlinkat("../kept", parent, "from/deep/link"), 0);
    assert_int_equal(fchmodat(parent, "from/same", 0440, 0), 0);
    assert_int_equal(fchmodat(parent, "from/deep/er", 0500, 0), 0);
    assert_int_equal(mirror(), 0);
    assert_text("to/deep/er/gone", "here");
    assert_text("to/deep/link", "safe");
    struct stat same = look_at("to/same"), changed = look_at("to/deep/changed");
    assert_int_equal(same.st_mode & 07777, 0440);
    assert_int_equal(look_at("to/deep/er").st_mode & 07777, 0500);

    fchmodat(parent, "to/deep/er", 0700, 0);
    write_text("to/deep/changed", "not as it");
    assert_int_equal(unlinkat(parent, "to/deep/er/gone", 0), 0);
    make_below("to/deep/er/gone/now/a/folder");
    make_below("to/added/with");
    write_text("to/added/with/file", "more");
    unlinkat(parent, "to/kept", 0);
    assert_int_equal(symlinkat("../outside", parent, "to/kept"), 0);
    write_text("outside", "mine");
    assert_int_equal(mirror(), 0);
    assert_text("to/deep/changed", "as it was");
    assert_text("to/deep/er/gone", "here");
    assert_text("to/kept", "safe");
    assert_text("outside", "mine");
    assert_true(S_ISREG(look_at("to/kept").st_mode));
    assert_int_equal(look_at("to/same").st_ctim.tv_nsec, same.st_ctim.tv_nsec);
    assert_int_equal(look_at("to/deep/changed").st_ino, changed.st_ino);
    assert_int_equal(look_at("to/deep/er").st_mode & 07777, 0500);
    assert_int_equal(faccessat(parent, "to/added", F_OK, 0), -1);

    assert_int_equal(mkfifoat(parent, "from/pipe", 0600), 0);
    assert_int_equal(mirror(), -ENOTSUP);
    unlinkat(parent, "from/pipe", 0);
    fchmodat(parent, "from/deep/er", 0700, 0);
    close(parent);
    assert_removed();
    assert_int_equal(mirror(), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(depth, make_folder),
        cmocka_unit_test_setup(permissions, make_folder),
        cmocka_unit_test_setup(links, make_folder),
        cmocka_unit_test_setup(many, make_folder),
        cmocka_unit_test_setup(nothing_there, make_folder),
        cmocka_unit_test_setup(made_with_all_above, make_folder),
        cmocka_unit_test_setup(copied_with_permissions, make_folder),
        cmocka_unit_test_setup(mirrored, make_folder),
    };
    return cmocka_run_group_tests(tests, make_base, remove_base);
}
