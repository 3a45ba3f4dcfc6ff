/* The loop of both variants of io_uring: as many requests as the depth allows are kept in flight. */
#ifndef ASYNC_IO_RING_H
#define ASYNC_IO_RING_H

#include "async-io.h"

/* Puts a request into the ring's memory; no system call yet. */
static inline void add_request(struct reads *reads, struct ring *ring, size_t item, uint32_t block,
                               int fixed) {
    unsigned slot = ring->free[--ring->free_count];
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->io); /* there is one: the ring has `depth` */
    unsigned char *buffer = buffer_of(reads, slot);
    if (fixed) {
        io_uring_prep_read_fixed(entry, 0, buffer, (unsigned)reads->block, (uint64_t)offset_of(reads, block),
                                 0);
        io_uring_sqe_set_flags(entry, IOSQE_FIXED_FILE);
    } else
        io_uring_prep_read(entry, reads->descriptor, buffer, (unsigned)reads->block,
                           (uint64_t)offset_of(reads, block));
    io_uring_sqe_set_data64(entry, slot);
    reads->in_flight += reads->depth - ring->free_count;
    ring->slots[slot] = (struct slot){item, cs_begin(reads->recorder)};
}

/* Takes all blocks that have come. */
static inline void take_completions(struct reads *reads, struct ring *ring) {
    struct io_uring_cqe *entry;
    unsigned head, taken = 0;
    io_uring_for_each_cqe(&ring->io, head, entry) {
        unsigned slot = (unsigned)entry->user_data;
        take_block(reads, ring->slots[slot].item, buffer_of(reads, slot), entry->res);
        cs_end(reads->recorder, ring->slots[slot].begun);
        ring->free[ring->free_count++] = slot;
        taken++;
    }
    io_uring_cq_advance(&ring->io, taken);
}

/* One system call hands in what is new and waits for the first to come. After an error what is in flight is waited for. */
static inline void run_ring(struct reads *reads, struct ring *ring, int fixed) {
    const uint32_t *blocks = take_blocks(reads);
    size_t begun = 0;
    while ((begun < reads->count && reads->error == 0) || ring->free_count < reads->depth) {
        for (; begun < reads->count && reads->error == 0 && ring->free_count; begun++)
            add_request(reads, ring, begun, blocks[begun], fixed);
        int status = io_uring_submit_and_wait(&ring->io, 1);
        if (status < 0 && status != -EINTR) {
            reads->error = status;
            return;
        }
        take_completions(reads, ring);
    }
}

/* A ring of `depth` requests. 0, or -errno with the reason. */
static inline int make_ring(const struct cs_env *env, struct reads *reads, struct ring *ring) {
    ring->slots = cs_array(env, "requests", reads->depth, struct slot);
    ring->free = cs_array(env, "free requests", reads->depth, unsigned);
    for (ring->free_count = 0; ring->free_count < reads->depth; ring->free_count++)
        ring->free[ring->free_count] = (unsigned)ring->free_count;
    int status = io_uring_queue_init((unsigned)reads->depth, &ring->io, 0);
    return status == 0 ? 0
                       : cs_fail(env, -status, "cannot make a ring for %zu requests: %s", reads->depth,
                                 strerror(-status));
}

#endif
