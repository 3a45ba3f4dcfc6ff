/* One system call a batch, which lays each record where its owner wants it: a cache line of its own. */
#include "records-read.h"

/* The most entries Linux takes in one call (UIO_MAXIOV, readv(2)). */
#define VECTOR_MAX 1024

/* Points the first `length` entries of the vector at whole slots. */
static void aim_at_slots(const struct records_read *state, size_t length) {
    for (size_t i = 0; i < length; i++)
        state->vector[i] = (struct iovec){state->slots + i * state->slot_size, state->size};
}

/* Reads `length` records at `offset` into the slots; what a short read left out is asked for again. */
static int preadv_whole(const struct records_read *state, size_t length, off_t offset) {
    struct iovec *entry = state->vector;
    aim_at_slots(state, length);
    while (length) {
        ssize_t got =
            preadv(state->descriptor, entry, (int)(length < VECTOR_MAX ? length : VECTOR_MAX), offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? -errno : -EIO;
        offset += got;
        for (; length && (size_t)got >= entry->iov_len; entry++, length--)
            got -= (ssize_t)entry->iov_len;
        if (got) {
            entry->iov_base = (unsigned char *)entry->iov_base + got;
            entry->iov_len -= (size_t)got;
        }
    }
    return 0;
}

void run_preadv(void *opaque) {
    struct records_read *state = opaque;
    for (size_t first = 0; first < state->count; first += state->batch) {
        size_t length = batch_length(state, first);
        int status = preadv_whole(state, length, (off_t)(first * state->size));
        if (status) {
            state->error = status;
            return;
        }
        for (size_t i = 0; i < length; i++)
            state->sums[first + i] = checksum_record(state->slots + i * state->slot_size, state->size);
    }
}

int prepare_preadv(const struct cs_env *env, void *opaque) {
    struct records_read *state = opaque;
    state->slot_size = (state->size + CS_LINE - 1) / CS_LINE * CS_LINE;
    state->slots = cs_array(env, "slots", state->batch * state->slot_size, unsigned char);
    state->vector = cs_array(env, "vector", state->batch, struct iovec);
    return 0;
}
