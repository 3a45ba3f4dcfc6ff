/* Arguments where the calling convention of x86-64 has them. */
#include "record/call_values.h"

#include "record/recording.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BEGIN ((uint64_t)0x1000)

/* Two pages, and nothing behind them. */
static unsigned char memory[8192];

static int read_memory(void *context, uint64_t address, void *to, size_t size) {
    (void)context;
    if (address < BEGIN || size > sizeof memory || address - BEGIN > sizeof memory - size)
        return -EFAULT;
    memcpy(to, memory + (address - BEGIN), size);
    return 0;
}

static const struct scalar_type whole = {.kind = SCALAR_UNSIGNED, .size = 8, .text = "uint64_t"};
static const struct scalar_type number = {.kind = SCALAR_SIGNED, .size = 4, .text = "int"};
static const struct scalar_type real = {.kind = SCALAR_FLOAT, .size = 8, .text = "double"};
static const struct scalar_type array = {
    .kind = SCALAR_UNSIGNED, .size = 2, .pointer = true, .constant = true, .text = "const uint16_t *"};
static const struct scalar_type text = {
    .kind = SCALAR_TEXT, .size = 1, .pointer = true, .constant = true, .text = "const char *"};
static const struct scalar_type mixed = {
    .kind = SCALAR_STRUCTURE,
    .size = 16,
    .text = "struct mixed",
    .fields = {{.name = "x", .kind = SCALAR_FLOAT, .size = 8, .offset = 0, .count = 1, .stride = 8},
               {.name = "n", .kind = SCALAR_SIGNED, .size = 4, .offset = 8, .count = 1, .stride = 4}},
    .field_count = 2};
static const struct scalar_type large = {
    .kind = SCALAR_STRUCTURE,
    .size = 24,
    .text = "struct large",
    .fields = {{.name = "a", .kind = SCALAR_SIGNED, .size = 8, .offset = 0, .count = 3, .stride = 8}},
    .field_count = 1};

static struct signature make(size_t count, const struct scalar_type *const *types, const char *const *names) {
    struct signature signature = {
        .name = "f", .result = {.kind = SCALAR_VOID, .text = "void"}, .count = count};
    for (size_t i = 0; i < count; i++) {
        signature.parameters[i].type = *types[i];
        strcpy(signature.parameters[i].name, names ? names[i] : "x");
    }
    return signature;
}

static int read_call(const struct signature *signature, const struct call_registers *registers, uint64_t most,
                     unsigned char **bytes, size_t *size) {
    struct argument arguments[SIGNATURE_PARAMETERS];
    call_values_defaults(signature, arguments);
    return call_values_read(signature, arguments, registers, read_memory, NULL, most, bytes, size);
}

static struct call_registers registers_of(void) {
    struct call_registers registers = {.whole = {1, 2, 3, 4, 5, 6}, .stack = BEGIN};
    for (size_t i = 0; i < 8; i++) {
        double value = 0.5 + (double)i;
        memcpy(registers.real[i], &value, sizeof value);
    }
    return registers;
}

