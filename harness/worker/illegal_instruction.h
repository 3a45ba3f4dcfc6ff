/* Which instruction set a CPU lacked, from the bytes at which it raised SIGILL. */
#ifndef WORKER_ILLEGAL_INSTRUCTION_H
#define WORKER_ILLEGAL_INSTRUCTION_H

#include <stddef.h>

/** Bytes that tell: the longest x86-64 instruction. */
#define ILLEGAL_INSTRUCTION_BYTES 15

/**
 * Describes the instruction in `bytes` (`size` of them) in a few words: "an AVX-512 instruction, which this
 * CPU lacks". x86-64 by prefix and opcode map (Intel SDM volume 2, 2.3 to 2.7), AArch64 by the top-level
 * encoding (Arm ARM, C4.1). `flags`: what the CPU has, names between blanks as in /proc/cpuinfo ("flags",
 * "Features"); empty: not known. Writes at most `size_of_text` bytes to `text`; an instruction that is not
 * recognized gives its bytes.
 */
void illegal_instruction_describe_x86(const unsigned char *bytes, size_t size, const char *flags, char *text,
                                      size_t size_of_text);
void illegal_instruction_describe_arm(const unsigned char *bytes, size_t size, const char *flags, char *text,
                                      size_t size_of_text);

/** The same for the architecture that this is built for, with the flags of this machine. */
void illegal_instruction_describe(const unsigned char *bytes, size_t size, char *text, size_t size_of_text);

#endif
