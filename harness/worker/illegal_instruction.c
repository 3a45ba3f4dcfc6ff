#include "worker/illegal_instruction.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_flag(const char *flags, const char *flag) {
    size_t length = strlen(flag);
    for (const char *found = flags; (found = strstr(found, flag)); found += length) {
        bool starts = found == flags || strchr(" \t:", found[-1]);
        if (starts && (found[length] == '\0' || strchr(" \t\n", found[length])))
            return true;
    }
    return false;
}

static void describe_bytes(const unsigned char *bytes, size_t size, char *text, size_t size_of_text) {
    size_t length = (size_t)snprintf(text, size_of_text, "an instruction that this CPU does not have");
    for (size_t i = 0; i < size && i < 8 && length + 6 < size_of_text; i++)
        length += (size_t)snprintf(text + length, size_of_text - length, "%s%02x", i ? " " : ": ", bytes[i]);
}

/* A CPU that has the set lacks a later extension of it, or the system does not save its registers. */
static void describe_set(const char *set, const char *flag, const char *flags, char *text,
                         size_t size_of_text) {
    snprintf(text, size_of_text, "%s instruction, %s", set,
             has_flag(flags, flag) ? "of an extension that this CPU lacks" : "which this CPU lacks");
}

struct instruction_set {
    const char *words, *flag;
};

/* Opcodes of the maps 0F38 and 0F3A behind a VEX prefix that are not AVX's (SDM volume 2, appendix A). */
static struct instruction_set find_vex_set(unsigned map, unsigned opcode, unsigned pp) {
    if (map == 2 && (opcode == 0x49 || opcode == 0x4b || (opcode >= 0x5c && opcode <= 0x5e)))
        return (struct instruction_set){"an AMX", "amx_tile"};
    if (map == 2 && (opcode == 0xf2 || opcode == 0xf3 || (opcode == 0xf7 && pp == 0)))
        return (struct instruction_set){"a BMI1", "bmi1"};
    if ((map == 2 && (opcode == 0xf5 || opcode == 0xf6 || opcode == 0xf7)) || (map == 3 && opcode == 0xf0))
        return (struct instruction_set){"a BMI2", "bmi2"};
    if (map == 2 && opcode >= 0x96 && opcode <= 0xbf && (opcode & 0xf) >= 6)
        return (struct instruction_set){"an FMA", "fma"};
    if (map == 2 && opcode >= 0x50 && opcode <= 0x53)
        return (struct instruction_set){"an AVX-VNNI", "avx_vnni"};
    return (struct instruction_set){"an AVX or AVX2", "avx2"};
}

static struct instruction_set find_legacy_set(const unsigned char *code, size_t size) {
    static const struct {
        unsigned char map, first, last;
        struct instruction_set set;
    } known[] = {
        {0x38, 0x00, 0x0b, {"an SSSE3", "ssse3"}},   {0x38, 0x1c, 0x1e, {"an SSSE3", "ssse3"}},
        {0x3a, 0x0f, 0x0f, {"an SSSE3", "ssse3"}},   {0x38, 0x37, 0x37, {"an SSE4.2", "sse4_2"}},
        {0x3a, 0x60, 0x63, {"an SSE4.2", "sse4_2"}}, {0x38, 0x10, 0x41, {"an SSE4.1", "sse4_1"}},
        {0x3a, 0x08, 0x42, {"an SSE4.1", "sse4_1"}}, {0x3a, 0x44, 0x44, {"a PCLMULQDQ", "pclmulqdq"}},
        {0x38, 0xc8, 0xcd, {"a SHA", "sha_ni"}},     {0x3a, 0xcc, 0xcc, {"a SHA", "sha_ni"}},
        {0x38, 0xdb, 0xdf, {"an AES", "aes"}},       {0x3a, 0xdf, 0xdf, {"an AES", "aes"}},
        {0x38, 0xcf, 0xcf, {"a GFNI", "gfni"}},      {0x3a, 0xce, 0xcf, {"a GFNI", "gfni"}},
        {0x38, 0xf6, 0xf6, {"an ADX", "adx"}},       {0x38, 0xf0, 0xf1, {"an SSE4.2 or MOVBE", "movbe"}},
        {0xb8, 0x00, 0x00, {"a POPCNT", "popcnt"}}};
    for (size_t i = 0; size >= 3 && i < sizeof known / sizeof *known; i++) {
        bool two = known[i].map == 0xb8;
        if (code[1] == known[i].map && (two || (code[2] >= known[i].first && code[2] <= known[i].last)))
            return known[i].set;
    }
    return (struct instruction_set){NULL, NULL};
}