static uint64_t word_at(const unsigned char *bytes, size_t at) {
    uint64_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

static double real_at(const unsigned char *bytes, size_t at) {
    double value;
    memcpy(&value, bytes + at, sizeof value);
    return value;
}

/* Six whole numbers in registers, then the stack; a structure for which one register is left goes there, and what is behind
 * it takes that register. */
static void test_registers_and_stack(void **state) {
    const struct scalar_type *const types[] = {&whole, &real,  &mixed,  &large, &whole, &whole,
                                               &whole, &whole, &number, &mixed, &real};
    struct signature signature = make(11, types, NULL);
    struct call_registers registers = registers_of();
    const uint64_t stack[] = {71, 72, 73, 0xffffffff00000007u, 0, 9};
    unsigned char *bytes;
    size_t size;
    (void)state;
    memcpy(memory, stack, sizeof stack);
    memcpy(memory + 4 * 8, &(double){2.25}, 8);
    assert_true(call_values_have_reals(&signature));
    assert_int_equal(read_call(&signature, &registers, 1000, &bytes, &size), 0);
    assert_int_equal(size, 8 + 8 + 16 + 24 + 4 * 8 + 4 + 16 + 8);
    assert_int_equal(word_at(bytes, 0), 1);
    assert_true(real_at(bytes, 8) == 0.5);
    assert_true(real_at(bytes, 16) == 1.5 && (uint32_t)word_at(bytes, 24) == 2);
    assert_int_equal(word_at(bytes, 32), 71);
    assert_int_equal(word_at(bytes, 48), 73);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(word_at(bytes, 56 + 8 * i), 3 + i);
    assert_int_equal((uint32_t)word_at(bytes, 88), 7); /* the seventh */
    assert_true(real_at(bytes, 92) == 2.25 && (uint32_t)word_at(bytes, 100) == 9);
    assert_true(real_at(bytes, 108) == 2.5);
    free(bytes);
}

/* It is told where to leave its result. */
static void test_result_in_memory(void **state) {
    const struct scalar_type *const types[] = {&whole};
    struct signature signature = make(1, types, NULL);
    struct call_registers registers = registers_of();
    unsigned char *bytes;
    size_t size;
    (void)state;
    signature.result = large;
    assert_int_equal(read_call(&signature, &registers, 1000, &bytes, &size), 0);
    assert_int_equal(word_at(bytes, 0), 2);
    assert_false(call_values_have_reals(&signature));
    free(bytes);
}

static void test_arrays_and_strings(void **state) {
    const struct scalar_type *const types[] = {&array, &number, &text, &array};
    const char *const names[] = {"p", "n", "name", "q"};
    struct signature signature = make(4, types, names);
    /* the upper half of a register is anything */
    struct call_registers registers = {.whole = {BEGIN + 100, 0xffffffff00000003u, BEGIN + 4090, 0}};
    unsigned char *bytes;
    size_t size;
    (void)state;
    memset(memory, 1, sizeof memory);
    memcpy(memory + 100, "aabbccdd", 8);
    memcpy(memory + 4090, "over a page", 12);
    assert_int_equal(read_call(&signature, &registers, 1000, &bytes, &size), 0);
    assert_int_equal(size, 8 + 6 + 4 + 8 + 11 + 8);
    assert_int_equal(word_at(bytes, 0), 3);
    assert_memory_equal(bytes + 8, "aabbcc", 6);
    assert_int_equal((uint32_t)word_at(bytes, 14), 3);
    assert_int_equal(word_at(bytes, 18), 11);
    assert_memory_equal(bytes + 26, "over a page", 11);
    assert_true(word_at(bytes, 37) == RECORDING_NULL);
    free(bytes);
    registers.whole[1] = (uint32_t)-5; /* below 0: none */
    assert_int_equal(read_call(&signature, &registers, 1000, &bytes, &size), 0);
    assert_int_equal(word_at(bytes, 0), 0);
    free(bytes);
}

static void test_what_cannot_be_read(void **state) {
    const struct scalar_type *const types[] = {&array, &whole};
    const char *const names[] = {"p", "n"};
    struct signature signature = make(2, types, names);
    unsigned char *bytes;
    size_t size;
    const struct {
        uint64_t address, count;
        int status;
    } cases[] = {{BEGIN, 100, 0},
                 {BEGIN, 492, 0}, /* 984 bytes, and two numbers of 8 */
                 {BEGIN, 493, -E2BIG},
                 {BEGIN, UINT64_MAX, -E2BIG},
                 {BEGIN, (uint64_t)1 << 63, -E2BIG},
                 {BEGIN + sizeof memory - 198, 100, -EFAULT},
                 {BEGIN + sizeof memory - 200, 100, 0},
                 {7, 1, -EFAULT}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct call_registers registers = {.whole = {cases[i].address, cases[i].count}};
        assert_int_equal(read_call(&signature, &registers, 1000, &bytes, &size), cases[i].status);
        assert_true((bytes != NULL) == (cases[i].status == 0));
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers_and_stack),
        cmocka_unit_test(test_result_in_memory),
        cmocka_unit_test(test_arrays_and_strings),
        cmocka_unit_test(test_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
