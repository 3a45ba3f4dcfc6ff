#include "record/call_values.h"

#include "record/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE ((uint64_t)4096)

/* Values as they were passed, each in whole eightbytes. */
struct values {
    uint64_t words[SIGNATURE_PARAMETERS][2];
    uint64_t places[SIGNATURE_PARAMETERS]; /* of one in memory; 0: it is in `words` */
};

/* What is still to be given out. */
struct passing {
    const struct call_registers *registers;
    unsigned whole, real;
    uint64_t stack;
};

/* One field that is a whole number makes its eightbyte one. */
static bool is_real(const struct scalar_type *type, unsigned eightbyte) {
    if (type->pointer)
        return false;
    if (type->field_count == 0)
        return type->kind == SCALAR_FLOAT;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct scalar_field *field = &type->fields[i];
        for (unsigned k = 0; k < field->count; k++)
            if ((field->offset + k * field->stride) / 8 == eightbyte && field->kind != SCALAR_FLOAT)
                return false;
    }
    return true;
}

static unsigned size_of(const struct scalar_type *type) {
    return type->pointer || type->kind == SCALAR_CALLBACK ? sizeof(void *) : type->size;
}

void call_values_defaults(const struct signature *signature, struct argument *arguments) {
    generate_defaults(signature, arguments);
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        if (type->pointer && !type->rows && type->constant && type->kind == SCALAR_TEXT &&
            arguments[i].length != (int)i + 1)
            arguments[i].length = -1;
    }
}

bool call_values_have_reals(const struct signature *signature) {
    bool any = false;
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        any |= size_of(type) <= 16 && (is_real(type, 0) || (size_of(type) > 8 && is_real(type, 1)));
    }
    return any;
}

/* In registers, if there are enough for all of it; else on the stack. */
static void take(struct passing *passing, const struct scalar_type *type, uint64_t words[2],
                 uint64_t *place) {
    unsigned size = size_of(type), count = (size + 7) / 8, reals = 0;
    for (unsigned i = 0; i < count && count <= 2; i++)
        reals += is_real(type, i);
    if (count <= 2 && passing->whole + count - reals <= 6 && passing->real + reals <= 8) {
        for (unsigned i = 0; i < count; i++)
            if (is_real(type, i))
                memcpy(&words[i], passing->registers->real[passing->real++], 8);
            else
                words[i] = passing->registers->whole[passing->whole++];
        return;
    }
    *place = passing->stack;
    passing->stack += 8 * (uint64_t)count;
}

/* A structure that is returned in memory takes the first register, for its address. */
static void take_all(const struct signature *signature, const struct call_registers *registers,
                     struct values *values) {
    const struct scalar_type *result = &signature->result;
    struct passing passing = {registers, !result->pointer && result->size > 16, 0, registers->stack};
    *values = (struct values){0};
    for (size_t i = 0; i < signature->count; i++)
        take(&passing, &signature->parameters[i].type, values->words[i], &values->places[i]);
}

/* What is written, and what it is read by. */
struct reading {
    memory_reader reader;
    void *context;
    uint64_t most;
    unsigned char *bytes;
    size_t size, room;
};

/* Room behind what there is. NULL with *status. */
static unsigned char *extend(struct reading *reading, uint64_t bytes, int *status) {
    if (bytes > reading->most || reading->size + bytes > reading->most) {
        *status = -E2BIG;
        return NULL;
    }
    if (reading->size + bytes > reading->room) {
        size_t room = 2 * (reading->size + (size_t)bytes) + 64;
        unsigned char *grown = realloc(reading->bytes, room);
        if (!grown) {
            *status = -ENOMEM;
            return NULL;
        }
        reading->bytes = grown;
        reading->room = room;
    }
    unsigned char *to = reading->bytes + reading->size;
    reading->size += (size_t)bytes;
    return to;
}

static int copy(struct reading *reading, const void *from, size_t size) {
    int status = 0;
    unsigned char *to = extend(reading, size, &status);
    if (to)
        memcpy(to, from, size);
    return status;
}

