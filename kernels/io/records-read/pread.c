/* One system call a batch, at an offset of its own: the descriptor's position is neither read nor moved. */
#include "records-read.h"

static int pread_whole(int descriptor, unsigned char *data, size_t size, off_t offset) {
    while (size) {
        ssize_t got = pread(descriptor, data, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? -errno : -EIO;
        data += got;
        offset += got;
        size -= (size_t)got;
    }
    return 0;
}

void run_pread(void *opaque) {
    struct records_read *state = opaque;
    for (size_t first = 0; first < state->count; first += state->batch) {
        size_t length = batch_length(state, first);
        int status =
            pread_whole(state->descriptor, state->pread, length * state->size, (off_t)(first * state->size));
        if (status) {
            state->error = status;
            return;
        }
        for (size_t i = 0; i < length; i++)
            state->sums[first + i] = checksum_record(state->pread + i * state->size, state->size);
    }
}

int prepare_pread(const struct cs_env *env, void *opaque) {
    struct records_read *state = opaque;
    state->pread = cs_array(env, "batch", state->batch * state->size, unsigned char);
    return 0;
}