void illegal_instruction_describe_x86(const unsigned char *bytes, size_t size, const char *flags, char *text,
                                      size_t size_of_text) {
    static const unsigned char prefixes[] = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x36,
                                             0x3e, 0x26, 0x64, 0x65, 0x67};
    size_t at = 0;
    while (at < size && (memchr(prefixes, bytes[at], sizeof prefixes) || (bytes[at] & 0xf0) == 0x40))
        at++;
    const unsigned char *code = bytes + at;
    size_t left = size - at;
    struct instruction_set set = {NULL, NULL};
    if (left >= 2 && code[0] == 0x0f && (code[1] == 0x0b || code[1] == 0xb9 || code[1] == 0xff)) {
        snprintf(text, size_of_text,
                 "an undefined instruction (ud), as compilers put where code must not come (__builtin_trap, "
                 "a function without its return)");
        return;
    }
    if (left >= 2 && code[0] == 0x62)
        /* Map 4 holds the general instructions of APX. */
        set = (code[1] & 7) == 4 ? (struct instruction_set){"an APX", "apx"}
                                 : (struct instruction_set){"an AVX-512", "avx512f"};
    else if (left >= 1 && code[0] == 0xd5)
        set = (struct instruction_set){"an APX", "apx"};
    else if (left >= 3 && code[0] == 0xc5)
        set = find_vex_set(1, code[2], code[1] & 3);
    else if (left >= 4 && code[0] == 0xc4)
        set = find_vex_set(code[1] & 31, code[3], code[2] & 3);
    else if (left >= 3 && code[0] == 0x0f)
        set = find_legacy_set(code, left);
    if (set.words)
        describe_set(set.words, set.flag, flags, text, size_of_text);
    else
        describe_bytes(bytes, size, text, size_of_text);
}

void illegal_instruction_describe_arm(const unsigned char *bytes, size_t size, const char *flags, char *text,
                                      size_t size_of_text) {
    if (size < 4) {
        describe_bytes(bytes, size, text, size_of_text);
        return;
    }
    uint32_t word = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    unsigned group = word >> 25 & 15;
    if (word >> 16 == 0)
        snprintf(
            text, size_of_text,
            "an undefined instruction (udf), as compilers put where code must not come (__builtin_trap)");
    else if (group == 2)
        describe_set("an SVE", "sve", flags, text, size_of_text);
    else if (group == 0 && word >> 31)
        describe_set("an SME", "sme", flags, text, size_of_text);
    else
        describe_bytes(bytes, 4, text, size_of_text);
}

/* The flags of the first processor; freed by the caller, NULL where there are none. */
static char *read_flags(void) {
    FILE *file = fopen("/proc/cpuinfo", "re");
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    while (file && !found && getline(&line, &size, file) > 0)
        found = !strncmp(line, "flags", 5) || !strncmp(line, "Features", 8);
    if (file)
        fclose(file);
    if (!found) {
        free(line);
        line = NULL;
    }
    return line;
}

void illegal_instruction_describe(const unsigned char *bytes, size_t size, char *text, size_t size_of_text) {
    char *flags = read_flags();
#if defined(__x86_64__)
    illegal_instruction_describe_x86(bytes, size, flags ? flags : "", text, size_of_text);
#elif defined(__aarch64__)
    illegal_instruction_describe_arm(bytes, size, flags ? flags : "", text, size_of_text);
#else
    describe_bytes(bytes, size, text, size_of_text);
#endif
    free(flags);
}
