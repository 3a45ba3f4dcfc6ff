/* The C library batches: one fwrite a record, into the stream's own buffer. */
#include "records-write.h"

void run_stdio(void *opaque) {
    struct records_write *state = opaque;
    if (fseek(state->stream, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        encode_record(state->record, state->size, state->keys[i]);
        if (fwrite(state->record, state->size, 1, state->stream) != 1) {
            state->error = -errno;
            return;
        }
    }
    if (fflush(state->stream))
        state->error = -errno;
}

int prepare_stdio(const struct cs_env *env, void *opaque) {
    struct records_write *state = opaque;
    state->stream = fopen(state->path, "r+e");
    return state->stream ? 0 : cs_fail(env, errno, "cannot open %s: %s", state->path, strerror(errno));
}

void release_stdio(void *opaque) {
    struct records_write *state = opaque;
    fclose(state->stream);
}
