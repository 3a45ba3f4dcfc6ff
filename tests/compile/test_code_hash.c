/* Objects and libraries are made by the compiler that $CC names, or cc. */
#include "compile/code_hash.h"

#include "compile/cache.h"

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test-code-hash-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    cache_remove(folder);
    return 0;
}

static void compile(const char *text, const char *flags, const char *name, char *path, size_t size) {
    char command[512], source[128];
    const char *compiler = getenv("CC");
    snprintf(source, sizeof source, "%s/%s.c", folder, name);
    snprintf(path, size, "%s/%s.out", folder, name);
    FILE *file = fopen(source, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    snprintf(command, sizeof command, "%s -O2 -fPIC -ffunction-sections %s -o %s %s",
             compiler && *compiler ? compiler : "cc", flags, path, source);
    assert_int_equal(system(command), 0);
}

static void hash_section(const char *text, const char *name, char hash[17]) {
    char path[128];
    uint64_t bytes;
    compile(text, "-c", name, path, sizeof path);
    assert_int_equal(code_hash_object(path, "entry", 0, hash, &bytes), 0);
    assert_true(bytes > 0);
}

#define HEAD "int printf(const char *, ...);\nint scanf(const char *, ...);\n"
#define STEP "static const int table[2] = {1, 2};\n__attribute__((noinline)) static int step(int x) "
#define CALL "int f(int x) { return step(x) + 1; }\n"
#define ENTRY "int (*const entry)(int) = f;\n"

static void test_same_code_has_the_same_hash(void **state) {
    (void)state;
    static const char *const texts[] = {
        HEAD STEP "{ return printf(\"a\") + table[x & 1]; }\n" CALL ENTRY,
        HEAD STEP "{ int number = x & 1; return printf(\"a\") + table[number]; }\n" CALL ENTRY,
        "int beside(int x) { return x * 77; }\n" HEAD STEP
        "{ return printf(\"a\") + table[x & 1]; }\n" CALL ENTRY,
    };
    char first[17], other[17];
    hash_section(texts[0], "first", first);
    for (size_t i = 1; i < sizeof texts / sizeof *texts; i++) {
        hash_section(texts[i], "other", other);
        assert_string_equal(other, first);
    }
}

/* The function's own bytes are the same in all of these. */
static void test_what_it_leads_to_counts(void **state) {
    (void)state;
    static const char *const texts[] = {
        HEAD STEP "{ return printf(\"a\") + table[x & 1]; }\n" CALL ENTRY,
        HEAD STEP "{ return printf(\"b\") + table[x & 1]; }\n" CALL ENTRY,
        HEAD STEP "{ return scanf(\"a\") + table[x & 1]; }\n" CALL ENTRY,
        HEAD STEP "{ return printf(\"a\") - table[x & 1]; }\n" CALL ENTRY,
        HEAD "static const int table[2] = {1, 3};\n__attribute__((noinline)) static int step(int x) "
             "{ return printf(\"a\") + table[x & 1]; }\n" CALL ENTRY,
    };
    char hash[sizeof texts / sizeof *texts][17];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hash_section(texts[i], "text", hash[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(hash[i], hash[j]);
    }
}

static void test_libraries(void **state) {
    (void)state;
    char path[3][128], hash[3][17];
    static const char *const texts[] = {"int f(int x) { return x + 1; }\n",
                                        "int f(int y) { return 1 + y; }\n",
                                        "int f(int x) { return x + 2; }\n"};
    static const char *const names[] = {"one", "two", "three"};
    uint64_t bytes;
    for (size_t i = 0; i < 3; i++) {
        compile(texts[i], "-g -shared -Wl,--build-id", names[i], path[i], sizeof path[i]);
        assert_int_equal(code_hash_library(path[i], hash[i], &bytes), 0);
        assert_true(bytes > 0);
    }
    assert_string_equal(hash[0], hash[1]);
    assert_string_not_equal(hash[0], hash[2]);
}

static void test_what_cannot_be_told(void **state) {
    (void)state;
    char path[128], hash[17];
    uint64_t bytes = 1;
    compile("int f(int x) { return x; }\nint number = 3;\n", "-c", "none", path, sizeof path);
    assert_int_equal(code_hash_object(path, "entry", 0, hash, &bytes), -ENODATA);
    assert_int_equal(code_hash_object(path, "number", 0, hash, &bytes), -ENOENT);
    assert_string_equal(hash, "");
    assert_int_equal(bytes, 0);
    strcpy(strrchr(path, '.'), ".c");
    assert_int_equal(code_hash_library(path, hash, &bytes), -ENODATA);
    assert_int_equal(code_hash_library("/nowhere", hash, &bytes), -ENOENT);
    assert_int_equal(code_hash_library(folder, hash, &bytes), -ENODATA);
}

/* Half a file, and headers that point beyond it. */
static void test_damaged(void **state) {
    (void)state;
    char path[128], hash[17], data[65536];
    uint64_t bytes;
    compile("int f(int x) { return x; }\n" ENTRY, "-c", "whole", path, sizeof path);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    for (size_t length = 0; length < size; length += 61) {
        file = fopen(path, "we");
        assert_int_equal(fwrite(data, 1, length, file), length);
        fclose(file);
        assert_int_equal(code_hash_object(path, "entry", 0, hash, &bytes), -ENODATA);
    }
    for (size_t at = 0; at < size; at += 7) {
        char kept = data[at];
        data[at] = (char)(kept ^ 0x7f);
        file = fopen(path, "we");
        assert_int_equal(fwrite(data, 1, size, file), size);
        fclose(file);
        int status = code_hash_object(path, "entry", 0, hash, &bytes);
        assert_true(status == 0 || status == -ENODATA || status == -ENOENT);
        data[at] = kept;
    }
}

/* Changes the section headers of a small library and hashes it. */
static int hash_changed(void (*change)(Elf64_Shdr *sections, size_t count, size_t names)) {
    char path[128], hash[17], data[65536];
    uint64_t bytes;
    compile("int f(int x) { return x + 1; }\n", "-shared -nostdlib", "changed", path, sizeof path);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    size_t size = fread(data, 1, sizeof data, file);
    assert_in_range(size, sizeof(Elf64_Ehdr), sizeof data - 1);
    Elf64_Ehdr head;
    memcpy(&head, data, sizeof head);
    change((void *)(data + head.e_shoff), head.e_shnum, head.e_shstrndx);
    rewind(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
    return code_hash_library(path, hash, &bytes);
}

static void leave(Elf64_Shdr *sections, size_t count, size_t names) {
    (void)sections;
    (void)count;
    (void)names;
}

/* Names without bytes in the file, which may then point anywhere. */
static void take_names(Elf64_Shdr *sections, size_t count, size_t names) {
    (void)count;
    sections[names].sh_type = SHT_NULL;
    sections[names].sh_offset = UINT64_MAX / 2;
    sections[names].sh_size = 1 << 20;
}

/* All over one another: each as long as the file. */
static void overlap(Elf64_Shdr *sections, size_t count, size_t names) {
    for (size_t i = 1; i < count; i++) {
        if (i == names)
            continue;
        sections[i].sh_type = SHT_PROGBITS;
        sections[i].sh_flags |= SHF_ALLOC;
        sections[i].sh_offset = 0;
        sections[i].sh_size = 4096;
    }
}

static void test_headers_that_lie(void **state) {
    (void)state;
    assert_int_equal(hash_changed(leave), 0);
    int status = hash_changed(take_names);
    assert_true(status == 0 || status == -ENODATA);
    assert_int_equal(hash_changed(overlap), -ENODATA);
}

static void test_a_pipe_is_not_waited_for(void **state) {
    (void)state;
    char path[128], hash[17];
    uint64_t bytes;
    snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(code_hash_library(path, hash, &bytes), -ENODATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_code_has_the_same_hash, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_it_leads_to_counts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_libraries, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_damaged, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_headers_that_lie, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_pipe_is_not_waited_for, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
