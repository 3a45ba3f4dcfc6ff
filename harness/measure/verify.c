#include "measure/verify.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t output_element_size(enum cs_type type) {
    switch (type) {
    case CS_U8:
        return 1;
    case CS_U32:
    case CS_I32:
    case CS_F32:
        return 4;
    case CS_U64:
    case CS_I64:
    case CS_F64:
        return 8;
    }
    return 0;
}

static unsigned char *element(const struct cs_output *output, size_t i) {
    size_t stride = output->stride ? output->stride : output_element_size(output->type);
    unsigned char *data = output->data;
    if (output->block)
        return data + (i / output->block) * output->block_stride + (i % output->block) * stride;
    return data + i * stride;
}

/*
 * Elements from `i` on that lie one behind the other, at least one: moved in one go, since every process
 * verifies every arm twice and would otherwise spend more time there than on timing.
 */
static size_t count_adjacent(const struct cs_output *output, size_t i) {
    if (output->stride && output->stride != output_element_size(output->type))
        return 1;
    size_t block = output->block ? output->block - i % output->block : output->count;
    return block < output->count - i ? block : output->count - i;
}

static void copy_element(unsigned char *to, const unsigned char *from, size_t size) {
    if (size == sizeof(uint32_t))
        memcpy(to, from, sizeof(uint32_t));
    else if (size == sizeof(uint64_t))
        memcpy(to, from, sizeof(uint64_t));
    else
        memcpy(to, from, size);
}

void output_poison(const struct cs_output *outputs, size_t count, unsigned salt) {
    int pattern = (int)(0xa5u ^ (salt * 0x1du & 0x3fu));
    unsigned char poison[sizeof(uint64_t)];
    memset(poison, pattern, sizeof poison);
    for (size_t o = 0; o < count; o++) {
        size_t size = output_element_size(outputs[o].type);
        for (size_t i = 0, adjacent; outputs[o].data && i < outputs[o].count; i += adjacent) {
            adjacent = count_adjacent(&outputs[o], i);
            if (adjacent == 1) /* a copy of constant size is one store */
                copy_element(element(&outputs[o], i), poison, size);
            else
                memset(element(&outputs[o], i), pattern, adjacent * size);
        }
    }
}

static void copy_elements(unsigned char *to, const struct cs_output *output, size_t size) {
    for (size_t i = 0, adjacent; i < output->count; i += adjacent) {
        const unsigned char *from = element(output, i);
        adjacent = count_adjacent(output, i);
        if (adjacent == 1)
            copy_element(to + i * size, from, size);
        else
            memcpy(to + i * size, from, adjacent * size);
    }
}

int answer_copy(struct answer *answer, const struct cs_output *outputs, size_t count) {
    memset(answer, 0, sizeof *answer);
    if (count > CS_MAX_OUTPUTS)
        return -EINVAL;
    for (size_t o = 0; o < count; o++) {
        size_t size = output_element_size(outputs[o].type);
        if (!size || (!outputs[o].data && outputs[o].count)) {
            answer_clear(answer);
            return -EINVAL;
        }
        snprintf(answer->outputs[o].name, sizeof answer->outputs[o].name, "%s",
                 outputs[o].name ? outputs[o].name : "output");
        answer->outputs[o].type = outputs[o].type;
        answer->outputs[o].count = outputs[o].count;
        answer->outputs[o].data = malloc(outputs[o].count ? outputs[o].count * size : 1);
        answer->count = o + 1;
        if (!answer->outputs[o].data) {
            answer_clear(answer);
            return -ENOMEM;
        }
        copy_elements(answer->outputs[o].data, &outputs[o], size);
    }
    return 0;
}

void answer_clear(struct answer *answer) {
    for (size_t o = 0; o < answer->count; o++)
        free(answer->outputs[o].data);
    memset(answer, 0, sizeof *answer);
}

static void print_element(enum cs_type type, const unsigned char *data, char *text, size_t size) {
    union {
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
        float f32;
        double f64;
    } value = {0};
    memcpy(&value, data, output_element_size(type));
    switch (type) {
    case CS_U8:
        snprintf(text, size, "%u", data[0]);
        break;
    case CS_U32:
        snprintf(text, size, "%" PRIu32, value.u32);
        break;
    case CS_I32:
        snprintf(text, size, "%" PRId32, value.i32);
        break;
    case CS_U64:
        snprintf(text, size, "%" PRIu64, value.u64);
        break;
    case CS_I64:
        snprintf(text, size, "%" PRId64, value.i64);
        break;
    case CS_F32:
        snprintf(text, size, "%.9g", (double)value.f32);
        break;
    case CS_F64:
        snprintf(text, size, "%.17g", value.f64);
        break;
    }
}

static double as_double(enum cs_type type, const unsigned char *data) {
    if (type == CS_F32) {
        float value;
        memcpy(&value, data, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, data, sizeof value);
    return value;
}

static bool close_enough(enum cs_type type, const unsigned char *a, const unsigned char *b,
                         double tolerance) {
    if (tolerance <= 0 || (type != CS_F32 && type != CS_F64))
        return false;
    double x = as_double(type, a), y = as_double(type, b);
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y);
    return fabs(x - y) <= tolerance * fmax(fabs(x), fabs(y));
}

static bool shape_equal(const struct answer *expected, const struct answer *got,
                        struct cs_mismatch *mismatch) {
    *mismatch = (struct cs_mismatch){.output = "number of outputs"};
    snprintf(mismatch->got, sizeof mismatch->got, "%zu", got->count);
    snprintf(mismatch->expected, sizeof mismatch->expected, "%zu", expected->count);
    if (expected->count != got->count)
        return false;
    for (size_t o = 0; o < expected->count; o++) {
        mismatch->output = expected->outputs[o].name;
        snprintf(mismatch->got, sizeof mismatch->got, "%zu elements", got->outputs[o].count);
        snprintf(mismatch->expected, sizeof mismatch->expected, "%zu elements", expected->outputs[o].count);
        if (expected->outputs[o].count != got->outputs[o].count)
            return false;
        snprintf(mismatch->got, sizeof mismatch->got, "elements of another type");
        if (expected->outputs[o].type != got->outputs[o].type)
            return false;
    }
    return true;
}

bool answer_equal(const struct answer *expected, const struct answer *got, double tolerance,
                  struct cs_mismatch *mismatch) {
    if (!shape_equal(expected, got, mismatch))
        return false;
    for (size_t o = 0; o < expected->count; o++) {
        enum cs_type type = expected->outputs[o].type;
        size_t size = output_element_size(type);
        if (!memcmp(expected->outputs[o].data, got->outputs[o].data, expected->outputs[o].count * size))
            continue;
        for (size_t i = 0; i < expected->outputs[o].count; i++) {
            const unsigned char *a = expected->outputs[o].data + i * size,
                                *b = got->outputs[o].data + i * size;
            if (!memcmp(a, b, size) || close_enough(type, a, b, tolerance))
                continue;
            *mismatch = (struct cs_mismatch){.output = expected->outputs[o].name, .index = i};
            print_element(type, b, mismatch->got, sizeof mismatch->got);
            print_element(type, a, mismatch->expected, sizeof mismatch->expected);
            return false;
        }
    }
    return true;
}
