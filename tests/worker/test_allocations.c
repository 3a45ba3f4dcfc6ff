#include "worker/allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

/* What the program itself asks for is not counted; what libraries ask for in its name is. */
static void libraries_are_counted_and_the_program_is_not(void **unused) {
    (void)unused;
    struct allocations before, after;
#if defined(__SANITIZE_ADDRESS__)
    print_message("skipped: AddressSanitizer's strdup is not the C library's\n");
    skip();
#endif
    if (allocations_watch() != 0)
        skip();
    allocations_read(&before);
    void *own = malloc(5000);
    __asm__ volatile("" ::"r"(own) : "memory");
    allocations_read(&after);
    assert_int_equal(after.calls, before.calls);
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    char *copy = strdup(text);
    allocations_read(&after);
    assert_int_equal(after.calls, before.calls + 1);
    assert_int_equal(after.bytes - before.bytes, malloc_usable_size(copy));
    free(own);
    free(copy);
}

/* A stream is taken and given back by the C library. */
static void what_is_freed_is_not_held(void **unused) {
    (void)unused;
    struct allocations before, open, after;
    if (allocations_watch() != 0)
        skip();
    allocations_forget_most();
    allocations_read(&before);
    assert_int_equal(before.most_bytes, before.bytes);
    FILE *file = fopen("/dev/null", "re");
    assert_non_null(file);
    allocations_read(&open);
    assert_true(open.bytes > before.bytes);
    fclose(file);
    allocations_read(&after);
    assert_int_equal(after.bytes, before.bytes);
    assert_int_equal(after.most_bytes, open.most_bytes);
    allocations_forget_most();
    allocations_read(&after);
    assert_int_equal(after.most_bytes, before.bytes);
}

/* getline moves its buffer as it grows: the old one is given back. */
static void moved_memory_is_counted_once(void **unused) {
    (void)unused;
    struct allocations before, after;
    if (allocations_watch() != 0)
        skip();
    static char text[100001];
    memset(text, 'x', sizeof text - 2);
    text[sizeof text - 2] = '\n';
    FILE *file = fmemopen(text, sizeof text - 1, "r");
    assert_non_null(file);
    char *line = NULL;
    size_t size = 0;
    assert_int_equal(fgetc(file), 'x'); /* the stream's own buffer is there */
    allocations_read(&before);
    assert_int_equal(getline(&line, &size, file), sizeof text - 2);
    allocations_read(&after);
    assert_true(after.calls > before.calls + 1);
    assert_int_equal(after.bytes - before.bytes, malloc_usable_size(line));
    free(line);
    fclose(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libraries_are_counted_and_the_program_is_not),
        cmocka_unit_test(what_is_freed_is_not_held),
        cmocka_unit_test(moved_memory_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
