/* What a call is given, out of another process's registers and memory. */
#ifndef RECORD_CALL_VALUES_H
#define RECORD_CALL_VALUES_H

#include "compile/generate.h"

/** What the caller left for the function, just as it begins. */
struct call_registers {
    uint64_t whole[6];         /**< rdi, rsi, rdx, rcx, r8, r9 */
    unsigned char real[8][16]; /**< xmm0 to xmm7 */
    uint64_t stack;            /**< address of the first argument there */
};

/** Reads `size` bytes of memory at `address`: 0 or -errno. */
typedef int (*memory_reader)(void *context, uint64_t address, void *to, size_t size);

/**
 * What generate_defaults says, but that `const char *` is a string which ends itself, unless its length stands right behind
 * it: a program's strings are of any length.
 */
void call_values_defaults(const struct signature *signature, struct argument *arguments);

/** Whether any argument is in an xmm register, so that those are needed. */
bool call_values_have_reals(const struct signature *signature);

/**
 * The bytes of a call (record/recording.h), by the calling convention of x86-64 (System V Application Binary Interface,
 * AMD64 supplement, 3.2.3). Arrays have as many elements as `arguments` and their lengths say, strings without a length as
 * many as stand before their 0. Returns 0 and the bytes, to be freed; -E2BIG where they are more than `most`; -EFAULT where
 * memory cannot be read; -ENOMEM.
 */
int call_values_read(const struct signature *signature, const struct argument *arguments,
                     const struct call_registers *registers, memory_reader reader, void *context,
                     uint64_t most, unsigned char **bytes, size_t *size);

#endif
