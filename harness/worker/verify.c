#include "worker/verify.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

size_t output_element_size(enum cs_type type) {
    switch (type) {
    case CS_U8:
        return 1;
    case CS_U16:
    case CS_I16:
        return 2;
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

static void copy_element(unsigned char *to, const unsigned char *from, size_t size) {
    if (size == sizeof(uint32_t)) /* a copy of constant size is one load and one store */
        memcpy(to, from, sizeof(uint32_t));
    else if (size == sizeof(uint64_t))
        memcpy(to, from, sizeof(uint64_t));
    else
        memcpy(to, from, size);
}

/*
 * Copies the elements of an output to `to`, one behind the other, or, where `to` is NULL, `poison` over each
 * of them. Block by block and without a division for each element: every process verifies every arm, and
 * would otherwise spend more time there than on timing.
 */
static void walk_elements(const struct cs_output *output, unsigned char *to, const unsigned char *poison) {
    size_t size = output_element_size(output->type), stride = output->stride ? output->stride : size;
    size_t block = output->block ? output->block : output->count;
    unsigned char *start = output->data;
    for (size_t done = 0; done < output->count; done += block, start += output->block_stride) {
        size_t count = output->count - done < block ? output->count - done : block;
        if (stride == size && to) {
            memcpy(to, start, count * size);
            to += count * size;
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (!to)
                copy_element(start + i * stride, poison, size);
            else
                copy_element(to + i * size, start + i * stride, size);
        }
        to = to ? to + count * size : NULL;
    }
}

void output_poison(const struct cs_output *outputs, size_t count, unsigned salt) {
    unsigned char poison[sizeof(uint64_t)];
    memset(poison, (int)(0xa5u ^ (salt * 0x1du & 0x3fu)), sizeof poison);
    for (size_t o = 0; o < count; o++)
        if (outputs[o].data)
            walk_elements(&outputs[o], NULL, poison);
}

void output_spoil(const struct cs_output *outputs, size_t count, uint64_t seed, bool touch) {
    struct cs_random random = cs_random_seed(seed);
    for (size_t o = 0; o < count; o++) {
        const struct cs_output *output = &outputs[o];
        size_t size = output_element_size(output->type), stride = output->stride ? output->stride : size;
        size_t block = output->block ? output->block : output->count;
        uint32_t elements = 1u << cs_random_below(&random, 5);
        for (uint32_t i = 0; i < elements && output->data && output->count; i++) {
            size_t element = cs_random_u64(&random) % output->count;
            volatile unsigned char *place = (unsigned char *)output->data +
                                            element / block * output->block_stride + element % block * stride;
            unsigned char bits = touch ? 0 : (unsigned char)(1 + cs_random_below(&random, 255));
            for (size_t byte = 0; byte < size; byte++)
                place[byte] ^= bits;
        }
    }
}

/* Of all outputs together; each begins at a multiple of 64. 0: an output has no data or no type. */
static size_t count_bytes(const struct cs_output *outputs, size_t count) {
    size_t bytes = 64;
    for (size_t o = 0; o < count; o++) {
        size_t size = output_element_size(outputs[o].type);
        if (!size || (!outputs[o].data && outputs[o].count))
            return 0;
        bytes += (outputs[o].count * size + 63) / 64 * 64;
    }
    return bytes;
}

/*
 * A mapping of its own: the kernel's heap stays as the kernel left it. In huge pages where there are any,
 * since each process would otherwise spend more time on page faults here than on timing.
 */
int answer_copy(struct answer *answer, const struct cs_output *outputs, size_t count) {
    memset(answer, 0, sizeof *answer);
    size_t bytes = count <= CS_MAX_OUTPUTS ? count_bytes(outputs, count) : 0;
    if (bytes == 0)
        return -EINVAL;
    unsigned char *next = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (next == MAP_FAILED)
        return -ENOMEM;
    madvise(next, bytes, MADV_HUGEPAGE);
    answer->memory = next;
    answer->bytes = bytes;
    answer->count = count;
    for (size_t o = 0; o < count; o++) {
        size_t size = output_element_size(outputs[o].type);
        snprintf(answer->outputs[o].name, sizeof answer->outputs[o].name, "%s",
                 outputs[o].name ? outputs[o].name : "output");
        answer->outputs[o].type = outputs[o].type;
        answer->outputs[o].count = outputs[o].count;
        answer->outputs[o].data = next;
        walk_elements(&outputs[o], next, NULL);
        next += (outputs[o].count * size + 63) / 64 * 64;
    }
    return 0;
}

void answer_clear(struct answer *answer) {
    if (answer->memory)
        munmap(answer->memory, answer->bytes);
    memset(answer, 0, sizeof *answer);
}

static void print_element(enum cs_type type, const unsigned char *data, char *text, size_t size) {
    union {
        uint16_t u16;
        int16_t i16;
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
    case CS_U16:
        snprintf(text, size, "%u", value.u16);
        break;
    case CS_I16:
        snprintf(text, size, "%d", value.i16);
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

void answer_view(const struct answer *answer, struct cs_output *outputs) {
    for (size_t o = 0; o < answer->count; o++)
        outputs[o] = (struct cs_output){.name = answer->outputs[o].name,
                                        .data = answer->outputs[o].data,
                                        .count = answer->outputs[o].count,
                                        .type = answer->outputs[o].type};
}

bool answer_has_shape(const struct answer *expected, const struct answer *got) {
    struct cs_mismatch mismatch;
    return shape_equal(expected, got, &mismatch);
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
