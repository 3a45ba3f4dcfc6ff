/* The C library batches: one fread a record, out of the stream's own buffer. */
#include "records-read.h"

void run_stdio(void *opaque) {
    struct records_read *state = opaque;
    if (fseek(state->stream, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        if (fread(state->buffer, state->size, 1, state->stream) != 1) {
            state->error = ferror(state->stream) && errno ? -errno : -EIO;
            return;
        }
        state->sums[i] = checksum_record(state->buffer, state->size);
    }
}
