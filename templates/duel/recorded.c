/* Calls that a program made, out of the file that `countersign duel --record` wrote: docs/DUEL.md, "Recorded inputs". */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdlib.h>
#include <string.h>

#include "duel.h"

#define ABSENT UINT64_MAX /* elements of an array that was a null pointer */

size_t duel_recorded_elements(const unsigned char *value, bool *null) {
    uint64_t count;
    memcpy(&count, value, sizeof count);
    *null = count == ABSENT;
    return *null ? 0 : (size_t)count;
}

/* Bytes of a value at `from`, of which `left` follow; 0: they are not all there. */
static size_t size_of(const struct duel_argument *argument, const unsigned char *from, size_t left) {
    bool null;
    if (argument->role == DUEL_SCALAR)
        return argument->size <= left ? argument->size : 0;
    size_t elements = left < sizeof(uint64_t) ? 0 : duel_recorded_elements(from, &null);
    return left < sizeof(uint64_t) || elements > (left - sizeof(uint64_t)) / argument->size
               ? 0
               : sizeof(uint64_t) + elements * argument->size;
}

/* False: there is less, or more, than the calls. */
static bool find_values(const struct duel_recorded *recorded, const struct duel_argument *arguments,
                        size_t count, struct duel_calls *calls) {
    const unsigned char *from = calls->bytes, *end = from + recorded->bytes;
    for (size_t i = 0; i < recorded->calls * count; i++) {
        size_t size = size_of(&arguments[i % count], from, (size_t)(end - from));
        if (size == 0)
            return false;
        calls->values[i] = from;
        from += size;
    }
    return from == end;
}

/* The digest stands at the end of the head: another file of that name has another one. */
static bool read_bytes(FILE *file, const struct duel_recorded *recorded, unsigned char *to) {
    char digest[32] = "";
    size_t length = strlen(recorded->digest);
    return length < sizeof digest && recorded->offset > length + 2 &&
           fseek(file, (long)(recorded->offset - length - 2), SEEK_SET) == 0 &&
           fread(digest, 1, length, file) == length && !strcmp(digest, recorded->digest) &&
           fseek(file, (long)recorded->offset, SEEK_SET) == 0 &&
           fread(to, 1, recorded->bytes, file) == recorded->bytes && fgetc(file) == EOF;
}

int duel_read_calls(const struct cs_env *env, const struct duel_recorded *recorded,
                    const struct duel_argument *arguments, size_t argument_count, struct duel_calls *calls) {
    FILE *file = fopen(recorded->path, "re");
    if (!file)
        return cs_fail(env, errno, "%s", recorded->path);
    calls->bytes = malloc(recorded->bytes + 1);
    calls->values = malloc(recorded->calls * argument_count * sizeof *calls->values + 1);
    bool room = calls->bytes && calls->values;
    bool good = room && read_bytes(file, recorded, calls->bytes) &&
                find_values(recorded, arguments, argument_count, calls);
    fclose(file);
    if (good)
        return 0;
    duel_forget_calls(calls);
    return cs_fail(env, room ? EINVAL : ENOMEM, "%s: %s", recorded->path,
                   room ? "is not the file of recorded calls that it was; begin again"
                        : "no memory for its calls");
}

void duel_forget_calls(struct duel_calls *calls) {
    free(calls->bytes);
    free(calls->values);
    *calls = (struct duel_calls){0};
}
