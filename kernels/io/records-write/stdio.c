/* The C library batches: one fwrite a record, into the stream's own buffer. */
#include "records-write.h"

void run_stdio(void *opaque) {
    struct records_write *state = opaque;
    if (fseek(state->stream, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        encode_record(state->buffer, state->size, state->keys[i]);
        if (fwrite(state->buffer, state->size, 1, state->stream) != 1) {
            state->error = -errno;
            return;
        }
    }
    if (fflush(state->stream))
        state->error = -errno;
}
