/*
 * What stands before the text of `same` and not before that of `base`: functions that nobody calls, and
 * static data of odd sizes that nobody reads, in every section that holds data. Neither is work; but the
 * functions and the static buffers that follow lie at other offsets of a page and of a line than the
 * baseline's do.
 */
#include <stddef.h>
#include <stdint.h>

/* Written where they stand: gcc would put what nobody calls behind everything else. clang never does. */
#ifdef __has_attribute
#if __has_attribute(no_reorder)
#define DECOY __attribute__((used, no_reorder)) static
#endif
#endif
#ifndef DECOY
#define DECOY __attribute__((used)) static
#endif

DECOY uint64_t decoy_words(const uint64_t *words, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (words[i] * words[i]) ^ (words[i] >> 3);
    return sum;
}

DECOY double decoy_doubles(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum = sum * 1.5 + values[i];
    return sum;
}

DECOY int decoy_number(int number) {
    return number * number + 7;
}

DECOY char decoy_data[12345] = {1, 2, 3};
DECOY char decoy_bss[2096];
DECOY const unsigned char decoy_rodata[817] = {9, 8};
DECOY _Thread_local char decoy_thread[417];
