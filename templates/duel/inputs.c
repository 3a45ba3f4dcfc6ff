/* What arguments hold: drawn from the seed by their fields' types, or taken from a file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "duel.h"

static uint64_t draw_bits(struct cs_random *random, uint64_t low, uint64_t high) {
    uint64_t width = high - low + 1;
    if (width == 0)
        return cs_random_u64(random);
    unsigned __int128 product = (unsigned __int128)cs_random_u64(random) * width;
    return low + (uint64_t)(product >> 64);
}

/* Each value of an enumeration is as likely as any other. */
static uint64_t draw_listed(const struct duel_field *field, struct cs_random *random) {
    const struct duel_run *run = field->runs;
    uint64_t values = 0;
    for (size_t i = 0; i < field->run_count; i++)
        values += (uint64_t)run[i].high - (uint64_t)run[i].low + 1;
    uint64_t left = draw_bits(random, 0, values - 1);
    for (; left > (uint64_t)run->high - (uint64_t)run->low; run++)
        left -= (uint64_t)run->high - (uint64_t)run->low + 1;
    return (uint64_t)run->low + left;
}

static void put_scalar(const struct duel_field *field, unsigned char *to, struct cs_random *random) {
    bool ranged = field->fill == DUEL_RANGE;
    if (field->kind == DUEL_FLOAT) {
        double unit = cs_random_unit(random);
        double real = ranged ? field->real_low + (field->real_high - field->real_low) * unit : unit;
        float single = (float)real;
        memcpy(to, field->size == sizeof single ? (void *)&single : (void *)&real, field->size);
        return;
    }
    uint64_t bits = field->fill == DUEL_PRINTABLE ? draw_bits(random, ' ', '~')
                    : ranged      ? draw_bits(random, (uint64_t)field->low, (uint64_t)field->high)
                    : field->runs ? draw_listed(field, random)
                                  : cs_random_u64(random);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bits <<= 64 - 8 * field->size;
#endif
    memcpy(to, &bits, field->size);
}

/* One element; what lies between its fields is 0. */
static void put(const struct duel_argument *argument, unsigned char *to, struct cs_random *random) {
    if (argument->fields[0].name)
        memset(to, 0, argument->size);
    for (size_t i = 0; i < argument->field_count; i++)
        for (size_t k = 0; k < argument->fields[i].count; k++)
            put_scalar(&argument->fields[i], to + argument->fields[i].offset + k * argument->fields[i].stride,
                       random);
}

static double get_real(const struct duel_field *field, const unsigned char *from) {
    float single;
    double real;
    memcpy(&single, from, sizeof single);
    if (field->size == sizeof single)
        return (double)single;
    memcpy(&real, from, sizeof real);
    return real;
}

/* A whole number, so that signed ones are in order as unsigned ones. */
static uint64_t get_order(const struct duel_field *field, const unsigned char *from) {
    uint64_t bits = 0, sign = (uint64_t)1 << (8 * field->size - 1);
    for (size_t i = 0; i < field->size; i++)
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bits = bits << 8 | from[i];
#else
        bits |= (uint64_t)from[i] << (8 * i);
#endif
    return field->kind == DUEL_SIGNED ? bits ^ sign : bits;
}

static int compare_elements(const void *a, const void *b, void *context) {
    const struct duel_field *field = context;
    if (field->kind == DUEL_FLOAT) {
        double x = get_real(field, a), y = get_real(field, b);
        return (x > y) - (x < y);
    }
    uint64_t x = get_order(field, a), y = get_order(field, b);
    return (x > y) - (x < y);
}

/* The whole file, and how many elements are in it. */
static int read_file(const struct cs_env *env, const struct duel_argument *argument, unsigned char **data,
                     size_t *count) {
    struct stat facts;
    FILE *file = fopen(argument->path, "re");
    if (!file || fstat(fileno(file), &facts) != 0) {
        int error = errno;
        if (file)
            fclose(file);
        return cs_fail(env, error, "%s", argument->path);
    }
    size_t size = (size_t)facts.st_size;
    *count = size / argument->size;
    *data = *count && S_ISREG(facts.st_mode) ? malloc(size) : NULL;
    size_t got = *data ? fread(*data, 1, size, file) : 0;
    fclose(file);
    if (*data && got == size)
        return 0;
    free(*data);
    *data = NULL;
    return cs_fail(env, *count ? EIO : EINVAL, "%s: expected a file of at least one element of %zu bytes",
                   argument->path, argument->size);
}

/* Elements of the file from some place on, and again from its beginning. */
static void put_from_file(const struct duel_argument *argument, const unsigned char *data, size_t count,
                          struct cs_random *random, unsigned char *to, size_t elements) {
    size_t from = (size_t)draw_bits(random, 0, count - 1);
    for (size_t done = 0; done < elements;) {
        size_t part = count - from < elements - done ? count - from : elements - done;
        memcpy(to + done * argument->size, data + from * argument->size, part * argument->size);
        done += part;
        from = 0;
    }
}

/* Strings of 1 character and more, as many as there is room for. */
static void end_rows(unsigned char *to, size_t elements, size_t row, struct cs_random *random) {
    for (size_t from = 0; from < elements; from += row) {
        size_t length = row > 1 ? (size_t)draw_bits(random, 1, row - 1) : 0;
        memset(to + from + length, 0, row - length);
    }
}

int duel_fill(const struct cs_env *env, const struct duel *duel, const struct duel_argument *argument,
              struct duel_memory *memory, struct cs_random *random) {
    unsigned char *file = NULL;
    size_t file_elements = 0, elements = duel_elements(duel, argument), row = duel_row(duel, argument);
    if (argument->path) {
        int status = read_file(env, argument, &file, &file_elements);
        if (status)
            return status;
    }
    for (size_t call = 0; call < duel->sets; call++) {
        unsigned char *to = memory->data + call * memory->stride;
        if (argument->ended)
            memset(to + elements * argument->size, 0, argument->size);
        if (file)
            put_from_file(argument, file, file_elements, random, to, elements);
        else
            for (size_t i = 0; i < elements; i++)
                put(argument, to + i * argument->size, random);
        for (size_t from = 0; argument->sorted && from < elements; from += row)
            qsort_r(to + from * argument->size, row, argument->size, compare_elements,
                    (void *)(uintptr_t)argument->fields);
        if (argument->text)
            end_rows(to, elements, row, random);
    }
    free(file);
    return 0;
}
