/* One system call a batch, at an offset of its own: the descriptor's position is neither read nor moved. */
#include "records-write.h"

static int pwrite_whole(int descriptor, const unsigned char *data, size_t size, off_t offset) {
    while (size) {
        ssize_t written = pwrite(descriptor, data, size, offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        offset += written;
        size -= (size_t)written;
    }
    return 0;
}

void run_pwrite(void *opaque) {
    struct records_write *state = opaque;
    for (size_t first = 0; first < state->count; first += state->batch) {
        size_t length = batch_length(state, first);
        for (size_t i = 0; i < length; i++)
            encode_record(state->pwrite + i * state->size, state->size, state->keys[first + i]);
        int status = pwrite_whole(state->descriptor, state->pwrite, length * state->size,
                                  (off_t)(first * state->size));
        if (status) {
            state->error = status;
            return;
        }
    }
}

int prepare_pwrite(const struct cs_env *env, void *opaque) {
    struct records_write *state = opaque;
    state->pwrite = cs_array(env, "batch", state->batch * state->size, unsigned char);
    return 0;
}
