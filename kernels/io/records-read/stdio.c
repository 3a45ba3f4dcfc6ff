/* The C library batches: one fread a record, out of the stream's own buffer. */
#include "records-read.h"

void run_stdio(void *opaque) {
    struct records_read *state = opaque;
    if (fseek(state->stream, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        if (fread(state->record, state->size, 1, state->stream) != 1) {
            state->error = ferror(state->stream) && errno ? -errno : -EIO;
            return;
        }
        state->sums[i] = checksum_record(state->record, state->size);
    }
}

int prepare_stdio(const struct cs_env *env, void *opaque) {
    struct records_read *state = opaque;
    state->stream = fopen(state->path, "re");
    return state->stream ? 0 : cs_fail(env, errno, "cannot open %s: %s", state->path, strerror(errno));
}

void release_stdio(void *opaque) {
    struct records_read *state = opaque;
    fclose(state->stream);
}
