/* One system call a batch of records. */
#include "records-read.h"

void run_batched(void *opaque) {
    struct records_read *state = opaque;
    if (lseek(state->descriptor, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t first = 0; first < state->count; first += state->batch) {
        size_t length = batch_length(state, first);
        int status = read_whole(state->descriptor, state->batched, length * state->size);
        if (status) {
            state->error = status;
            return;
        }
        for (size_t i = 0; i < length; i++)
            state->sums[first + i] = checksum_record(state->batched + i * state->size, state->size);
    }
}

int prepare_batched(const struct cs_env *env, void *opaque) {
    struct records_read *state = opaque;
    state->batched = cs_array(env, "batch", state->batch * state->size, unsigned char);
    return 0;
}
