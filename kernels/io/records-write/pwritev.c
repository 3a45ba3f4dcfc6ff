/*
 * One system call a batch, which collects each record from where its owner keeps it: a cache line of its own.
 */
#include "records-write.h"

/* The most entries Linux takes in one call (UIO_MAXIOV, readv(2)). */
#define VECTOR_MAX 1024

/* Writes the first `length` slots at `offset`; what a short write left over is offered again. */
static int pwritev_whole(const struct records_write *state, size_t length, off_t offset) {
    struct iovec *entry = state->vector;
    for (size_t i = 0; i < length; i++)
        entry[i] = (struct iovec){state->slots + i * state->slot_size, state->size};
    while (length) {
        ssize_t written =
            pwritev(state->descriptor, entry, (int)(length < VECTOR_MAX ? length : VECTOR_MAX), offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        offset += written;
        for (; length && (size_t)written >= entry->iov_len; entry++, length--)
            written -= (ssize_t)entry->iov_len;
        if (written) {
            entry->iov_base = (unsigned char *)entry->iov_base + written;
            entry->iov_len -= (size_t)written;
        }
    }
    return 0;
}

void run_pwritev(void *opaque) {
    struct records_write *state = opaque;
    for (size_t first = 0; first < state->count; first += state->batch) {
        size_t length = batch_length(state, first);
        for (size_t i = 0; i < length; i++)
            encode_record(state->slots + i * state->slot_size, state->size, state->keys[first + i]);
        int status = pwritev_whole(state, length, (off_t)(first * state->size));
        if (status) {
            state->error = status;
            return;
        }
    }
}

int prepare_pwritev(const struct cs_env *env, void *opaque) {
    struct records_write *state = opaque;
    state->slot_size = (state->size + CS_LINE - 1) / CS_LINE * CS_LINE;
    state->slots = cs_array(env, "slots", state->batch * state->slot_size, unsigned char);
    state->vector = cs_array(env, "vector", state->batch, struct iovec);
    return 0;
}
