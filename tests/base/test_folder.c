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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(depth, make_folder),
        cmocka_unit_test_setup(permissions, make_folder),
        cmocka_unit_test_setup(links, make_folder),
        cmocka_unit_test_setup(many, make_folder),
        cmocka_unit_test_setup(nothing_there, make_folder),
        cmocka_unit_test_setup(made_with_all_above, make_folder),
        cmocka_unit_test_setup(copied_with_permissions, make_folder),
    };
    return cmocka_run_group_tests(tests, make_base, remove_base);
}