static int read_memory(struct reading *reading, uint64_t address, uint64_t size) {
    int status = 0;
    unsigned char *to = size ? extend(reading, size, &status) : NULL;
    return to ? reading->reader(reading->context, address, to, (size_t)size) : status;
}

/* Characters before the 0; page by page, since the next one may not be there. */
static int find_length(const struct reading *reading, uint64_t address, uint64_t *length) {
    char piece[PAGE];
    for (*length = 0; *length <= reading->most;) {
        uint64_t at = address + *length, size = PAGE - at % PAGE;
        int status = reading->reader(reading->context, at, piece, (size_t)size);
        if (status)
            return status;
        const char *end = memchr(piece, 0, (size_t)size);
        *length += end ? (uint64_t)(end - piece) : size;
        if (end)
            return 0;
    }
    return -E2BIG;
}

static int64_t whole_of(const struct scalar_type *type, uint64_t word) {
    unsigned shift = 64 - 8 * type->size;
    return type->kind == SCALAR_SIGNED ? (int64_t)(word << shift) >> shift
                                       : (int64_t)(word << shift >> shift);
}

/* A length below 0 is none. What is above all memory is too much for `most`. */
static int count_elements(const struct reading *reading, const struct signature *signature,
                          const struct argument *argument, const struct values *values, size_t i,
                          uint64_t *count) {
    const struct scalar_type *type = &signature->parameters[i].type;
    if (argument->factor && argument->length < 0)
        return find_length(reading, values->words[i][0], count);
    int64_t length = argument->length < 0 ? 0
                                          : whole_of(&signature->parameters[argument->length].type,
                                                     values->words[argument->length][0]);
    uint64_t whole = length > 0 || (argument->length >= 0 &&
                                    signature->parameters[argument->length].type.kind == SCALAR_UNSIGNED)
                         ? (uint64_t)length
                         : 0;
    if (__builtin_mul_overflow(argument->factor, whole, count) ||
        __builtin_add_overflow(argument->extra, *count, count) || *count > reading->most / type->size)
        return -E2BIG;
    return 0;
}

static int read_array(struct reading *reading, const struct signature *signature,
                      const struct argument *arguments, const struct values *values, size_t i) {
    uint64_t address = values->words[i][0], count = RECORDING_NULL;
    int status = address ? count_elements(reading, signature, &arguments[i], values, i, &count) : 0;
    if (status == 0)
        status = copy(reading, &count, sizeof count);
    return status || !address ? status
                              : read_memory(reading, address, count * signature->parameters[i].type.size);
}

/* What is passed on the stack is needed before the arrays that it is the length of. */
static int fetch_stack(struct reading *reading, const struct signature *signature, struct values *values) {
    int status = 0;
    for (size_t i = 0; i < signature->count && status == 0; i++)
        if (values->places[i] && size_of(&signature->parameters[i].type) <= 16)
            status = reading->reader(reading->context, values->places[i], values->words[i],
                                     (size_of(&signature->parameters[i].type) + 7) / 8 * 8);
    return status;
}

int call_values_read(const struct signature *signature, const struct argument *arguments,
                     const struct call_registers *registers, memory_reader reader, void *context,
                     uint64_t most, unsigned char **bytes, size_t *size) {
    struct values values;
    struct reading reading = {.reader = reader, .context = context, .most = most};
    take_all(signature, registers, &values);
    int status = fetch_stack(&reading, signature, &values);
    for (size_t i = 0; i < signature->count && status == 0; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        if (type->pointer)
            status = read_array(&reading, signature, arguments, &values, i);
        else if (size_of(type) > 16)
            status = read_memory(&reading, values.places[i], size_of(type));
        else
            status = copy(&reading, values.words[i], size_of(type));
    }
    if (status)
        free(reading.bytes);
    *bytes = status ? NULL : reading.bytes;
    *size = status ? 0 : reading.size;
    return status;
}
