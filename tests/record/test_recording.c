/* The sample that is kept of a program's calls, and its file. */
#include "record/recording.h"

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

static const struct signature counted = {
    .name = "f",
    .result = {.kind = SCALAR_SIGNED, .size = 4, .text = "int"},
    .parameters = {{"x", {.kind = SCALAR_UNSIGNED, .size = 8, .text = "uint64_t"}}},
    .count = 1};

/* Calls with their own numbers as values, of `size` bytes each. */
static void make_calls(struct recording *recording, uint64_t count, size_t size) {
    for (uint64_t i = 0; i < count; i++) {
        uint64_t priority;
        if (!recording_draw(recording, &priority))
            continue;
        unsigned char *bytes = calloc(1, size);
        memcpy(bytes, &i, size < sizeof i ? size : sizeof i);
        assert_int_equal(recording_keep(recording, priority, bytes, size), 0);
    }
}

static void test_all_are_kept_within_limits(void **state) {
    struct recording recording;
    (void)state;
    recording_start(&recording, 800, 100, 1);
    make_calls(&recording, 100, 8);
    assert_int_equal(recording.count, 100);
    assert_int_equal(recording.bytes, 800);
    recording_clear(&recording);
}

/* 50 of 10000: each tenth of the run has 5 on average, 200 samples of it 1000, with a standard deviation below 30. */
static void test_sample_is_of_the_whole_run(void **state) {
    size_t tenths[10] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct recording recording;
        recording_start(&recording, seed % 2 ? 400 : 1 << 20, seed % 2 ? 1000 : 50, seed);
        make_calls(&recording, 10000, 8);
        assert_int_equal(recording.seen, 10000);
        assert_int_equal(recording.count, 50);
        for (size_t i = 0; i < recording.count; i++)
            tenths[recording.calls[i].number / 1000]++;
        recording_clear(&recording);
    }
    for (size_t i = 0; i < 10; i++)
        assert_in_range(tenths[i], 850, 1150);
}

/* Every other call is ten times as large; the sample must not prefer the small ones. */
static void test_large_calls_are_as_likely(void **state) {
    size_t large = 0, all = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct recording recording;
        recording_start(&recording, 4400, 1000, seed);
        for (uint64_t i = 0; i < 4000; i++)
            make_calls(&recording, 1, i % 2 ? 80 : 8);
        for (size_t i = 0; i < recording.count; i++)
            large += recording.calls[i].size == 80;
        all += recording.count;
        recording_clear(&recording);
    }
    assert_in_range(1000 * large / all, 450, 550);
}

static void test_too_large(void **state) {
    struct recording recording;
    (void)state;
    recording_start(&recording, 100, 10, 1);
    make_calls(&recording, 3, 101);
    assert_int_equal(recording.count, 0);
    assert_int_equal(recording.too_large, 3);
    recording_clear(&recording);
}

/* A file of three calls. */
static void save(const char *path, struct recording_facts *facts) {
    struct recording recording;
    struct problem problem;
    recording_start(&recording, 1000, 10, 7);
    make_calls(&recording, 3, 8);
    *facts = (struct recording_facts){
        .function = "f", .types = "int f(uint64_t x)", .program = "./p 'a\nb'", .seed = 7};
    facts->layout = recording_layout(&counted);
    assert_int_equal(recording_save(&recording, facts, path, &problem), 0);
    recording_clear(&recording);
}

static void test_file(void **state) {
    char path[] = "/tmp/countersign-recording-XXXXXX";
    struct recording_facts written, read;
    struct problem problem;
    uint64_t calls[3];
    (void)state;
    close(mkstemp(path));
    save(path, &written);
    assert_int_equal(recording_read(path, &read, &problem), 0);
    assert_string_equal(read.program, "./p 'a?b'");
    assert_int_equal(read.seen, 3);
    assert_int_equal(read.saved, 3);
    assert_int_equal(read.bytes, 24);
    assert_int_equal(read.digest, written.digest);
    assert_int_equal(recording_fits(&read, &counted, path, &problem), 0);
    FILE *file = fopen(path, "r");
    assert_int_equal(fseek(file, (long)read.offset, SEEK_SET), 0);
    assert_int_equal(fread(calls, sizeof *calls, 3, file), 3);
    fclose(file);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(calls[i], i); /* in their order, whatever they drew */
    unlink(path);
}

/* Any byte that is another, and any that is missing. */
static void test_damaged_files(void **state) {
    char path[] = "/tmp/countersign-recording-XXXXXX", text[1000];
    struct recording_facts facts;
    struct problem problem;
    (void)state;
    close(mkstemp(path));
    save(path, &facts);
    FILE *file = fopen(path, "r");
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    for (size_t i = 0; i < 2 * size; i++) {
        size_t at = i % size;
        file = fopen(path, "w");
        if (i < size)
            fwrite(text, 1, at, file);
        else {
            text[at] ^= 1;
            fwrite(text, 1, size, file);
            text[at] ^= 1;
        }
        fclose(file);
        assert_int_equal(recording_read(path, &facts, &problem), -EINVAL);
        assert_non_null(strstr(problem.text, path));
    }
    unlink(path);
    assert_int_equal(recording_read(path, &facts, &problem), -ENOENT);
}

static void test_other_functions(void **state) {
    struct recording_facts facts = {.function = "f", .types = "int f(uint64_t x)"};
    struct signature other = counted;
    struct problem problem;
    (void)state;
    facts.layout = recording_layout(&counted);
    strcpy(other.name, "g");
    assert_int_equal(recording_fits(&facts, &other, "x", &problem), -EINVAL);
    assert_string_equal(
        problem.text,
        "x: has calls of 'int f(uint64_t x)', and the files are compared by 'int g(uint64_t x)'");
    other = counted;
    other.parameters[0].type.size = 4;
    strcpy(other.parameters[0].type.text, "uint32_t");
    assert_int_equal(recording_fits(&facts, &other, "x", &problem), -EINVAL);
    assert_string_equal(problem.text,
                        "x: has calls of 'int f(uint64_t x)', and the files define 'int f(uint32_t x)'");
    strcpy(other.parameters[0].name, "y");
    other.parameters[0].type = counted.parameters[0].type;
    assert_int_equal(recording_fits(&facts, &other, "x", &problem), 0); /* a name is nothing */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_kept_within_limits),
        cmocka_unit_test(test_sample_is_of_the_whole_run),
        cmocka_unit_test(test_large_calls_are_as_likely),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_other_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
